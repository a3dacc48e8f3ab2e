package org.kiln.transfer.recipient;

import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import org.kiln.transfer.batch.BatchReader;
import org.kiln.transfer.batch.Manifest;
import org.kiln.transfer.envelope.Identity;
import org.kiln.transfer.envelope.Opener;
import org.kiln.transfer.envelope.SignerTrust;
import org.kiln.transfer.envelope.VerifiedEnvelope;
import org.kiln.transfer.output.OutputFormats;

/**
 * Checks a batch file and opens it into the recipient's token, card by card, in constant memory. The values of keys and
 * codes never reach the host, but for those that come in key blocks: there it opens one after the other. Used by the thread that
 * uses the token.
 *
 * <p>Its methods throw, beside what they name, {@code EnvelopeException} for a file that is not as its sender sealed
 * it, {@code BatchFormatException} for one that breaks the format, and plain {@link IOException} for one that cannot be
 * read.
 */
public final class BatchOpener {

    private final RecipientToken token;
    private final Opener opener;
    private final String recipient;
    private final Rewrap rewrap;
    private final OtaUse otaUse;

    /**
     * An opener whose cards stay in the token.
     *
     * @param identity to whom envelopes are sealed: {@link RecipientKeys#envelopeIdentity}
     * @param trust whose files to take
     * @param recipient the name that a manifest must bear
     */
    public BatchOpener(RecipientToken token, Identity identity, SignerTrust trust, String recipient)
            throws IOException {
        this(token, identity, trust, recipient, Rewrap.FORBIDDEN);
    }

    /** As above, and {@code otaUse} says what the cards' keys for secured packets may do. */
    public BatchOpener(RecipientToken token, Identity identity, SignerTrust trust, String recipient, OtaUse otaUse)
            throws IOException {
        this(token, identity, trust, recipient, Rewrap.FORBIDDEN, otaUse);
    }

    /** As above, and {@code rewrap} says whether the cards' values may be wrapped again. */
    public BatchOpener(RecipientToken token, Identity identity, SignerTrust trust, String recipient, Rewrap rewrap)
            throws IOException {
        this(token, identity, trust, recipient, rewrap, OtaUse.NONE);
    }

    private BatchOpener(
            RecipientToken token, Identity identity, SignerTrust trust, String recipient, Rewrap rewrap, OtaUse otaUse)
            throws IOException {
        this.token = token;
        this.opener = new Opener(identity, trust, InstantSource.system());
        this.recipient = recipient;
        this.rewrap = rewrap;
        this.otaUse = otaUse;
    }

    /**
     * A file that was read from end to end and found good.
     *
     * @param signer who signed it
     * @param sha256 of the file: 64 lower-case hexadecimal digits
     * @param envelope for {@link Opener}
     */
    public record CheckedBatch(Manifest manifest, X509Certificate signer, String sha256, VerifiedEnvelope envelope) {}

    /**
     * What opening a batch did.
     *
     * @param keys wrapped values that were unwrapped
     * @param checkValues keys among them that were compared with their check value
     */
    public record Opened(long cards, long keys, long checkValues) {}

    /** Takes each card in turn. */
    @FunctionalInterface
    public interface CardConsumer {

        /**
         * The next card. Its objects are destroyed when this returns, unless it called {@link Card#keep}; when it
         * throws, in any case.
         *
         * @throws IOException passed on to the caller of {@code open}
         */
        void card(Card card) throws IOException;
    }

    /**
     * Reads the whole file: envelope, signature, signer, manifest, every line, count and digest. Uses no transport key.
     *
     * @throws RecipientException.WrongRecipient if the manifest names somebody else
     */
    public CheckedBatch verify(Path file) throws IOException {
        VerifiedEnvelope verified = opener.verify(file);
        Manifest manifest = opener.open(
                file,
                verified,
                content -> BatchReader.read(content, OutputFormats.PARSER, new RecipientCheck(recipient)));
        return new CheckedBatch(manifest, verified.signer(), verified.sha256(), verified);
    }

    /** Checks a file as {@link #verify} does, then opens it. */
    public Opened open(Path file, CardConsumer consumer) throws IOException {
        return open(file, verify(file), consumer);
    }

    /**
     * Opens a checked file, of any format. When this throws, what {@code consumer} did is to be undone.
     *
     * @param checked what {@link #verify} returned for it
     * @throws RecipientException.UnknownTransportKey if the token lacks a transport key that the manifest names
     * @throws RecipientException.WrongTransportKey if it holds another of that label
     * @throws RecipientException.WrappingNotOffered if the token cannot unwrap a column's values
     * @throws RecipientException.ValueRefused if a value does not unwrap
     * @throws RecipientException.NoKeyBlockKey if a column of key blocks names a key that was received for something else
     * @throws RecipientException.KeyBlockRefused if a key block is malformed, changed, or under another key
     * @throws RecipientException.KeyBlockMisfits if it holds another key than its column
     * @throws RecipientException.CheckValueDiffers if a key is not the one its check value tells
     */
    public Opened open(Path file, CheckedBatch checked, CardConsumer consumer) throws IOException {
        BatchOpening opening = new BatchOpening(token, rewrap, otaUse, consumer);
        opener.open(file, checked.envelope(), content -> BatchReader.read(content, OutputFormats.PARSER, opening));
        return opening.outcome();
    }
}
