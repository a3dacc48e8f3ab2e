package org.kiln.kms.suci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SuciTest {

    private static final String PROFILE_A = "suci-0-274-012-0-1-27-" + "ab".repeat(45);

    @ParameterizedTest
    @CsvSource({
        "suci-0-001-01-0-0-0-0123456789, IMSI, 00101, 0, NULL, 0, 0123456789",
        "suci-0-274-012-1234-1-255-abCD, IMSI, 274012, 1234, PROFILE_A, 255, abCD",
        "suci-0-001-01-0-2-0-00, IMSI, 00101, 0, PROFILE_B, 0, 00",
        "suci-1-factory.example-17-0-0-user-17, NAI, factory.example, 17, NULL, 0, user-17",
        "suci-1-5gc.mnc001.mcc001.3gppnetwork.org-0-2-9-ff, NAI, 5gc.mnc001.mcc001.3gppnetwork.org, 0, PROFILE_B, 9, ff"
    })
    void readsBothTypes(
            String text, Suci.Type type, String network, String routing, ProtectionScheme scheme, int key, String out) {
        assertThat(Suci.parse(text)).isEqualTo(new Suci(type, network, routing, scheme, key, out));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "suci-",
                "suci-0-1-01-0-0-0-1",
                "suci-0-001-1-0-0-0-1",
                "suci-0-001-01-12345-0-0-1",
                "suci-0-001-01-0-0-1-0123456789",
                "suci-0-001-01-0-1-256-00",
                "suci-0-001-01-0-1-1000-00",
                "suci-0-001-01-0-1-1-",
                "suci-0-001-01-0-1-1-xy",
                "suci-0-001-01-0-g-1-00",
                "suci-2-anything-0-1-1-00",
                "suci-1-a b-0-1-1-00",
                "imsi-001010000000000"
            })
    void whatIsNoneIsMalformed(String text) {
        assertThatThrownBy(() -> Suci.parse(text)).isInstanceOf(SuciException.Malformed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "9", "a", "F"})
    void schemesOfOthersAreUnsupported(String scheme) {
        assertThatThrownBy(() -> Suci.parse("suci-0-001-01-0-" + scheme + "-1-00"))
                .isInstanceOf(SuciException.UnsupportedScheme.class);
    }

    @Test
    void nothingConcealedIsToldInLogs() {
        assertThat(Suci.parse("suci-0-001-01-0-0-0-0123456789").toString()).doesNotContain("0123456789");
        assertThat(new PermanentIdentifier("imsi-001010123456789").toString()).doesNotContain("0123");
    }

    @ParameterizedTest
    @CsvSource({"0123456789, imsi-001010123456789", "1, imsi-001011", "012345678, imsi-00101012345678"})
    void packedDigitsAreUnpacked(String msin, String supi) {
        Suci suci = Suci.parse("suci-0-001-01-0-1-1-00");
        assertThat(SchemeInput.supi(suci, SoftwareUe.packed(msin))).isEqualTo(new PermanentIdentifier(supi));
        assertThat(SchemeInput.supi(Suci.parse("suci-0-001-01-0-0-0-" + msin)))
                .isEqualTo(new PermanentIdentifier(supi));
    }

    @Test
    void whatIsNoMsinAndNoNameIsInvalid() {
        Suci imsi = Suci.parse("suci-0-001-01-0-1-1-00");
        for (byte[] wrong : new byte[][] {
            {}, {(byte) 0xff}, {(byte) 0xa1}, {(byte) 0xf1, 0x21}, {0x1f, 0x21}, SoftwareUe.packed("01234567890")
        }) {
            assertThatThrownBy(() -> SchemeInput.supi(imsi, wrong)).isInstanceOf(SuciException.InvalidOutput.class);
        }
        Suci nai = Suci.parse("suci-1-example.org-0-1-1-00");
        for (byte[] wrong :
                new byte[][] {{}, {(byte) 0xff}, {0}, "a@b".getBytes(StandardCharsets.UTF_8), new byte[300], {'a', '\n'}
                }) {
            assertThatThrownBy(() -> SchemeInput.supi(nai, wrong)).isInstanceOf(SuciException.InvalidOutput.class);
        }
        assertThatThrownBy(() -> SchemeInput.supi(Suci.parse("suci-0-001-01-0-0-0-12x4")))
                .isInstanceOf(SuciException.InvalidOutput.class);
    }

    /** Seeded: whatever is changed, the answer is a SUCI or a {@link SuciException}. */
    @Test
    void anyTextIsReadOrRefused() {
        Random random = new Random(20_261_124);
        String alphabet = "suci-0123456789abcdefF.\u0000\u00e9@/%";
        String[] seeds = {PROFILE_A, "suci-0-001-01-0-0-0-0123456789", "suci-1-example.org-0-2-3-04ff"};
        int read = 0;
        for (int round = 0; round < 100_000; round++) {
            StringBuilder text = new StringBuilder(seeds[random.nextInt(seeds.length)]);
            for (int changes = 1 + random.nextInt(4); changes > 0 && !text.isEmpty(); changes--) {
                int at = random.nextInt(text.length());
                char other = alphabet.charAt(random.nextInt(alphabet.length()));
                switch (random.nextInt(3)) {
                    case 0 -> text.setCharAt(at, other);
                    case 1 -> text.deleteCharAt(at);
                    default -> text.insert(at, other);
                }
            }
            try {
                Suci suci = Suci.parse(text.toString());
                read++;
                if (suci.scheme() == ProtectionScheme.NULL) {
                    SchemeInput.supi(suci);
                } else {
                    SchemeOutput.split(suci.scheme(), suci.outputOctets());
                }
            } catch (SuciException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
        assertThat(read).as("rounds that were read at all").isGreaterThan(1000);
    }
}
