package org.kiln.kms.suci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kiln.kms.keys.Curve;

class SuciCalcInfoTest {

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    /** The keys of TS 33.501 Annex C.4. */
    private static final String A = "5A8D38864820197C3394B92613B20B91633CBD897119273BF8E4A6F4EEC0A650";

    private static final String B = "0272DA71976234CE833A6907425867B82E074D44EF907DFB4B3E21C1C2256EBCD1";

    private static final SuciKey PROFILE_A =
            SuciKey.made(30, ProtectionScheme.PROFILE_A, HEX.parseHex(A), Instant.EPOCH);
    private static final SuciKey PROFILE_B =
            SuciKey.made(27, ProtectionScheme.PROFILE_B, Curve.P256.checked(HEX.parseHex(B)), Instant.EPOCH);

    /** The test file of TS 31.121 clause 4.9.4: B with identifier 27, then A with 30, then the null scheme. */
    @Test
    void codesTheTestFileOfTs31121() {
        assertThat(HEX.formatHex(new SuciCalcInfo(List.of(PROFILE_B, PROFILE_A), true, true).encode()))
                .isEqualTo("A006020101020000A14B80011B8121" + B + "80011E8120" + A);
    }

    @Test
    void longListsHaveLongLengths() {
        String two = HEX.formatHex(new SuciCalcInfo(Collections.nCopies(2, PROFILE_B), false, false).encode());
        assertThat(two).startsWith("A00402010202A1818C80011B814104");
        String four = HEX.formatHex(new SuciCalcInfo(Collections.nCopies(4, PROFILE_B), false, false).encode());
        assertThat(four).startsWith("A0080201020202030204A182011880011B814104");
    }

    @Test
    void aFileWithoutKeysIsNotMade() {
        assertThatThrownBy(() -> new SuciCalcInfo(List.of(), true, false))
                .isInstanceOf(SuciKeyException.class)
                .hasMessageContaining("suci-key create");
    }
}
