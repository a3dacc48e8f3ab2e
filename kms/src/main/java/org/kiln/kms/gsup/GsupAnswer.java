package org.kiln.kms.gsup;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.List;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.GsmConversion;

/**
 * The answers to a request. Each repeats the request's IMSI, message class, session and message reference; what the
 * request calls its source is the answer's destination. So a proxy finds the way back, as with OsmoHLR.
 */
final class GsupAnswer {

    private static final int BLOCK = 16;
    private static final int TUPLE_AT_MOST = 2 + 5 * (2 + BLOCK) + 2 + 4 + 2 + 8;
    private static final int ELEMENT_AT_MOST = 2 + 255;
    private static final int REPEATED = 6;
    private static final byte[] SESSION_ENDS = {3};

    private GsupAnswer() {}

    /** An error of the request's own type. */
    static Buffer error(GsupMessage request, GsupCause cause) {
        GsupWriter writer = new GsupWriter(request.errorType(), (REPEATED + 1) * ELEMENT_AT_MOST);
        writer.element(GsupElement.IMSI, request.element(GsupElement.IMSI));
        writer.element(GsupElement.CAUSE, new byte[] {(byte) cause.octet()});
        return repeating(request, writer).toBuffer();
    }

    /**
     * A SendAuthInfo result; the vectors are wiped. A quintuplet goes with the triplet that c2 and c3 make of it.
     *
     * @throws AkaException.KindNotServed if GSUP has no room for what the subscriber's algorithm gives
     */
    static Buffer result(GsupMessage request, List<AuthenticationVector> vectors) {
        GsupWriter writer = new GsupWriter(
                GsupMessage.SEND_AUTH_INFO_RESULT, REPEATED * ELEMENT_AT_MOST + vectors.size() * TUPLE_AT_MOST);
        try {
            writer.element(GsupElement.IMSI, request.element(GsupElement.IMSI));
            for (AuthenticationVector vector : vectors) {
                int tuple = writer.begin(GsupElement.AUTH_TUPLE);
                append(writer.element(GsupElement.RAND, vector.rand()), vector);
                writer.end(tuple);
            }
            return repeating(request, writer).toBuffer();
        } finally {
            vectors.forEach(AuthenticationVector::wipe);
        }
    }

    private static void append(GsupWriter writer, AuthenticationVector vector) {
        switch (vector) {
            case AuthenticationVector.Gsm v ->
                writer.element(GsupElement.SRES, v.sres()).element(GsupElement.KC, v.kc());
            case AuthenticationVector.Umts v -> append(writer, v);
            default -> throw new IllegalStateException("GSUP has no " + vector + " vectors");
        }
    }

    private static void append(GsupWriter writer, AuthenticationVector.Umts v) {
        if (v.autn().length != BLOCK || v.ck().length != BLOCK || v.ik().length != BLOCK || v.xres().length > BLOCK) {
            throw new AkaException.KindNotServed(
                    "GSUP carries a MAC of 64 bits, CK and IK of 128 and a RES of up to 128;"
                            + " the subscriber's TUAK has other sizes");
        }
        byte[] ckIk = Arrays.copyOf(v.ck(), 2 * BLOCK);
        System.arraycopy(v.ik(), 0, ckIk, BLOCK, BLOCK);
        byte[] sres = GsmConversion.c2(v.xres());
        byte[] kc = GsmConversion.c3(ckIk);
        writer.element(GsupElement.SRES, sres)
                .element(GsupElement.KC, kc)
                .element(GsupElement.IK, v.ik())
                .element(GsupElement.CK, v.ck())
                .element(GsupElement.AUTN, v.autn())
                .element(GsupElement.RES, v.xres());
        Arrays.fill(ckIk, (byte) 0);
        Arrays.fill(sres, (byte) 0);
        Arrays.fill(kc, (byte) 0);
    }

    private static GsupWriter repeating(GsupMessage request, GsupWriter writer) {
        writer.element(GsupElement.SESSION_ID, request.element(GsupElement.SESSION_ID));
        if (request.element(GsupElement.SESSION_STATE) != null) {
            writer.element(GsupElement.SESSION_STATE, SESSION_ENDS);
        }
        return writer.element(GsupElement.SM_RP_MR, request.element(GsupElement.SM_RP_MR))
                .element(GsupElement.MESSAGE_CLASS, request.element(GsupElement.MESSAGE_CLASS))
                .element(GsupElement.DESTINATION_NAME, request.element(GsupElement.SOURCE_NAME));
    }
}
