package org.kiln.transfer.numbering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubscriberNumbersTest {

    /** The example IMSI of 3GPP TS 23.003 clause 19.3.2. */
    private static final String EXAMPLE = "234150999999999";

    @Test
    void imsiKnowsItsPartsAndItsSupi() {
        Imsi imsi = new Imsi(EXAMPLE);

        assertThat(imsi.mcc()).isEqualTo("234");
        assertThat(imsi.asSupi().value()).isEqualTo("imsi-234150999999999");
        assertThat(imsi.asSupi().imsi()).isEqualTo(imsi);
    }

    @ParameterizedTest
    @CsvSource({"0,0001", "1,0002", "4,0010", "9,0200"})
    void accessClassIsTheLastDigit(int digit, String efAcc) {
        Imsi imsi = new Imsi("00101000000000" + digit);

        assertThat(imsi.accessClass()).isEqualTo(digit);
        assertThat(imsi.accessControl()).isEqualTo(efAcc);
    }

    @ParameterizedTest
    @CsvSource({
        "12345, has 5 digits",
        "1234567890123456, has 16 digits",
        "00101x000000001, position 6",
        "'', has 0 digits"
    })
    void imsiFaultsAreNamed(String digits, String fault) {
        assertThatThrownBy(() -> new Imsi(digits))
                .isInstanceOf(NumberingException.class)
                .hasMessageContaining(fault)
                .hasMessageContaining("E.212");
    }

    @Test
    void logsSeeTheMaskOnly() {
        Supi supi = new Supi("imsi-" + EXAMPLE);

        assertThat(supi.masked()).isEqualTo("imsi-23415********99");
        assertThat(supi).hasToString("imsi-23415********99");
        assertThat(new Imsi(EXAMPLE)).hasToString("23415********99");
        assertThat("" + new ImsiRange(new Imsi(EXAMPLE), 1)).doesNotContain(EXAMPLE);
    }

    @ParameterizedTest
    @CsvSource({"imsi-12345,imsi-12345", "imsi-1234567,imsi-1234567", "imsi-12345678,imsi-12345*78"})
    void shortNumbersHaveLessToMask(String value, String masked) {
        assertThat(new Supi(value).masked()).isEqualTo(masked);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "imsi-1234",
                "imsi-1234567890123456",
                "imsi-12345a",
                "imsi-",
                "IMSI-12345",
                "nai-user@example.com",
                "234150999999999",
                " imsi-12345",
                "imsi-12345\n"
            })
    void otherFormsOfSupiAreRefused(String value) {
        assertThatThrownBy(() -> new Supi(value))
                .isInstanceOf(NumberingException.class)
                .hasMessageContaining("TS 29.571");
    }
}
