package org.kiln.transfer.tr31;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kiln.fuzz.Fuzz;
import org.kiln.secret.Secret;

/** Any change of a key block is noticed: it is refused, and its key never given. */
class Tr31FuzzTest {

    @Test
    void blocks() throws Tr31Exception {
        try (Secret kbpk = secret(32);
                Secret key = secret(16)) {
            String bare = block(kbpk, key, List.of());
            String told = block(kbpk, key, List.of(new OptionalBlock("KS", "00604B120F9292800000")));
            assertThat(Fuzz.of("tr31", ascii(bare), ascii(told))
                            .run(
                                    mutant -> {
                                        String text = new String(mutant, StandardCharsets.ISO_8859_1);
                                        Tr31.unwrap(kbpk, text).close();
                                        assertThat(text)
                                                .satisfiesAnyOf(
                                                        it -> assertThat(it).isEqualToIgnoringCase(bare),
                                                        it -> assertThat(it).isEqualToIgnoringCase(told));
                                    },
                                    Tr31Exception.class))
                    .isPositive();
        }
    }

    private static String block(Secret kbpk, Secret key, List<OptionalBlock> blocks) {
        return Tr31.wrap(kbpk, new Tr31Header("K0", "A", "B", "12", 'S', blocks), key);
    }

    private static Secret secret(int octets) {
        return Secret.takeFrom("k".repeat(octets).getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
