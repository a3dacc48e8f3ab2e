package org.kiln.personalisation.output;

import org.kiln.kms.keys.WrappedKey;
import org.kiln.transfer.batch.StagingCipher;

/** What the token does for files that have codes in the clear. */
public interface ClearCodes {

    /** A code that rests under the host storage key, as a file has it. */
    String read(WrappedKey code);

    /** Hides one such file while it is staged, under a key of the token's random numbers; the caller closes it. */
    StagingCipher newCipher();
}
