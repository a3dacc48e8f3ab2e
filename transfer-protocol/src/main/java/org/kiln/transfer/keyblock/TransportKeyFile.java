package org.kiln.transfer.keyblock;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A transport key wrapped under the recipient's public key, as JSON of one object. Nothing of it is secret to anybody but
 * the holder of that key; whoever has used it destroys it.
 *
 * <p>Wrapped by RSA it is of format 1. Wrapped under a key that both sides agree by Diffie-Hellman it is of format 2,
 * which has the sender's ephemeral public key besides; see {@link AgreementInfo}.
 *
 * @param format {@value #FORMAT} or {@value #AGREED_FORMAT}
 * @param label the name both sides agreed on
 * @param from who made the key
 * @param to whom it is for
 * @param algorithm {@code AES-128}, {@code AES-192} or {@code AES-256}
 * @param kcvZero first 3 octets of the encrypted zero block, upper-case hexadecimal
 * @param kcvCmac first 5 octets of the CMAC of a zero block (ANSI X9.24-1), likewise
 * @param wrapping how it is wrapped
 * @param recipientKey SHA-256 of the recipient's SubjectPublicKeyInfo, lower-case hexadecimal
 * @param ephemeralKey the sender's public point, lower-case hexadecimal: {@code 04 || x || y} on P-256, the 32 octets of
 *     an X25519 key; null in format 1
 * @param wrapped the wrapped key, lower-case hexadecimal
 */
public record TransportKeyFile(
        @JsonProperty(required = true) String format,
        @JsonProperty(required = true) String label,
        @JsonProperty(required = true) String from,
        @JsonProperty(required = true) String to,
        @JsonProperty(required = true) String algorithm,
        @JsonProperty(required = true) String kcvZero,
        @JsonProperty(required = true) String kcvCmac,
        @JsonProperty(required = true) Wrapping wrapping,
        @JsonProperty(required = true) String recipientKey,

        @JsonInclude(JsonInclude.Include.NON_NULL) @JsonSetter(nulls = Nulls.SET) @Nullable
        String ephemeralKey,

        @JsonProperty(required = true) String wrapped) {

    public static final String FORMAT = "kiln-transport-key/1";
    public static final String AGREED_FORMAT = "kiln-transport-key/2";

    private static final long LONGEST = 16 * 1024;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .defaultSetterInfo(JsonSetter.Value.forValueNulls(Nulls.FAIL))
            .build();

    /** How a transport key is wrapped. */
    public enum Wrapping {
        /** RSA-OAEP with SHA-1 and MGF1-SHA-1, where the sender's token has no better. */
        RSA_OAEP_SHA1,
        /** RSA-OAEP with SHA-256 and MGF1-SHA-256. */
        RSA_OAEP_SHA256,
        /** AES-KWP under a key agreed on P-256, by the X9.63 KDF with SHA-256. */
        ECDH_P256_SHA256_KWP,
        /** AES-KWP under a key agreed on X25519, by the X9.63 KDF with SHA-256. */
        ECDH_X25519_SHA256_KWP;

        /** Whether the wrapping key is agreed, with an ephemeral key of the sender's. */
        public boolean agreed() {
            return this == ECDH_P256_SHA256_KWP || this == ECDH_X25519_SHA256_KWP;
        }

        private String ephemeralForm() {
            return this == ECDH_P256_SHA256_KWP ? "04([0-9a-f]{2}){64}" : "([0-9a-f]{2}){32}";
        }
    }

    /** @throws IllegalArgumentException naming the field that breaks its rule */
    public TransportKeyFile {
        require(
                (wrapping.agreed() ? AGREED_FORMAT : FORMAT).equals(format),
                "format is not " + FORMAT + " (RSA) or " + AGREED_FORMAT + " (ECDH)");
        require(label.matches("[A-Za-z0-9][A-Za-z0-9._/-]{0,66}"), "label is no label");
        require(algorithm.matches("AES-(128|192|256)"), "algorithm is not AES-128, AES-192 or AES-256");
        require(kcvZero.matches("[0-9A-F]{6}"), "kcvZero is not 6 upper-case hexadecimal digits");
        require(kcvCmac.matches("[0-9A-F]{10}"), "kcvCmac is not 10 upper-case hexadecimal digits");
        require(recipientKey.matches("[0-9a-f]{64}"), "recipientKey is not 64 lower-case hexadecimal digits");
        if (wrapping.agreed()) {
            require(
                    ephemeralKey != null && ephemeralKey.matches(wrapping.ephemeralForm()),
                    "ephemeralKey is no public point of " + wrapping);
            require(
                    wrapped.matches("([0-9a-f]{2}){24,40}"),
                    "wrapped is not 24 to 40 octets in hexadecimal, as AES-KWP gives");
        } else {
            require(ephemeralKey == null, "ephemeralKey belongs to ECDH");
            require(wrapped.matches("([0-9a-f]{2}){384,1024}"), "wrapped is not 384 to 1024 octets in hexadecimal");
        }
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /** Length of the key in octets. */
    public int octets() {
        return Integer.parseInt(algorithm.substring(4)) / 8;
    }

    /**
     * The sender's ephemeral public point.
     *
     * @throws IllegalStateException if the key is wrapped by RSA
     */
    public byte[] ephemeralOctets() {
        if (ephemeralKey == null) {
            throw new IllegalStateException(wrapping + " has no ephemeral key");
        }
        return HexFormat.of().parseHex(ephemeralKey);
    }

    /** The wrapped key. */
    public byte[] wrappedOctets() {
        return HexFormat.of().parseHex(wrapped);
    }

    /** The name of an AES key of {@code octets}. */
    public static String algorithm(int octets) {
        return "AES-" + 8 * octets;
    }

    /** SHA-256 of a public key's SubjectPublicKeyInfo, lower-case hexadecimal: what people compare. */
    public static String fingerprint(PublicKey key) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Reads a file.
     *
     * @throws KeyFileException if it is no such file
     */
    public static TransportKeyFile read(Path file) throws IOException {
        if (!Files.isReadable(file) || Files.size(file) > LONGEST) {
            throw new KeyFileException(file, "it is missing, may not be read, or is too long");
        }
        try {
            return JSON.readValue(Files.readAllBytes(file), TransportKeyFile.class);
        } catch (ValueInstantiationException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new KeyFileException(file, String.valueOf(cause.getMessage()));
        } catch (JsonMappingException e) {
            String field = e.getPath().isEmpty() ? "" : e.getPath().getLast().getFieldName() + ": ";
            throw new KeyFileException(file, field + e.getOriginalMessage());
        } catch (JsonProcessingException e) {
            throw new KeyFileException(file, e.getOriginalMessage());
        }
    }

    /** Writes a new file. */
    public void write(Path file) throws IOException {
        Files.write(file, JSON.writeValueAsBytes(this));
    }

    @Override
    public String toString() {
        return "TransportKeyFile[" + label + ", " + algorithm + ", from " + from + " to " + to + "]";
    }
}
