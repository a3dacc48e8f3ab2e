package org.kiln.kms.auc;

import java.util.Optional;
import org.kiln.kms.aka.VectorKind;
import org.kiln.transfer.numbering.Supi;

/**
 * A request for authentication vectors.
 *
 * @param count 1 to 32
 * @param resynchronisation the synchronisation failure that the card answered the last challenge with
 */
public record VectorRequest(Supi supi, VectorKind kind, int count, Optional<Resynchronisation> resynchronisation) {

    /**
     * A synchronisation failure (TS 33.102 clause 6.3.3).
     *
     * @param rand 16 octets
     * @param auts 14 octets
     */
    public record Resynchronisation(byte[] rand, byte[] auts) {}
}
