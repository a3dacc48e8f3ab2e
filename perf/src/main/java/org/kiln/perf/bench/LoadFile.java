package org.kiln.perf.bench;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.kiln.perf.scratch.ScratchData;

/**
 * A load file with keys of nobody's, under the transport key that the examples' components make.
 *
 * @param examples the folder with the components, which are public
 */
record LoadFile(Path examples) {

    static final String TRANSPORT_KEY = "example-in";
    static final String CHECK_VALUE = "228763";

    private static final HexFormat HEX = HexFormat.of();
    private static final int KEY_OCTETS = 16;
    private static final long SEED = 20_261_129;

    Path alice() {
        return examples.resolve("component-alice.txt");
    }

    Path bob() {
        return examples.resolve("component-bob.txt");
    }

    void write(Path file, int rows) throws IOException, GeneralSecurityException {
        Cipher wrap = Cipher.getInstance("AESWrap");
        wrap.init(Cipher.WRAP_MODE, new SecretKeySpec(transportKey(), "AES"));
        Random random = new Random(SEED);
        try (Writer out = Files.newBufferedWriter(file)) {
            out.write("supi,algorithm,transportKey,wrapping,eki,eopc,amf,sqn\n");
            for (int row = 0; row < rows; row++) {
                out.write(ScratchData.supi(row).value() + ",milenage," + TRANSPORT_KEY + ",aes-kw,"
                        + wrapped(wrap, random) + "," + wrapped(wrap, random) + ",8000,000000000000\n");
            }
        }
    }

    private static String wrapped(Cipher wrap, Random random) throws GeneralSecurityException {
        byte[] key = new byte[KEY_OCTETS];
        random.nextBytes(key);
        return HEX.formatHex(wrap.wrap(new SecretKeySpec(key, "AES")));
    }

    private byte[] transportKey() throws IOException {
        byte[] key = component(alice());
        byte[] other = component(bob());
        for (int i = 0; i < key.length; i++) {
            key[i] ^= other[i];
        }
        return key;
    }

    private static byte[] component(Path file) throws IOException {
        return HEX.parseHex(Files.readAllLines(file).getFirst().strip());
    }
}
