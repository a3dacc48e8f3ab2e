package org.kiln.transfer.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.ScratchToken;
import org.kiln.token.TokenException;
import org.kiln.token.TokenProfile;

class WrappingTest {

    private static final String TRANSPORT_KEY = "000102030405065545645645645D0E0F";
    private static final String KEY = "000102030405060708090A0B0C0D0E0F";

    @ParameterizedTest
    @CsvSource({"AES_KWP, 24 32 40", "AES_KW, 24 32 40", "AES_CBC_IV_23, 16 32", "AES_ECB, 16 32", "DES3_ECB, 16 24 32"
    })
    void eachWrapsKeysOfItsLengths(Wrapping wrapping, String lengths) {
        assertThat(IntStream.range(0, 80)
                        .filter(octets ->
                                wrapping.brokenBy(octets, Content.AES_KEY).isEmpty())
                        .mapToObj(Integer::toString))
                .containsExactly(lengths.split(" "));
    }

    @ParameterizedTest
    @CsvSource({"AES_KWP, 24 32", "AES_KW, 24 32", "AES_CBC_IV_23, 16", "AES_ECB, 16", "DES3_ECB, 16 24"})
    void eachWrapsTripleDesKeysOfItsLengths(Wrapping wrapping, String lengths) {
        assertThat(IntStream.range(0, 80)
                        .filter(octets ->
                                wrapping.brokenBy(octets, Content.DES_KEY).isEmpty())
                        .mapToObj(Integer::toString))
                .containsExactly(lengths.split(" "));
        assertThat(wrapping.brokenBy(40, Content.DES_KEY))
                .hasValue("a 3DES key wrapped by " + wrapping + " has " + lengths.replace(" ", " or ") + " octets");
    }

    @Test
    void theLengthsOfKeysAreToldInWords() {
        assertThat(Wrapping.AES_KWP.brokenBy(16, Content.AES_KEY))
                .hasValue("a key wrapped by AES_KWP has 24, 32 or 40 octets");
    }

    @ParameterizedTest
    @EnumSource(value = Wrapping.class, mode = EnumSource.Mode.EXCLUDE, names = "AES_KWP")
    void codesAndTextsAreWrappedByKwpOnly(Wrapping wrapping) {
        assertThatThrownBy(() -> Column.wrapped("PIN1", "k", "A1B2C3", wrapping, Content.CODE))
                .hasMessageContaining("column PIN1 holds CODE wrapped by " + wrapping)
                .hasMessageContaining("AES_KWP");
        assertThatThrownBy(() -> Column.wrapped("NAME", "k", "A1B2C3", wrapping, Content.TEXT))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aes3desAndTheirKeysBelongTogether() {
        KeyReference aes = new KeyReference("k", KeyReference.Algorithm.AES_256, "A1B2C3", null);
        KeyReference des3 = new KeyReference("k", KeyReference.Algorithm.DES3_168, "A1B2C3", null);

        assertThat(manifest(aes, Wrapping.AES_ECB).keys()).containsExactly(aes);
        assertThat(manifest(des3, Wrapping.DES3_ECB).keys()).containsExactly(des3);
        assertThatThrownBy(() -> manifest(aes, Wrapping.DES3_ECB)).hasMessageContaining("another kind");
        assertThatThrownBy(() -> manifest(des3, Wrapping.AES_ECB)).hasMessageContaining("another kind");
    }

    private static Manifest manifest(KeyReference key, Wrapping wrapping) {
        return new Manifest(
                BatchFile.FORMAT_VERSION,
                "o",
                "b",
                "i",
                "r",
                Instant.EPOCH,
                1,
                "0".repeat(64),
                List.of(Column.wrapped("KI", "k", "A1B2C3", wrapping, Content.AES_KEY)),
                List.of(key));
    }

    /** The example of pySim's documentation, confirmed with OpenSSL. */
    @Test
    void softHsmWrapsAsPySimEncrypts() {
        byte[] iv = new byte[16];
        Arrays.fill(iv, (byte) 0x23);

        assertThat(wrapped(ScratchToken.profile().aesCbcWrap(iv))).isEqualTo("0B1E1E56CD62645AEB4C2D72A7C98F27");
    }

    /** {@code printf … | openssl enc -aes-128-ecb -nopad -K 000102030405065545645645645D0E0F}. */
    @Test
    void softHsmWrapsOneBlockAsEcbDoes() {
        assertThat(wrapped(ScratchToken.profile().aesEcbWrap(16))).isEqualTo("967AEF31E73740B061F85457BED17D9E");
    }

    @Test
    void softHsmSaysWhatItCannotWrap() {
        TokenProfile profile = ScratchToken.profile();

        assertThatThrownBy(() -> profile.aesEcbWrap(32))
                .isInstanceOf(TokenException.class)
                .hasMessageContaining("aesEcb.wrap");
        assertThatThrownBy(profile::des3EcbWrap).hasMessageContaining("des3Ecb.wrap");
        assertThatThrownBy(() -> profile.aesCbcUnwrap(new byte[16])).hasMessageContaining("aesCbc.unwrap");
        assertThatThrownBy(() -> profile.aesEcbUnwrap(16)).hasMessageContaining("aesEcb.unwrap");
    }

    private static String wrapped(Mechanism mechanism) {
        try (Session session = ScratchToken.create().openAs(Ck.CKU_USER);
                Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(64);
            int length = session.wrapKey(
                    mechanism,
                    key(session, arena, TRANSPORT_KEY, Cka.WRAP),
                    key(session, arena, KEY, Cka.ENCRYPT),
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
