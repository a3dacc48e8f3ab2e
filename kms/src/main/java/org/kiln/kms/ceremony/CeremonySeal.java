package org.kiln.kms.ceremony;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.util.HexFormat;

/**
 * Signs records and checks them. What is signed is the record as JSON, its members in the order of their names and without a space
 * between, after a line that says what it is.
 */
public final class CeremonySeal {

    private static final String ALGORITHM = "SHA256withECDSA";
    private static final int LONGEST_FILE = 4 * 1024 * 1024;

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .disable(MapperFeature.SORT_CREATOR_PROPERTIES_FIRST)
            .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private CeremonySeal() {}

    /** What stands in a file: a record, and the signature in hexadecimal. */
    private record Sealed(
            @JsonProperty(required = true) CeremonyRecord record,
            @JsonProperty(required = true) String signature) {}

    /**
     * A file with the record, signed.
     *
     * @param provider runs the token's {@code key}
     */
    public static String seal(CeremonyRecord record, PrivateKey key, Provider provider) {
        try {
            Signature signing = Signature.getInstance(ALGORITHM, provider);
            signing.initSign(key);
            signing.update(signed(record));
            return JSON.writerWithDefaultPrettyPrinter()
                            .writeValueAsString(
                                    new Sealed(record, HexFormat.of().formatHex(signing.sign())))
                    + "\n";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the token does not sign the record: " + e.getMessage(), e);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** SHA-256 of what is signed, in hexadecimal: what the audit log names a record by. */
    public static String digest(CeremonyRecord record) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(signed(record)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] signed(CeremonyRecord record) {
        try {
            return (CeremonyRecord.FORM + "\n" + JSON.writeValueAsString(record)).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Checks a file.
     *
     * @param key of the certificate of the token's signing key
     * @throws IllegalArgumentException saying what is wrong with it
     */
    public static CeremonyRecord open(Path file, PublicKey key) throws IOException {
        if (Files.size(file) > LONGEST_FILE) {
            throw new IllegalArgumentException(file + " is too long for a record of a ceremony");
        }
        return open(Files.readAllBytes(file), key);
    }

    static CeremonyRecord open(byte[] file, PublicKey key) {
        Sealed sealed;
        try {
            sealed = JSON.readValue(file, Sealed.class);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "this is no record of a ceremony, or it was changed: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                    e);
        }
        if (!isSigned(sealed, key)) {
            throw new IllegalArgumentException("the record was changed, or was not signed by this key");
        }
        return sealed.record;
    }

    private static boolean isSigned(Sealed sealed, PublicKey key) {
        try {
            Signature verifying = Signature.getInstance(ALGORITHM);
            verifying.initVerify(key);
            verifying.update(signed(sealed.record));
            return verifying.verify(HexFormat.of().parseHex(sealed.signature));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false;
        }
    }
}
