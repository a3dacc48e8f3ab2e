package org.kiln.transfer.numbering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.transfer.Seeds;

/** EIDs, telephone numbers, access classes, card numbers without check digit, and numbers as cards take them. */
class CardFormsTest {

    /** The example EID of GSMA's test profiles, as pySim's documentation has it. */
    private static final String EID = "89049032123451234512345678901235";

    @Test
    void eidIsOneModulo97() {
        assertThat(new BigInteger(EID).mod(BigInteger.valueOf(97))).isEqualTo(BigInteger.ONE);
        assertThat(Eid.withCheckDigits(EID.substring(0, 30))).isEqualTo(new Eid(EID));
        assertThat(new Eid(EID).swapped()).isEqualTo("98400923214315325421436587092153");
    }

    @ParameterizedTest
    @CsvSource({
        "8904903212345123451234567890123, has 31 digits",
        "89049032123451234512345678901236, check digits",
        "88049032123451234512345678901235, does not begin with 89",
        "8904903212345123451234567890123A, position 32"
    })
    void faultsOfEidsAreNamed(String digits, String fault) {
        assertThatThrownBy(() -> new Eid(digits))
                .isInstanceOf(NumberingException.class)
                .hasMessageContaining(fault)
                .hasMessageContaining("SGP.29");
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void eidsAreConsecutiveAndEachHasItsCheckDigits(long seed) {
        Random random = Seeds.random(seed);
        String payload = "89" + Seeds.digits(random, 16) + "0" + Seeds.digits(random, 11);
        EidRange range = new EidRange(Eid.withCheckDigits(payload), 1 + random.nextInt(300));
        Set<Eid> seen = new HashSet<>();
        for (long i = 0; i < range.quantity(); i++) {
            Eid eid = range.get(i);
            assertThat(new BigInteger(eid.payload()))
                    .as("seed %d index %d", seed, i)
                    .isEqualTo(new BigInteger(payload).add(BigInteger.valueOf(i)));
            assertThat(new BigInteger(eid.digits()).mod(BigInteger.valueOf(97)).intValueExact())
                    .as("seed %d index %d", seed, i)
                    .isEqualTo(1);
            seen.add(eid);
        }
        assertThat(seen).as("seed %d", seed).hasSize((int) range.quantity());
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyChangeOfOneDigitOfAnEidIsNoticed(long seed) {
        Random random = Seeds.random(seed);
        String digits = Eid.withCheckDigits("89" + Seeds.digits(random, 28)).digits();
        int at = 2 + random.nextInt(30);
        char other = (char) ('0' + (digits.charAt(at) - '0' + 1 + random.nextInt(9)) % 10);

        assertThatThrownBy(() -> new Eid(digits.substring(0, at) + other + digits.substring(at + 1)))
                .as("seed %d", seed)
                .isInstanceOf(NumberingException.class);
    }

    @Test
    void eidsEndWithTheIndividualNumber() {
        Eid last = Eid.withCheckDigits("890490321234512345" + "999999999999");

        assertThat(new EidRange(last, 1).get(0)).isEqualTo(last);
        assertThatThrownBy(() -> new EidRange(last, 2)).isInstanceOf(NumberingException.Overflow.class);
    }

    @ParameterizedTest
    @CsvSource({
        "1234, has 4 digits",
        "1234567890123456, has 16 digits",
        "0123456789, begins with 0",
        "+12345678, position 1"
    })
    void faultsOfTelephoneNumbersAreNamed(String digits, String fault) {
        assertThatThrownBy(() -> new Msisdn(digits))
                .isInstanceOf(NumberingException.class)
                .hasMessageContaining(fault)
                .hasMessageContaining("E.164");
    }

    @Test
    void telephoneNumbersAreCountedWithinTheCountryAndMaskedInLogs() {
        MsisdnRange range = new MsisdnRange(new Msisdn("491700000009"), 2);

        assertThat(range.get(1).digits()).isEqualTo("491700000010");
        assertThat(range.get(1)).hasToString("49170*****10");
        assertThat(range.get(0).swapped()).isEqualTo("947100000090FFFFFFFF");
        assertThat(range.overlaps(new MsisdnRange(new Msisdn("491700000010"), 5)))
                .isTrue();
        assertThatThrownBy(() -> new MsisdnRange(new Msisdn("491999999999"), 2))
                .isInstanceOf(NumberingException.Overflow.class);
    }

    @Test
    void accessClassIsOneBitOfTheLastDigit() {
        assertThat(Acc.of(new Imsi("001010000000007")).hex()).isEqualTo("0080");
        assertThat(Acc.of(new Imsi("001010000000000")).withSpecial(15).hex()).isEqualTo("8001");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 0x400, 0x401, 0x10001, -1, 0x8000})
    void bitsThatNoCardHasAreRefused(int bits) {
        assertThatThrownBy(() -> new Acc(bits)).isInstanceOf(NumberingException.class);
    }

    /** The vector of Osmocom's pySim for EF.IMSI. */
    @Test
    void imsiIsCodedAsOnTheCard() {
        Imsi imsi = new Imsi("262010000000091");

        assertThat(imsi.swapped()).isEqualTo("082926100000000019");
        assertThat(new Imsi("26201000000009").swapped()).isEqualTo("0821261000000000F9");
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whatACardTakesGivesTheNumberBack(long seed) {
        Random random = Seeds.random(seed);
        Imsi imsi = new Imsi(Seeds.digits(random, 6 + random.nextInt(10)));
        Iccid iccid = new Iccid("89" + Seeds.digits(random, 16 + random.nextInt(3)), Iccid.CheckDigit.NONE);

        assertThat(Imsi.decode(imsi.coded())).as("seed %d", seed).isEqualTo(imsi);
        assertThat(Iccid.decode(iccid.coded(), Iccid.CheckDigit.NONE))
                .as("seed %d", seed)
                .isEqualTo(iccid);
    }

    @ParameterizedTest
    @ValueSource(strings = {"082926100000000018ff", "0729261000000000ff19", "082126100000000019", "ffffffffffffffffff"})
    void octetsThatAreNoImsiAreRefused(String hex) {
        byte[] coded = HexFormat.of().parseHex(hex);

        assertThatThrownBy(() -> Imsi.decode(coded)).isInstanceOf(NumberingException.class);
    }

    @Test
    void cardNumbersWithoutCheckDigitCountOverEveryDigit() {
        IccidRange range = new IccidRange(new Iccid("89882110000004300099", Iccid.CheckDigit.NONE), 2);

        assertThat(range.get(1).digits()).isEqualTo("89882110000004300100");
        assertThat(range.get(1).payload()).isEqualTo("89882110000004300100");
        assertThatThrownBy(() -> new Iccid("898821100000043001")).isInstanceOf(NumberingException.class);
        assertThat(new Iccid("898821100000043001", Iccid.CheckDigit.NONE).payload())
                .isEqualTo("898821100000043001");
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void rangesWithAndWithoutCheckDigitThatShareACardOverlap(long seed) {
        Random random = Seeds.random(seed);
        IccidRange plain = new IccidRange(
                new Iccid("8988" + "0".repeat(12) + Seeds.digits(random, 3), Iccid.CheckDigit.NONE),
                1 + random.nextInt(40));
        IccidRange luhn = new IccidRange(
                Iccid.withCheckDigit("8988" + "0".repeat(12) + Seeds.digits(random, 2)), 1 + random.nextInt(9));
        Set<String> numbers = new HashSet<>();
        for (long i = 0; i < plain.quantity(); i++) {
            numbers.add(plain.get(i).digits());
        }
        for (long i = 0; i < luhn.quantity(); i++) {
            if (numbers.contains(luhn.get(i).digits())) {
                assertThat(plain.overlaps(luhn)).as("seed %d", seed).isTrue();
                assertThat(luhn.overlaps(plain)).as("seed %d", seed).isTrue();
            }
        }
    }

    static LongStream seeds() {
        return Seeds.of(200);
    }
}
