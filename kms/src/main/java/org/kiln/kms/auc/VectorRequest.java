package org.kiln.kms.auc;

import java.util.Optional;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.sqn.IndRange;
import org.kiln.transfer.numbering.Supi;

/**
 * A request for authentication vectors.
 *
 * @param domain in which the card will be challenged; decides IND
 * @param count 1 to 32
 * @param resynchronisation the synchronisation failure that the card answered the last challenge with
 */
public record VectorRequest(
        Supi supi, IndRange.Domain domain, VectorKind kind, int count, Optional<Resynchronisation> resynchronisation) {

    /** A request of the packet-switched domain, EPS and 5G included. */
    public VectorRequest(Supi supi, VectorKind kind, int count, Optional<Resynchronisation> resynchronisation) {
        this(supi, IndRange.Domain.PACKET_SWITCHED, kind, count, resynchronisation);
    }

    /** The same request, for the IMS. */
    public VectorRequest forIms() {
        return new VectorRequest(supi, IndRange.Domain.IMS, kind, count, resynchronisation);
    }

    /** The same request, for the circuit-switched domain. */
    public VectorRequest forCircuitSwitched() {
        return new VectorRequest(supi, IndRange.Domain.CIRCUIT_SWITCHED, kind, count, resynchronisation);
    }

    /**
     * A synchronisation failure (TS 33.102 clause 6.3.3).
     *
     * @param rand 16 octets
     * @param auts 14 octets
     */
    public record Resynchronisation(byte[] rand, byte[] auts) {}
}
