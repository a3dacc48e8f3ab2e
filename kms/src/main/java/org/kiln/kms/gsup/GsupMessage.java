package org.kiln.kms.gsup;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.auc.VectorRequest;
import org.kiln.kms.gsup.GsupException.WrongMessage;
import org.kiln.transfer.numbering.NumberingException;
import org.kiln.transfer.numbering.Supi;

/** A GSUP message as a peer sent it. Elements that Kiln does not know are passed over, as Osmocom does. */
final class GsupMessage {

    static final int SEND_AUTH_INFO_REQUEST = 0x08;
    static final int SEND_AUTH_INFO_RESULT = 0x0a;

    /** The most vectors that GSUP carries, and what a request without a number gets. */
    static final int MOST_VECTORS = 5;

    private static final int KIND_OF_TYPE = 0x03;
    private static final int REQUEST = 0x00;
    private static final int ERROR = 0x01;
    private static final int PACKET_SWITCHED = 1;
    private static final int CIRCUIT_SWITCHED = 2;
    private static final int EUTRAN = 3;
    private static final int LONGEST_IMSI = 8;
    private static final int FILLER = 0xf;

    private final int type;
    private final Map<Integer, byte[]> elements = new HashMap<>();
    private final boolean whole;

    /** @param octets the type and the elements; at least one octet */
    GsupMessage(byte[] octets) {
        type = octets[0] & 0xff;
        int at = 1;
        while (at + 2 <= octets.length && at + 2 + (octets[at + 1] & 0xff) <= octets.length) {
            int end = at + 2 + (octets[at + 1] & 0xff);
            elements.put(octets[at] & 0xff, Arrays.copyOfRange(octets, at + 2, end));
            at = end;
        }
        whole = at == octets.length;
    }

    int type() {
        return type;
    }

    /** Whether an answer is expected: errors, results and reports get none, or two peers would never end. */
    boolean isRequest() {
        return (type & KIND_OF_TYPE) == REQUEST;
    }

    /** The type of an error that answers this request. */
    int errorType() {
        return (type & ~KIND_OF_TYPE) | ERROR;
    }

    byte @Nullable [] element(int identifier) {
        return elements.get(identifier);
    }

    /** Whether it comes from a 4G core, which must get vectors with the AMF's separation bit. */
    boolean isForEps() {
        return optionalOctet(GsupElement.CURRENT_RAT_TYPE, 0) == EUTRAN;
    }

    /**
     * The vectors that a SendAuthInfo request asks for.
     *
     * @throws WrongMessage saying which element is missing or wrong
     */
    VectorRequest vectorRequest(VectorKind kind) {
        if (!whole) {
            throw invalid("the message ends inside an element");
        }
        VectorRequest request = new VectorRequest(supi(), kind, count(), resynchronisation());
        return switch (optionalOctet(GsupElement.CN_DOMAIN, PACKET_SWITCHED)) {
            case PACKET_SWITCHED -> request;
            case CIRCUIT_SWITCHED -> request.forCircuitSwitched();
            default -> throw invalid("the CN domain is neither PS nor CS");
        };
    }

    /** TBCD (TS 29.002): two digits an octet, the first in the low half, filled up with 1111. */
    private Supi supi() {
        byte[] tbcd = elements.get(GsupElement.IMSI);
        if (tbcd == null || tbcd.length > LONGEST_IMSI) {
            throw invalid(tbcd == null ? "the IMSI is missing" : "the IMSI is longer than 8 octets");
        }
        StringBuilder supi = new StringBuilder("imsi-");
        for (int i = 0; i < 2 * tbcd.length; i++) {
            int digit = (tbcd[i / 2] >> (4 * (i % 2))) & 0xf;
            if (digit > 9 && !(digit == FILLER && i == 2 * tbcd.length - 1)) {
                throw invalid("the IMSI has something else than digits");
            }
            if (digit <= 9) {
                supi.append(digit);
            }
        }
        try {
            return new Supi(supi.toString());
        } catch (NumberingException e) {
            throw invalid("the IMSI is not of 5 to 15 digits");
        }
    }

    private int count() {
        int asked = optionalOctet(GsupElement.NUM_VECTORS, MOST_VECTORS);
        return asked == 0 ? MOST_VECTORS : Math.min(asked, MOST_VECTORS);
    }

    private Optional<VectorRequest.Resynchronisation> resynchronisation() {
        byte[] rand = elements.get(GsupElement.RAND);
        byte[] auts = elements.get(GsupElement.AUTS);
        if (auts == null) {
            return Optional.empty();
        }
        if (rand == null) {
            throw new WrongMessage(
                    GsupCause.CONDITIONAL_ELEMENT_ERROR, "an AUTS without the RAND of the challenge that it answers");
        }
        if (auts.length != 14 || rand.length != 16) {
            throw invalid("AUTS has 14 octets and RAND 16");
        }
        return Optional.of(new VectorRequest.Resynchronisation(rand, auts));
    }

    private int optionalOctet(int identifier, int without) {
        byte[] value = elements.get(identifier);
        if (value == null) {
            return without;
        }
        if (value.length != 1) {
            throw invalid("element " + identifier + " has one octet");
        }
        return value[0] & 0xff;
    }

    private static WrongMessage invalid(String message) {
        return new WrongMessage(GsupCause.INVALID_MANDATORY_INFORMATION, message);
    }
}
