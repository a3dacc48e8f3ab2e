package org.kiln.transfer.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.ScratchToken;
import org.kiln.transfer.batch.Wrapping;

/** Keys that a token wrapped come out of pySim's CSV as pySim decrypts them. */
class PySimPeerTest {

    private static final String TRANSPORT_KEY = "000102030405065545645645645d0e0f";
    private static final String KI = "000102030405060708090a0b0c0d0e0f";
    private static final String ENC = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private static final String ICCID = "8988211000000430010";

    @TempDir
    private Path folder;

    private static final byte[] IV = iv();

    private static byte[] iv() {
        byte[] iv = new byte[16];
        Arrays.fill(iv, (byte) 0x23);
        return iv;
    }

    /** As {@code CardKeyFieldCryptor.decrypt_field} does it. */
    @Test
    void keysDecryptAsPySimDecryptsThem() throws IOException, GeneralSecurityException {
        String[] names =
                Files.readString(csv()).lines().findFirst().orElseThrow().split(",");
        String[] values = Files.readString(csv())
                .lines()
                .skip(1)
                .findFirst()
                .orElseThrow()
                .split(",");
        Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");
        cipher.init(
                Cipher.DECRYPT_MODE,
                new SecretKeySpec(HexFormat.of().parseHex(TRANSPORT_KEY), "AES"),
                new IvParameterSpec(IV));

        for (Map.Entry<String, String> key :
                Map.of("KI", KI, "SCP03_ENC_ISDR", ENC).entrySet()) {
            String encrypted = values[List.of(names).indexOf(key.getKey())];
            assertThat(HexFormat.of().formatHex(cipher.doFinal(HexFormat.of().parseHex(encrypted))))
                    .isEqualTo(key.getValue());
        }
    }

    /** With pySim itself: KILN_PYSIM names a checkout of it whose Python packages are installed. */
    @Test
    void pySimItselfReadsTheKeys() throws IOException, InterruptedException {
        String pySim = System.getenv("KILN_PYSIM");
        assumeTrue(pySim != null, "set KILN_PYSIM to a checkout of pySim to run its own reader");
        Path script = Files.writeString(folder.resolve("read.py"), """
                import sys
                sys.path.insert(0, sys.argv[1])
                from pySim.card_key_provider import CardKeyFieldCryptor, CardKeyProviderCsv
                keys = {'KI': sys.argv[3], 'SCP03_ENC_ISDR': sys.argv[3]}
                provider = CardKeyProviderCsv(sys.argv[2], CardKeyFieldCryptor(keys))
                row = provider.get(['IMSI', 'KI', 'SCP03_ENC_ISDR'], 'ICCID', sys.argv[4])
                print(row['IMSI'], row['KI'], row['SCP03_ENC_ISDR'])
                """);
        Path log = folder.resolve("log");
        Process python = new ProcessBuilder("python3", script.toString(), pySim, csv().toString(), TRANSPORT_KEY, ICCID)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();

        assertThat(python.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(Files.readAllLines(log, StandardCharsets.UTF_8)).endsWith("001010000000000 " + KI + " " + ENC);
    }

    private Path csv() throws IOException {
        Map<String, String> row = Outputs.rows(Wrapping.AES_CBC_IV_23, 1, 1).getFirst();
        row.put("ICCID", ICCID);
        row.put("KI", wrapped(KI));
        row.put("SCP03_ENC", wrapped(ENC));
        return Files.write(
                folder.resolve("card-data.csv"),
                Outputs.write(Outputs.pySim(), Outputs.header(Wrapping.AES_CBC_IV_23, 1), List.of(row)));
    }

    private static String wrapped(String value) {
        try (Session session = ScratchToken.create().openAs(Ck.CKU_USER);
                Arena arena = Arena.ofConfined()) {
            Mechanism mechanism = ScratchToken.profile().aesCbcWrap(IV);
            MemorySegment out = arena.allocate(64);
            int length = session.wrapKey(
                    mechanism,
                    key(session, arena, TRANSPORT_KEY, Cka.WRAP),
                    key(session, arena, value, Cka.ENCRYPT),
                    out);
            return HexFormat.of()
                    .withUpperCase()
                    .formatHex(out.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    private static long key(Session session, Arena arena, String hex, Cka right) {
        return session.createObject(Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .with(Cka.KEY_TYPE, Ck.CKK_AES)
                .with(Cka.TOKEN, false)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, true)
                .with(
                        Cka.VALUE,
                        arena.allocateFrom(ValueLayout.JAVA_BYTE, HexFormat.of().parseHex(hex)))
                .with(right, true)
                .build());
    }
}
