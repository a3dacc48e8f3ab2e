package org.kiln.transfer.recipient;

import java.io.IOException;
import org.kiln.transfer.batch.BatchHandler;
import org.kiln.transfer.batch.BatchRecord;
import org.kiln.transfer.batch.Manifest;

/** Requires that a batch names this recipient; passes over its cards. */
record RecipientCheck(String recipient) implements BatchHandler {

    @Override
    public void manifest(Manifest manifest) throws IOException {
        if (!manifest.recipient().equals(recipient)) {
            throw new RecipientException.WrongRecipient(manifest.recipient(), recipient);
        }
    }

    @Override
    public void card(BatchRecord card) {}
}
