package org.kiln.kms.auc;

import java.util.Optional;
import java.util.OptionalInt;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.aka.Milenage;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.sqn.IndRange;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.kms.subscriber.AuthenticationMethod;
import org.kiln.transfer.numbering.Supi;

/**
 * A request for authentication vectors.
 *
 * @param domain in which the card will be challenged; decides IND
 * @param count 1 to 32
 * @param resynchronisation the synchronisation failure that the card answered the last challenge with
 * @param amf an AMF to be used as it is; without, the subscriber's with the separation bit that the kind wants
 * @param byMethod whether the subscriber's authentication method decides between the 5G HE AV that {@code kind} states
 *     and an EAP-AKA′ AV for the same serving network
 */
public record VectorRequest(
        Supi supi,
        IndRange.Domain domain,
        VectorKind kind,
        int count,
        Optional<Resynchronisation> resynchronisation,
        OptionalInt amf,
        boolean byMethod) {

    /**
     * A request of a 5G core for one vector, which the subscriber's authentication method decides on (TS 33.501 clauses
     * 6.1.3.1 and 6.1.3.2).
     */
    public static VectorRequest fiveG(
            Supi supi, String servingNetworkName, Optional<Resynchronisation> resynchronisation) {
        return new VectorRequest(
                supi,
                IndRange.Domain.PACKET_SWITCHED,
                VectorKind.FiveGHeAka.of(servingNetworkName),
                1,
                resynchronisation,
                OptionalInt.empty(),
                true);
    }

    /** A request of the packet-switched domain, EPS and 5G included, with the subscriber's own AMF. */
    public VectorRequest(Supi supi, VectorKind kind, int count, Optional<Resynchronisation> resynchronisation) {
        this(supi, kind, count, resynchronisation, OptionalInt.empty());
    }

    /** A request of the packet-switched domain, EPS and 5G included. */
    public VectorRequest(
            Supi supi, VectorKind kind, int count, Optional<Resynchronisation> resynchronisation, OptionalInt amf) {
        this(supi, IndRange.Domain.PACKET_SWITCHED, kind, count, resynchronisation, amf, false);
    }

    /** The same request, for the IMS. */
    public VectorRequest forIms() {
        return new VectorRequest(supi, IndRange.Domain.IMS, kind, count, resynchronisation, amf, byMethod);
    }

    /** The same request, for the circuit-switched domain. */
    public VectorRequest forCircuitSwitched() {
        return new VectorRequest(supi, IndRange.Domain.CIRCUIT_SWITCHED, kind, count, resynchronisation, amf, byMethod);
    }

    /**
     * A synchronisation failure (TS 33.102 clause 6.3.3).
     *
     * @param rand 16 octets
     * @param auts 14 octets, or more where TUAK's MAC is longer than 64 bits
     */
    public record Resynchronisation(byte[] rand, byte[] auts) {}

    /** The kind of vectors that a subscriber of this method gets. */
    VectorKind kindFor(AuthenticationMethod method) {
        return byMethod
                        && method == AuthenticationMethod.EAP_AKA_PRIME
                        && kind instanceof VectorKind.FiveGHeAka(byte[] network)
                ? new VectorKind.EapAkaPrime(network)
                : kind;
    }

    /**
     * Refuses what the subscriber's algorithm cannot answer, before any token is asked.
     *
     * @param kind what he gets
     * @return the AMF to use, given the subscriber's
     * @throws AkaException saying why
     */
    int requireServedBy(VectorKind kind, Algorithm algorithm, int subscriberAmf) {
        if (count < 1 || count > Milenage.MOST_VECTORS) {
            throw new AkaException.KindNotServed("1 to " + Milenage.MOST_VECTORS + " vectors can be had at once");
        }
        algorithm.requireServes(kind);
        if (resynchronisation.isPresent() && algorithm.macOctets() == 0) {
            throw new AkaException.KindNotServed(algorithm.label() + " has no sequence numbers to resynchronise");
        }
        return amf.isPresent() ? kind.requireAmf(amf.getAsInt()) : kind.amf(subscriberAmf);
    }
}
