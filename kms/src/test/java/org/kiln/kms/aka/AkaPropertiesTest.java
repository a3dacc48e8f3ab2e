package org.kiln.kms.aka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** Seeded properties: what the home computes the card recomputes, and every AUTS comes back as the SQN it was made of. */
class AkaPropertiesTest {

    private static final HexFormat HEX = HexFormat.of();
    private static final String NETWORK = "5G:mnc001.mcc001.3gppnetwork.org";
    private static final long LARGEST_SQN = 1L << 48;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    private byte[] octets(int count) {
        byte[] octets = new byte[count];
        random.nextBytes(octets);
        return octets;
    }

    private MilenageConstants constants() {
        return new MilenageConstants(
                IntStream.range(0, 5).map(i -> random.nextInt(128)).boxed().toList(),
                IntStream.range(0, 5)
                        .mapToObj(i -> new MilenageConstants.Block(random.nextLong(), random.nextLong()))
                        .toList());
    }

    /** TS 35.206 clause 4.1, written down a second time, bit by bit. */
    private static byte[] out(BlockCipher cipher, MilenageConstants c, int n, byte[] opc, byte[] rand, byte[] in1) {
        byte[] temp = encrypt(cipher, xor(rand, opc));
        boolean[] bits = bits(xor(n == 1 ? in1 : temp, opc));
        boolean[] turned = new boolean[128];
        for (int i = 0; i < 128; i++) {
            turned[i] = bits[(i + c.rotations().get(n - 1)) % 128];
        }
        MilenageConstants.Block addition = c.additions().get(n - 1);
        byte[] added = HEX.parseHex(HEX.toHexDigits(addition.high()) + HEX.toHexDigits(addition.low()));
        byte[] input = xor(octets(turned), added);
        return xor(encrypt(cipher, n == 1 ? xor(input, temp) : input), opc);
    }

    private static byte[] encrypt(BlockCipher cipher, byte[] block) {
        MemorySegment out = Native.zeros(16);
        cipher.encrypt(Native.of(block), 16, out);
        return HEX.parseHex(Native.hex(out));
    }

