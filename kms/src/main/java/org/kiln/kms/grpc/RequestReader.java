package org.kiln.kms.grpc;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.kiln.auc.v1.VectorRequest;
import org.kiln.kms.aka.PlmnId;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.auc.VectorRequest.Resynchronisation;
import org.kiln.transfer.numbering.NumberingException;
import org.kiln.transfer.numbering.Supi;

/** Makes a request of the authentication centre out of one of {@code kiln.auc.v1}. */
final class RequestReader {

    private static final int MOST_VECTORS = 32;
    private static final int RAND_OCTETS = 16;
    private static final Set<Integer> AUTS_OCTETS = Set.of(6 + 8, 6 + 16, 6 + 32);
    private static final int LONGEST_NAME = 255;
    private static final Pattern SERVING_NETWORK_NAME =
            Pattern.compile("5G:mnc[0-9]{3}[.]mcc[0-9]{3}[.]3gppnetwork[.]org(:[A-F0-9]{11})?|5G:NSWO");

    private final boolean laboratory;

    /** @param laboratory whether 5G vectors with KSEAF may be had */
    RequestReader(boolean laboratory) {
        this.laboratory = laboratory;
    }

    /** @throws InvalidRequestException naming the field that is missing or wrong */
    org.kiln.kms.auc.VectorRequest read(VectorRequest request) {
        var asked = new org.kiln.kms.auc.VectorRequest(
                supi(request), kind(request), count(request), resynchronisation(request));
        return switch (request.getDomain()) {
            case DOMAIN_PACKET_SWITCHED -> asked;
            case DOMAIN_CIRCUIT_SWITCHED -> asked.forCircuitSwitched();
            case DOMAIN_IMS -> asked.forIms();
            case DOMAIN_UNSPECIFIED ->
                asked.kind() == VectorKind.UmtsAka.IMS || asked.kind() == VectorKind.UmtsAka.GBA
                        ? asked.forIms()
                        : asked;
            case UNRECOGNIZED -> throw new InvalidRequestException("domain is none that this release knows");
        };
    }

    private static Supi supi(VectorRequest request) {
        try {
            return new Supi(request.getSupi());
        } catch (NumberingException e) {
            throw new InvalidRequestException("supi: " + e.getMessage());
        }
    }

    private static int count(VectorRequest request) {
        int count = request.getCount();
        if (count < 0 || count > MOST_VECTORS) {
            throw new InvalidRequestException("count is 1 to " + MOST_VECTORS);
        }
        return count == 0 ? 1 : count;
    }

    private VectorKind kind(VectorRequest request) {
        return switch (request.getKind()) {
            case VECTOR_KIND_GSM -> VectorKind.GsmAka.GSM;
            case VECTOR_KIND_UMTS -> VectorKind.UmtsAka.UMTS;
            case VECTOR_KIND_IMS -> VectorKind.UmtsAka.IMS;
            case VECTOR_KIND_GBA -> VectorKind.UmtsAka.GBA;
            case VECTOR_KIND_EAP_AKA -> VectorKind.UmtsAka.EAP_AKA;
            case VECTOR_KIND_EPS -> VectorKind.EpsAka.of(plmn(request.getPlmn()));
            case VECTOR_KIND_EAP_AKA_PRIME -> VectorKind.EapAkaPrime.of(networkName(request));
            case VECTOR_KIND_5G_HE -> VectorKind.FiveGHeAka.of(servingNetworkName(request));
            case VECTOR_KIND_5G_SE -> {
                if (!laboratory) {
                    throw new InvalidRequestException(
                            "kind: KSEAF leaves the AUSF in a laboratory only; use VECTOR_KIND_5G_HE, or start Kiln with"
                                    + " --lab");
                }
                yield VectorKind.FiveGSeAka.of(servingNetworkName(request));
            }
            case VECTOR_KIND_UNSPECIFIED, UNRECOGNIZED ->
                throw new InvalidRequestException("kind is missing or none that this release knows");
        };
    }

    private static PlmnId plmn(String text) {
        String[] parts = text.split("-", -1);
        if (parts.length != 2) {
            throw new InvalidRequestException("plmn is mcc and mnc, such as 001-01");
        }
        try {
            return new PlmnId(parts[0], parts[1]);
        } catch (IllegalArgumentException e) {
            throw new InvalidRequestException("plmn: " + e.getMessage());
        }
    }

    private static String networkName(VectorRequest request) {
        String name = request.getNetworkName();
        if (name.isEmpty() || name.length() > LONGEST_NAME) {
            throw new InvalidRequestException("network_name has 1 to " + LONGEST_NAME + " characters");
        }
        return name;
    }

    private static String servingNetworkName(VectorRequest request) {
        String name = request.getNetworkName();
        if (!SERVING_NETWORK_NAME.matcher(name).matches()) {
            throw new InvalidRequestException("network_name is not of the form 5G:mnc001.mcc001.3gppnetwork.org");
        }
        return name;
    }

    private static Optional<Resynchronisation> resynchronisation(VectorRequest request) {
        if (!request.hasResynchronisation()) {
            return Optional.empty();
        }
        byte[] rand = request.getResynchronisation().getRand().toByteArray();
        byte[] auts = request.getResynchronisation().getAuts().toByteArray();
        if (rand.length != RAND_OCTETS || !AUTS_OCTETS.contains(auts.length)) {
            throw new InvalidRequestException(
                    "resynchronisation: rand has 16 octets, auts 14 (22 or 38 with a longer MAC of TUAK)");
        }
        return Optional.of(new Resynchronisation(rand, auts));
    }
}
