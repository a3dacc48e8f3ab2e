package org.kiln.transfer.acknowledgement;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.io.IOException;
import java.io.InputStream;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import org.kiln.transfer.envelope.DocumentSigner;
import org.kiln.transfer.envelope.DocumentVerifier;
import org.kiln.transfer.envelope.Identity;
import org.kiln.transfer.envelope.SignerTrust;

/** Writes and reads acknowledgements as signed files. */
public final class AcknowledgementFile {

    private static final int MAX_OCTETS = 1 << 18;
    private static final JsonMapper JSON = mapper();

    private AcknowledgementFile() {}

    /**
     * An acknowledgement that was verified and answers for the batch.
     *
     * @param signer whose signature it bears
     */
    public record Verified(Acknowledgement acknowledgement, X509Certificate signer) {}

    /**
     * What the sender knows of the batch.
     *
     * @param manifest {@code Manifest.digest()} of what was sent
     */
    public record Expected(String orderId, String batchId, String manifest, long quantity, String recipient) {}

    /**
     * Signs an acknowledgement.
     *
     * @param signer the recipient's key and certificate
     * @return the file: binary CMS
     * @throws org.kiln.transfer.envelope.EnvelopeException if the key does not sign, or its certificate is not fit
     */
    public static byte[] write(Acknowledgement acknowledgement, Identity signer, InstantSource clock)
            throws IOException {
        return DocumentSigner.sign(JSON.writeValueAsBytes(acknowledgement), signer, clock);
    }

    /**
     * Reads and verifies an acknowledgement.
     *
     * @param in the file; at most 256 KiB are read
     * @param trust the recipient's certificate
     * @throws org.kiln.transfer.envelope.EnvelopeException if the signature is wrong, or of somebody not trusted
     * @throws AcknowledgementException if it answers for something else
     */
    public static Verified read(InputStream in, SignerTrust trust, InstantSource clock, Expected expected)
            throws IOException {
        byte[] file = in.readNBytes(MAX_OCTETS + 1);
        if (file.length > MAX_OCTETS) {
            throw new AcknowledgementException.Malformed("it is longer than " + MAX_OCTETS + " octets");
        }
        DocumentVerifier.Document document = DocumentVerifier.verify(file, trust, clock);
        Acknowledgement found = parse(document.content());
        if (!found.orderId().equals(expected.orderId())) {
            throw new AcknowledgementException.OtherOrder(found.orderId(), expected.orderId());
        }
        if (!found.batchId().equals(expected.batchId())) {
            throw new AcknowledgementException.OtherBatch(found.batchId(), expected.batchId());
        }
        if (!found.recipient().equals(expected.recipient())) {
            throw new AcknowledgementException.OtherRecipient(found.recipient(), expected.recipient());
        }
        if (!found.manifest().equals(expected.manifest()) || found.quantity() != expected.quantity()) {
            throw new AcknowledgementException.OtherContent();
        }
        return new Verified(found, document.signer());
    }

    static Acknowledgement parse(byte[] json) throws AcknowledgementException {
        try {
            Acknowledgement read = JSON.readValue(json, Acknowledgement.class);
            if (read == null) {
                throw new AcknowledgementException.Malformed("it is empty");
            }
            return read;
        } catch (ValueInstantiationException e) {
            throw new AcknowledgementException.Malformed(
                    e.getCause() instanceof IllegalArgumentException cause
                            ? String.valueOf(cause.getMessage())
                            : "a member");
        } catch (JsonMappingException e) {
            throw new AcknowledgementException.Malformed(
                    e.getPath().isEmpty()
                            ? "it is no such object"
                            : "member " + e.getPath().getFirst().getFieldName());
        } catch (JsonProcessingException e) {
            throw new AcknowledgementException.Malformed("it is no JSON");
        } catch (IOException e) {
            if (e instanceof AcknowledgementException known) {
                throw known;
            }
            throw new AcknowledgementException.Malformed("it is not UTF-8");
        }
    }

    private static JsonMapper mapper() {
        JsonMapper.Builder builder = JsonMapper.builder(JsonFactory.builder()
                .streamReadConstraints(
                        StreamReadConstraints.builder().maxNestingDepth(4).build())
                .build());
        return builder.addModule(new SimpleModule("instants")
                        .addSerializer(Instant.class, ToStringSerializer.instance)
                        .addDeserializer(Instant.class, new InstantText()))
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build();
    }

    private static final class InstantText extends StdDeserializer<Instant> {

        private static final long serialVersionUID = 1L;

        InstantText() {
            super(Instant.class);
        }

        @Override
        public Instant deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            String text = parser.getValueAsString("");
            try {
                return Instant.parse(text);
            } catch (DateTimeException e) {
                throw InvalidFormatException.from(parser, "not a time in ISO 8601 UTC", text, Instant.class);
            }
        }
    }
}