    private static byte[] xor(byte[] a, byte[] b) {
        byte[] sum = a.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] ^= b[i];
        }
        return sum;
    }

    private static boolean[] bits(byte[] octets) {
        boolean[] bits = new boolean[128];
        for (int i = 0; i < 128; i++) {
            bits[i] = (octets[i / 8] >> (7 - i % 8) & 1) == 1;
        }
        return bits;
    }

    private static byte[] octets(boolean[] bits) {
        byte[] octets = new byte[16];
        for (int i = 0; i < 128; i++) {
            octets[i / 8] |= (byte) ((bits[i] ? 1 : 0) << (7 - i % 8));
        }
        return octets;
    }

    @Test
    void milenageOfAnyConstantsIsWhatTheStandardSays() {
        Milenage milenage = new Milenage(MilenageConstants.STANDARD);
        for (int run = 0; run < 300; run++) {
            MilenageConstants constants = run % 3 == 0 ? MilenageConstants.STANDARD : constants();
            BlockCipher cipher = new SoftwareAes(octets(16));
            byte[] opc = octets(16);
            byte[] rand = octets(16);
            long sqn = random.nextLong(LARGEST_SQN);
            int amf = random.nextInt(1 << 16);
            byte[] sqnAmf = HEX.parseHex(HEX.toHexDigits(sqn, 12) + HEX.toHexDigits((short) amf));
            byte[] in1 = Arrays.copyOf(sqnAmf, 16);
            System.arraycopy(sqnAmf, 0, in1, 8, 8);
            milenage.with(constants).compute(cipher, Native.of(opc), Native.of(rand), new long[] {sqn}, amf, 1);
            String where = "seed " + seed + ", case " + run;
            byte[] out1 = out(cipher, constants, 1, opc, rand, in1);
            byte[] out2 = out(cipher, constants, 2, opc, rand, in1);
            byte[] key = new byte[16];
            assertThat(HEX.toHexDigits(milenage.macA(0))).as(where).isEqualTo(HEX.formatHex(out1, 0, 8));
            assertThat(HEX.toHexDigits(milenage.res(0))).as(where).isEqualTo(HEX.formatHex(out2, 8, 16));
            assertThat(HEX.toHexDigits(milenage.ak(0), 12)).as(where).isEqualTo(HEX.formatHex(out2, 0, 6));
            milenage.copyCk(0, key, 0);
            assertThat(key).as(where).isEqualTo(out(cipher, constants, 3, opc, rand, in1));
            milenage.copyIk(0, key, 0);
            assertThat(key).as(where).isEqualTo(out(cipher, constants, 4, opc, rand, in1));
        }
    }

    @Test
    void anAutsOfMilenageComesBack() {
        VectorGenerator generator = new VectorGenerator();
        for (int run = 0; run < 300; run++) {
            MilenageConstants constants = constants();
            BlockCipher cipher = new SoftwareAes(octets(16));
            byte[] opc = octets(16);
            byte[] rand = octets(16);
            long sqnMs = random.nextLong(LARGEST_SQN);
            byte[] in1 = HEX.parseHex(HEX.toHexDigits(sqnMs, 12) + "0000" + HEX.toHexDigits(sqnMs, 12) + "0000");
            byte[] akStar = out(cipher, constants, 5, opc, rand, in1);
            byte[] macS = out(cipher, constants, 1, opc, rand, in1);
            byte[] concealed = xor(Arrays.copyOf(in1, 6), akStar);
            byte[] auts = HEX.parseHex(HEX.formatHex(concealed) + HEX.formatHex(macS, 8, 16));
            assertThat(generator.verifyAuts(constants, cipher, Native.of(opc), Native.of(rand), new Auts(auts)))
                    .as("seed %d", seed)
                    .isEqualTo(sqnMs);
            auts[random.nextInt(auts.length)] ^= (byte) (1 << random.nextInt(8));
            assertThat(generator.verifyAuts(constants, cipher, Native.of(opc), Native.of(rand), new Auts(auts)))
                    .as("seed %d", seed)
                    .isEqualTo(-1);
        }
    }

    @Test
    void anAutsOfTuakComesBack() {
        Tuak tuak = new Tuak(Native.zeros(Tuak.WORKSPACE));
        for (int run = 0; run < 200; run++) {
            TuakParameters parameters = new TuakParameters(
                    1 + random.nextInt(4),
                    new AkaSizes(
                            8 << random.nextInt(3),
                            4 << random.nextInt(4),
                            16 << random.nextInt(2),
                            16 << random.nextInt(2)));
            byte[] k = octets(16 << random.nextInt(2));
            byte[] topc = octets(32);
            byte[] rand = octets(16);
            long sqnMs = random.nextLong(LARGEST_SQN);
            TestTuakCard card = new TestTuakCard(parameters, k, topc);
            Auts auts = new Auts(card.auts(rand, sqnMs));
            MemorySegment macS = Native.zeros(32);
            long read = tuak.with(parameters)
                    .resynchronise(Native.of(k), Native.of(topc), Native.of(rand), auts.concealedSqn(), macS);
            assertThat(read).as("seed %d", seed).isEqualTo(sqnMs);
            assertThat(auts.macSIs(macS, parameters.sizes().mac()))
                    .as("seed %d", seed)
                    .isTrue();
            assertThat(auts.macSIs(macS, parameters.sizes().mac() - 1))
                    .as("of another length")
                    .isFalse();
        }
    }

    @Test
    void whatASeafGetsIsDerivedFromWhatTheHomeGives() throws Exception {
        byte[] k = octets(16);
        MemorySegment opc = Native.of(octets(16));
        MemorySegment rand = Native.of(octets(16));
        long[] sqns = {random.nextLong(LARGEST_SQN)};
        VectorGenerator generator = new VectorGenerator();
        var home = (AuthenticationVector.FiveGHe) generator
                .generate(new SoftwareAes(k), opc, rand, sqns, 0, VectorKind.FiveGHeAka.of(NETWORK))
                .getFirst();
        var seaf = (AuthenticationVector.FiveGSe) generator
                .generate(new SoftwareAes(k), opc, rand, sqns, 0, VectorKind.FiveGSeAka.of(NETWORK))
                .getFirst();
        assertThat(seaf.autn()).isEqualTo(home.autn());
        assertThat(seaf.xresStar()).isEqualTo(home.xresStar());
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        sha256.update(home.rand());
        assertThat(seaf.hxresStar()).isEqualTo(Arrays.copyOfRange(sha256.digest(home.xresStar()), 16, 32));
        Mac hmac = Mac.getInstance("HmacSHA256");
        hmac.init(new SecretKeySpec(home.kausf(), "HmacSHA256"));
        hmac.update((byte) 0x6c);
        hmac.update(NETWORK.getBytes(StandardCharsets.US_ASCII));
        assertThat(seaf.kseaf()).isEqualTo(hmac.doFinal(new byte[] {0, (byte) NETWORK.length()}));
    }

    @Test
    void sizesThatAVectorCannotCarryAreRefused() {
        AkaSizes wide = new AkaSizes(16, 8, 16, 16);
        for (VectorKind kind : List.of(
                VectorKind.FiveGHeAka.of(NETWORK),
                VectorKind.FiveGSeAka.of(NETWORK),
                VectorKind.EapAkaPrime.of(NETWORK),
                VectorKind.EpsAka.of(new PlmnId("001", "01")),
                VectorKind.UmtsAka.IMS,
                VectorKind.UmtsAka.GBA,
                VectorKind.UmtsAka.EAP_AKA)) {
            assertThatThrownBy(() -> kind.requireCarries(wide)).isInstanceOf(AkaException.KindNotServed.class);
        }
        VectorKind.UmtsAka.UMTS.requireCarries(wide);
        VectorKind.GsmAka.GSM.requireCarries(wide);
    }
}
