package org.kiln.transfer.recipient;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Set;
import org.kiln.transfer.batch.BatchReader;
import org.kiln.transfer.batch.Manifest;
import org.kiln.transfer.envelope.Identity;
import org.kiln.transfer.openpgp.OpenPgpException;
import org.kiln.transfer.openpgp.PgpCertificate;
import org.kiln.transfer.openpgp.PgpIdentity;
import org.kiln.transfer.openpgp.PgpOpener;
import org.kiln.transfer.openpgp.VerifiedMessage;
import org.kiln.transfer.output.OutputFormats;

/**
 * As {@link BatchOpener}, for batch files in OpenPGP messages. Used by the thread that uses the token.
 *
 * <p>Its methods throw, beside what they name, {@link OpenPgpException} for a message that is not as its sender sealed it,
 * {@code BatchFormatException} for a batch that breaks the format, and plain {@link IOException} for a file that cannot be
 * read.
 */
public final class PgpBatchOpener {

    private final RecipientToken token;
    private final PgpOpener opener;
    private final RecipientCheck check;

    /**
     * @param sender whose messages to take
     * @param recipient the name that a manifest must bear
     */
    public PgpBatchOpener(RecipientToken token, PgpIdentity identity, PgpCertificate sender, String recipient) {
        this.token = token;
        this.opener = new PgpOpener(identity, Set.of(sender), InstantSource.system());
        this.check = new RecipientCheck(recipient);
    }

    /**
     * The OpenPGP certificate of the key to which envelopes are sealed. The same each time it is made.
     *
     * @param identity {@link RecipientKeys#envelopeIdentity}
     * @throws OpenPgpException if the key does not sign
     */
    public static PgpIdentity identity(Identity identity, String recipient) throws OpenPgpException {
        return PgpIdentity.of(
                identity.key(),
                identity.certificate().getPublicKey(),
                identity.provider(),
                recipient,
                identity.certificate().getNotBefore().toInstant());
    }

    /**
     * A file that was read from end to end and found good.
     *
     * @param message for {@link PgpOpener}
     */
    public record CheckedMessage(Manifest manifest, VerifiedMessage message) {}

    /**
     * Reads the whole file: message, signature, manifest, every line, count and digest. Uses no transport key.
     *
     * @throws RecipientException.WrongRecipient if the manifest names somebody else
     */
    public CheckedMessage verify(Path file) throws IOException {
        VerifiedMessage verified = opener.verify(file);
        Manifest manifest =
                opener.open(file, verified, content -> BatchReader.read(content, OutputFormats.PARSER, check));
        return new CheckedMessage(manifest, verified);
    }

    /** Opens a checked file, as {@link BatchOpener#open(Path, BatchOpener.CheckedBatch, BatchOpener.CardConsumer)}. */
    public BatchOpener.Opened open(Path file, CheckedMessage checked, BatchOpener.CardConsumer consumer)
            throws IOException {
        BatchOpening opening = new BatchOpening(token, Rewrap.FORBIDDEN, OtaUse.NONE, consumer);
        opener.open(file, checked.message(), content -> BatchReader.read(content, OutputFormats.PARSER, opening));
        return opening.outcome();
    }
}
