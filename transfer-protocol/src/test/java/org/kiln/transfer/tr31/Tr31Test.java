package org.kiln.transfer.tr31;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;
import org.kiln.transfer.Seeds;

class Tr31Test {

    private static final String EXAMPLE_KBPK = "88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6";
    private static final String EXAMPLE_KEY = "3F419E1CB7079442AA37474C2EFBF8B8";
    private static final Tr31Header EXAMPLE_HEADER = new Tr31Header("P0", "A", "E", "00", 'E', List.of());

    /** The key at length 16 (TR-31:2018 clause A.7.4). */
    private static final String SHORT_BLOCK =
            "D0112P0AE00E0000B82679114F470F540165EDFBF7E250FCEA43F810D215F8D207E2E417C07156A2"
                    + "7E8E31DA05F7425509593D03A457DC34";

    /** The same, its length hidden (ANSI X9.143-2022 clause 8.1). */
    private static final String LONG_BLOCK =
            "D0144P0AE00E00002C77FA3F4A553BED6E88AE5C172A4166E3D4ACA8E2AC71C158A476FAC12C13C3"
                    + "829DE55D3AB54C48F4C4FEF7AC75E90FC47F1B77E7B19A73ED46E64410082557";

    @Test
    void theStandardsExamplesAreMade() {
        try (Secret kbpk = secret(EXAMPLE_KBPK);
                Secret key = secret(EXAMPLE_KEY)) {
            assertThat(Tr31.wrap(
                            ProtectionKey.onHost(kbpk), EXAMPLE_HEADER, key, 16, fill("1C2965473CE206BB855B01533782")))
                    .isEqualTo(SHORT_BLOCK);
            assertThat(Tr31.wrap(
                            ProtectionKey.onHost(kbpk),
                            EXAMPLE_HEADER,
                            key,
                            32,
                            fill("1A87BBFA2CFE78D383E5F4C6AA83473C1C2965473CE206BB855B01533782")))
                    .isEqualTo(LONG_BLOCK);
        }
    }

