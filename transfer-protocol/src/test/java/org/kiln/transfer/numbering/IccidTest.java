package org.kiln.transfer.numbering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.transfer.Seeds;

class IccidTest {

    @Test
    void luhnDigitIsThatOfTheStandardExample() {
        assertThat(Digits.luhn("7992739871")).isEqualTo(3);
    }

    /** The vector of Osmocom's pySim for EF.ICCID. */
    @Test
    void codingIsThatOfTheCard() {
        Iccid iccid = new Iccid("8988211000000430010");

        assertThat(iccid.coded()).isEqualTo(HexFormat.of().parseHex("988812010000400310f0"));
        assertThat(Iccid.decode(iccid.coded())).isEqualTo(iccid);
    }

    @Test
    void twentyDigitsFillAllNibbles() {
        Iccid iccid = Iccid.withCheckDigit("8944110065119832160");

        assertThat(iccid.digits()).hasSize(20);
        assertThat(iccid.coded())
                .startsWith(0x98, 0x44)
                .doesNotContain(0xF0 | iccid.digits().charAt(18) - '0');
        assertThat(Iccid.decode(iccid.coded())).isEqualTo(iccid);
    }

    @ParameterizedTest
    @CsvSource({
        "898821100000043001, has 18 digits",
        "898821100000043001000, has 21 digits",
        "8988211000000430011, Luhn",
        "8998211000000430010, Luhn",
        "898821100000043001A, position 19",
        "898821100000043001٠, position 19",
        "7988211000000430010, does not begin with 89",
        "'', has 0 digits"
    })
    void faultsAreNamed(String digits, String fault) {
        assertThatThrownBy(() -> new Iccid(digits))
                .isInstanceOf(NumberingException.class)
                .hasMessageContaining(fault)
                .hasMessageContaining("E.118");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"988812010000400310", "988812010000400310f1", "a88812010000400310f0", "ffffffffffffffffffff"})
    void octetsThatAreNoIccidAreRefused(String hex) {
        byte[] coded = HexFormat.of().parseHex(hex);

        assertThatThrownBy(() -> Iccid.decode(coded)).isInstanceOf(NumberingException.class);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyChangeOfOneDigitIsNoticed(long seed) {
        Random random = Seeds.random(seed);
        String digits = Iccid.withCheckDigit("89" + Seeds.digits(random, 16 + random.nextInt(2)))
                .digits();
        int at = 2 + random.nextInt(digits.length() - 2);
        char other = (char) ('0' + (digits.charAt(at) - '0' + 1 + random.nextInt(9)) % 10);
        String changed = digits.substring(0, at) + other + digits.substring(at + 1);

        assertThat(Iccid.decode(new Iccid(digits).coded()).digits())
                .as("seed %d", seed)
                .isEqualTo(digits);
        assertThatThrownBy(() -> new Iccid(changed))
                .as("seed %d", seed)
                .isInstanceOf(NumberingException.class)
                .hasMessageNotContaining(changed);
    }

    static LongStream seeds() {
        return Seeds.of(200);
    }
}
