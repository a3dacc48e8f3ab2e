package org.kiln.transfer.recipient;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.kiln.transfer.acknowledgement.Acknowledgement;
import org.kiln.transfer.acknowledgement.Acknowledgement.Verdict;
import org.kiln.transfer.acknowledgement.AcknowledgementFile;
import org.kiln.transfer.batch.Manifest;
import org.kiln.transfer.envelope.Identity;

/** Answers for batches with the key to which they are sealed. Used by the thread that uses the token. */
public final class BatchAcknowledger {

    private final BatchOpener opener;
    private final Identity identity;
    private final InstantSource clock;

    public BatchAcknowledger(BatchOpener opener, Identity identity, InstantSource clock) {
        this.opener = opener;
        this.identity = identity;
        this.clock = clock;
    }

    /**
     * An answer and its signed form.
     *
     * @param file what the sender gets
     */
    public record Answer(Acknowledgement acknowledgement, byte[] file) {}

    /**
     * Opens every key of a checked batch, leaving nothing in the token, and accepts it if that succeeds. A fault of the
     * batch becomes a rejection that says so; one of the token or of a missing transport key is no fault of the batch and is
     * thrown.
     *
     * @throws RecipientException.UnknownTransportKey as {@link BatchOpener#open} throws it, and so for its other exceptions
     *     that are not named there as faults of values
     */
    public Answer answer(Path file, BatchOpener.CheckedBatch checked) throws IOException {
        try {
            opener.open(file, checked, _ -> {});
            return sign(checked.manifest(), Verdict.ACCEPTED, List.of());
        } catch (RecipientException.ValueRefused | RecipientException.CheckValueDiffers e) {
            return sign(checked.manifest(), Verdict.REJECTED, List.of(String.valueOf(e.getMessage())));
        }
    }

    /** Rejects a checked batch for reasons of the recipient's own; opens nothing. */
    public Answer reject(BatchOpener.CheckedBatch checked, List<String> reasons) throws IOException {
        return sign(checked.manifest(), Verdict.REJECTED, reasons);
    }

    private Answer sign(Manifest manifest, Verdict verdict, List<String> reasons) throws IOException {
        Acknowledgement acknowledgement = new Acknowledgement(
                Acknowledgement.FORMAT,
                manifest.orderId(),
                manifest.batchId(),
                manifest.digest(),
                manifest.quantity(),
                manifest.recipient(),
                clock.instant(),
                verdict,
                reasons);
        return new Answer(acknowledgement, AcknowledgementFile.write(acknowledgement, identity, clock));
    }
}