    /** The standard's examples, and two blocks that openemv's tests have from a Thales payShield 10k. */
    @ParameterizedTest
    @CsvSource({
        EXAMPLE_KBPK + "," + SHORT_BLOCK + "," + EXAMPLE_KEY + ",P0 A E",
        EXAMPLE_KBPK + "," + LONG_BLOCK + "," + EXAMPLE_KEY + ",P0 A E",
        "4141414141414141414141414141414141414141414141414141414141414141,"
                + "D0112B0TN00N000037DB9B046B7B0048785690759580ABC3B9842AB4BB7717B49E92528E575785D8"
                + "123559376A2553B27BE94F054F4E971C,1FA1F7CEC798D91545DA8AE0C7796BD9,B0 T N",
        "4141414141414141414141414141414141414141414141414141414141414141,"
                + "D0144D0AN00N0000127862F945C2DED04530FAF7CDBC8B0BA10C7AA79BD5E0C2C5D6AC173BF588E4"
                + "B19ACF1357178D50EA0AB193228E13958304FC6149632DFDCADF3A5B3D57E814,"
                + "BE19E6A07A760F10EF8E83A226B63AAD141F463FDDD4F47DB244B4023EC3CACC,D0 A N"
    })
    void blocksOfOthersAreOpened(String kbpkHex, String block, String keyHex, String says) throws Tr31Exception {
        try (Secret kbpk = secret(kbpkHex);
                Tr31.Unwrapped unwrapped = Tr31.unwrap(kbpk, block)) {
            assertThat(hex(unwrapped.key())).isEqualTo(keyHex);
            Tr31Header header = unwrapped.header();
            assertThat(header.usage() + " " + header.algorithm() + " " + header.mode())
                    .isEqualTo(says);
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whatIsWrappedIsUnwrapped(long seed) throws Tr31Exception {
        Random random = Seeds.random(seed);
        int kbpkOctets = 16 + 8 * random.nextInt(3);
        String keyHex = octets(random, 16 + 8 * random.nextInt((kbpkOctets - 8) / 8));
        Tr31Header header = new Tr31Header("K0", "A", "B", "12", 'S', blocks(random));
        try (Secret kbpk = secret(octets(random, kbpkOctets));
                Secret key = secret(keyHex)) {
            String block = Tr31.wrap(kbpk, header, key);
            try (Tr31.Unwrapped unwrapped = Tr31.unwrap(kbpk, block)) {
                assertThat(hex(unwrapped.key())).as("seed %d", seed).isEqualTo(keyHex);
                assertThat(unwrapped.header()).as("seed %d", seed).isEqualTo(header);
            }
        }
    }

    /** Mutants of the header alone meet the parser of optional blocks. */
    @ParameterizedTest
    @MethodSource("seeds")
    void headersOfAnyShapeAreReadOrRefused(long seed) {
        Random random = Seeds.random(seed);
        String header = new Tr31Header("K0", "A", "B", "12", 'S', blocks(random)).render(32, 16);
        byte[] mutant = Seeds.mutate(header.substring(5).getBytes(StandardCharsets.US_ASCII), random);
        String tail = new String(mutant, StandardCharsets.ISO_8859_1) + "0".repeat(96);
        String text = String.format(Locale.ROOT, "D%04d", tail.length() + 5) + tail;
        try (Secret kbpk = secret(EXAMPLE_KBPK)) {
            assertThatThrownBy(() -> Tr31.unwrap(kbpk, text))
                    .as("seed %d", seed)
                    .isInstanceOf(Tr31Exception.class);
        }
    }

    @Test
    void anotherKbpkIsNotTheKbpk() {
        try (Secret kbpk = secret(EXAMPLE_KEY)) {
            assertThatThrownBy(() -> Tr31.unwrap(kbpk, SHORT_BLOCK))
                    .isInstanceOf(Tr31Exception.NotAuthentic.class)
                    .hasMessageContaining("protected by another key");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', ends inside its header",
        "B0016P0TE00N0000, version is not D",
        "D0017P0TE00N0000, as many characters",
        "D0016P0TE00N0001, reserved",
        "D0016P0TE00N0000, whole blocks",
        "D0016P0TE00N0100, ends inside its header",
        "D0020P0TE00N0100KS03, shorter than its own beginning",
        "D0020P0TE00N01X0KS04, reserved",
        "D00XXP0TE00N0000, no number",
        "D0020P0TE00N0000zzzz, not hexadecimal"
    })
    void faultsAreNamed(String block, String fault) {
        try (Secret kbpk = secret(EXAMPLE_KBPK)) {
            assertThatThrownBy(() -> Tr31.unwrap(kbpk, block))
                    .isInstanceOf(Tr31Exception.Malformed.class)
                    .hasMessageContaining(fault);
        }
    }

    @Test
    void keysThatDoNotFitAreRefused() {
        try (Secret kbpk = secret(EXAMPLE_KEY);
                Secret longer = secret(EXAMPLE_KBPK);
                Secret short9 = secret("010203040506070809")) {
            assertThatThrownBy(() -> Tr31.wrap(kbpk, EXAMPLE_HEADER, longer))
                    .hasMessageContaining("longer than the key");
            assertThatThrownBy(() -> Tr31.wrap(short9, EXAMPLE_HEADER, short9)).hasMessageContaining("has 9 octets");
            assertThatThrownBy(() -> new Tr31Header("p0", "A", "E", "00", 'E', List.of()))
                    .hasMessageContaining("key usage");
        }
    }

    private static List<OptionalBlock> blocks(Random random) {
        return random
                .ints(0, 300)
                .limit(random.nextInt(4))
                .mapToObj(length -> "X".repeat(length))
                .map(data -> new OptionalBlock("T" + (char) ('A' + random.nextInt(26)) + "", data))
                .collect(Collectors.toMap(OptionalBlock::id, block -> block, (a, _) -> a))
                .values()
                .stream()
                .toList();
    }

    private static Consumer<MemorySegment> fill(String hex) {
        byte[] octets = HexFormat.of().parseHex(hex);
        return padding -> {
            assertThat(padding.byteSize()).isEqualTo(octets.length);
            padding.copyFrom(MemorySegment.ofArray(octets));
        };
    }

    private static Secret secret(String hex) {
        return Secret.takeFrom(HexFormat.of().parseHex(hex));
    }

    private static String hex(Secret secret) {
        return HexFormat.of()
                .withUpperCase()
                .formatHex(secret.expose(SecretAccess.granted()).toArray(ValueLayout.JAVA_BYTE));
    }

    private static String octets(Random random, int length) {
        byte[] octets = new byte[length];
        random.nextBytes(octets);
        return HexFormat.of().withUpperCase().formatHex(octets);
    }

    static LongStream seeds() {
        return Seeds.of(500);
    }
}
