package org.kiln.transfer.recipient;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.transfer.batch.BatchHandler;
import org.kiln.transfer.batch.BatchReader;
import org.kiln.transfer.batch.BatchRecord;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.Content;
import org.kiln.transfer.batch.KcvConvention;
import org.kiln.transfer.batch.Manifest;
import org.kiln.transfer.batch.Protection;
import org.kiln.transfer.batch.Wrapping;
import org.kiln.transfer.envelope.Identity;
import org.kiln.transfer.envelope.Opener;
import org.kiln.transfer.envelope.SignerTrust;
import org.kiln.transfer.envelope.VerifiedEnvelope;

/**
 * Checks a batch file and opens it into the recipient's token, card by card. The values of keys and codes never reach
 * the host.
 */
public final class BatchOpener {

    private final RecipientToken token;
    private final Opener opener;
    private final String recipient;

    /**
     * @param identity to whom envelopes are sealed: {@link RecipientKeys#envelopeIdentity}
     * @param trust whose files to take
     * @param recipient the name that a manifest must bear
     */
    public BatchOpener(RecipientToken token, Identity identity, SignerTrust trust, String recipient)
            throws IOException {
        this.token = token;
        this.recipient = recipient;
        opener = new Opener(identity, trust, InstantSource.system());
    }

    /**
     * A file that was read from end to end and found whole.
     *
     * @param sha256 of the file, hexadecimal
     */
    public record CheckedBatch(Manifest manifest, X509Certificate signer, String sha256, VerifiedEnvelope envelope) {}

    /** What opening a batch did. */
    public record Opened(long cards, long keys, long checkValues) {}

    /** Takes each card in turn; its keys are destroyed when this returns. */
    @FunctionalInterface
    public interface CardConsumer {
        void card(Card card) throws IOException;
    }

    /**
     * Reads the whole file: envelope, signature, manifest, every line.
     *
     * @throws IOException of the kinds of {@code EnvelopeException}, {@code BatchFormatException} and
     *     {@link RecipientException}
     */
    public CheckedBatch verify(Path file) throws IOException {
        VerifiedEnvelope verified = opener.verify(file);
        Manifest manifest = opener.open(file, verified, content -> BatchReader.read(content, card -> {}));
        if (!manifest.recipient().equals(recipient)) {
            throw new RecipientException.WrongRecipient(manifest.recipient(), recipient);
        }
        return new CheckedBatch(manifest, verified.signer(), verified.sha256(), verified);
    }

    /** Opens a checked file; what {@code consumer} did is to be undone if this throws. */
    public Opened open(Path file, CheckedBatch checked, CardConsumer consumer) throws IOException {
        Opening opening = new Opening(consumer);
        opener.open(file, checked.envelope(), content -> BatchReader.read(content, opening));
        return new Opened(opening.cards, opening.keys, opening.checkValues);
    }

    /** One pass over a batch. */
    private final class Opening implements BatchHandler {

        private final CardConsumer consumer;
        private final Session session = token.session();
        private final Map<Content, Template> templates = new HashMap<>();
        private final Map<String, Long> transportKeys = new HashMap<>();
        private Map<String, Column> columns = Map.of();
        private long cards;
        private long keys;
        private long checkValues;

        Opening(CardConsumer consumer) {
            this.consumer = consumer;
            for (Content content : Content.values()) {
                templates.put(
                        content,
                        RecipientTemplates.value(content, token.profile().privateSessionObjects()));
            }
        }

        @Override
        public void manifest(Manifest manifest) throws IOException {
            columns = new HashMap<>();
            for (Column column : manifest.columns()) {
                columns.put(column.name(), column);
                String label = column.keyLabel();
                if (label != null && !transportKeys.containsKey(label)) {
                    transportKeys.put(label, transportKey(label, String.valueOf(column.keyKcv())));
                }
            }
        }

        private long transportKey(String label, String statedKcv) throws RecipientException {
            long key = RecipientKeys.find(session, Ck.CKO_SECRET_KEY, label)
                    .orElseThrow(() -> new RecipientException.UnknownTransportKey(label));
            String found = CheckValue.of(session, key);
            if (!statedKcv.startsWith(found)) {
                throw new RecipientException.WrongTransportKey(label, statedKcv, found);
            }
            return key;
        }

        @Override
        public void card(BatchRecord line) throws IOException {
            try (Card card = new Card(session, line.values())) {
                for (Map.Entry<String, String> value : line.values().entrySet()) {
                    Column column = require(value.getKey());
                    if (column.protection() == Protection.WRAPPED) {
                        card.put(column.name(), unwrap(line.line(), column, value.getValue()));
                        keys++;
                    }
                }
                compareCheckValues(line, card);
                consumer.card(card);
            }
            cards++;
        }

        private long unwrap(long line, Column column, String hex) throws RecipientException {
            Mechanism mechanism = column.wrapping() == Wrapping.AES_KW
                    ? token.profile().aesKeyWrap()
                    : token.profile().aesKeyWrapPadded();
            Content content = column.content() == null ? Content.TEXT : column.content();
            Long transportKey = transportKeys.get(String.valueOf(column.keyLabel()));
            Template template = templates.get(content);
            if (transportKey == null || template == null) {
                throw new IllegalStateException("column " + column.name() + " was not announced");
            }
            byte[] blob = HexFormat.of().parseHex(hex);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment in = arena.allocateFrom(ValueLayout.JAVA_BYTE, blob);
                return session.unwrapKey(mechanism, transportKey, in, blob.length, template);
            } catch (Pkcs11Exception e) {
                if (e.ckr().kind() == Ckr.Kind.SESSION || e.ckr().kind() == Ckr.Kind.PIN) {
                    throw e;
                }
                throw new RecipientException.ValueRefused(line, column.name(), "the value does not unwrap");
            }
        }

        private void compareCheckValues(BatchRecord line, Card card) throws RecipientException {
            for (Map.Entry<String, Long> key : card.keys().entrySet()) {
                String kcvColumn = key.getKey() + Column.KCV_SUFFIX;
                String stated = line.values().get(kcvColumn);
                if (stated != null && require(kcvColumn).kcvConvention() == KcvConvention.ZERO_BLOCK) {
                    if (!stated.startsWith(CheckValue.of(session, key.getValue()))) {
                        throw new RecipientException.ValueRefused(
                                line.line(), key.getKey(), "the key has not the check value stated");
                    }
                    checkValues++;
                }
            }
        }

        private Column require(String name) {
            Column column = columns.get(name);
            if (column == null) {
                throw new IllegalStateException("column " + name + " was not announced");
            }
            return column;
        }
    }
}
