package org.kiln.kms.aka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** CK′ and IK′ of RFC 9048 Appendix D, whose SQN ⊕ AK are the first octets of AUTN. */
class EapAkaPrimeTest {

    @ParameterizedTest
    @CsvSource({
        "WLAN, 5349fbe098649f948f5d2e973a81c00f, 9744871ad32bf9bbd1dd5ce54e3e2e5a, bb52e91c747a,"
                + " 0093962d0dd84aa5684b045c9edffa04, ccfc230ca74fcc96c0a5d61164f5a76c",
        "HRPD, 5349fbe098649f948f5d2e973a81c00f, 9744871ad32bf9bbd1dd5ce54e3e2e5a, bb52e91c747a,"
                + " 3820f0277fa5f77732b1fb1d90c1a0da, db94a0ab557ef6c9ab48619ca05b9a9f",
        "WLAN, c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0, b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0, a0a0a0a0a0a0,"
                + " cd4c8e5c68f57dd1d7d7dfd0c538e577, 3ece6b705dbbf7dfc459a11280c65524",
        "HRPD, c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0, b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0, a0a0a0a0a0a0,"
                + " 8310a71ce6f754889613da8f64d5fb46, 5adf14360ae838192db23f6fcb7f8c76"
    })
    void keysAreThoseOfTheRfc(String network, String ck, String ik, String sqnXorAk, String ckPrime, String ikPrime) {
        KeyDerivation kdf = new KeyDerivation();
        kdf.key(HexFormat.of().parseHex(ck + ik));
        assertThat(HexFormat.of()
                        .formatHex(kdf.ckPrimeIkPrime(
                                KeyDerivation.octets(network), HexFormat.fromHexDigitsToLong(sqnXorAk))))
                .isEqualTo(ckPrime + ikPrime);
    }
}
