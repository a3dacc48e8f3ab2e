package org.kiln.kms.api;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.transfer.numbering.Supi;

/** The answers of TS 29.503 clause 6.3: {@code AuthenticationInfoResult} and {@code HssAuthenticationInfoResult}. */
final class VectorJson {

    private static final int ANSWER_OCTETS = 256;
    private static final int VECTOR_OCTETS = 320;

    /** Kiln supports none of the optional features. */
    private static final byte[] NO_FEATURES = ascii(",\"supportedFeatures\":\"0\"");

    private static final byte[] NOTHING = {};
    private static final String EAP_AKA_PRIME = "EAP_AKA_PRIME";

    private static final byte[] RAND = ascii("\",\"rand\":");
    private static final byte[] AUTN = ascii(",\"autn\":");
    private static final byte[] XRES = ascii(",\"xres\":");
    private static final byte[] XRES_STAR = ascii(",\"xresStar\":");
    private static final byte[] KAUSF = ascii(",\"kausf\":");
    private static final byte[] KASME = ascii(",\"kasme\":");
    private static final byte[] CK = ascii(",\"ck\":");
    private static final byte[] IK = ascii(",\"ik\":");
    private static final byte[] CK_PRIME = ascii(",\"ckPrime\":");
    private static final byte[] IK_PRIME = ascii(",\"ikPrime\":");
    private static final byte[] AV_TYPE = ascii("{\"avType\":\"");

    private VectorJson() {}

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** {@code AuthenticationInfoResult} with one vector, a 5G HE AV or an EAP-AKA′ AV; the vector is wiped. */
    static Buffer authenticationInfo(Supi supi, AuthenticationVector vector, boolean features) {
        boolean eap = vector instanceof AuthenticationVector.EapAkaPrime;
        JsonText json = new JsonText(ANSWER_OCTETS + VECTOR_OCTETS)
                .raw("{\"authType\":\"")
                .raw(eap ? EAP_AKA_PRIME : "5G_AKA")
                .raw("\",\"authenticationVector\":");
        append(json, eap ? EAP_AKA_PRIME : "5G_HE_AKA", vector);
        vector.wipe();
        return json.raw(",\"supi\":\"")
                .raw(supi.value())
                .raw("\"")
                .raw(features(features))
                .raw("}")
                .toBuffer();
    }

    /** {@code HssAuthenticationInfoResult}; the vectors are wiped. */
    static Buffer hssAuthenticationInfo(String avType, List<AuthenticationVector> vectors, boolean features) {
        JsonText json =
                new JsonText(ANSWER_OCTETS + VECTOR_OCTETS * vectors.size()).raw("{\"hssAuthenticationVectors\":[");
        for (int i = 0; i < vectors.size(); i++) {
            if (i > 0) {
                json.raw(",");
            }
            append(json, avType, vectors.get(i));
            vectors.get(i).wipe();
        }
        return json.raw("]").raw(features(features)).raw("}").toBuffer();
    }

    /** {@code GbaAuthenticationInfoResult}; the vector is wiped. */
    static Buffer gbaAuthenticationInfo(AuthenticationVector vector, boolean features) {
        if (!(vector instanceof AuthenticationVector.Umts v)) {
            throw new IllegalStateException("GBA takes quintuplets");
        }
        JsonText json = new JsonText(ANSWER_OCTETS + VECTOR_OCTETS)
                .raw("{\"3gAkaAv\":{\"rand\":")
                .hex(v.rand())
                .raw(AUTN)
                .hex(v.autn())
                .raw(XRES)
                .hex(v.xres())
                .raw(CK)
                .hex(v.ck())
                .raw(IK)
                .hex(v.ik());
        vector.wipe();
        return json.raw("}").raw(features(features)).raw("}").toBuffer();
    }

    private static byte[] features(boolean told) {
        return told ? NO_FEATURES : NOTHING;
    }

    private static void append(JsonText json, String avType, AuthenticationVector vector) {
        json.raw(AV_TYPE).raw(avType).raw(RAND).hex(vector.rand()).raw(AUTN).hex(vector.autn());
        switch (vector) {
            case AuthenticationVector.FiveGHe v ->
                json.raw(XRES_STAR).hex(v.xresStar()).raw(KAUSF).hex(v.kausf());
            case AuthenticationVector.Eps v ->
                json.raw(XRES).hex(v.xres()).raw(KASME).hex(v.kasme());
            case AuthenticationVector.Umts v ->
                json.raw(XRES).hex(v.xres()).raw(CK).hex(v.ck()).raw(IK).hex(v.ik());
            case AuthenticationVector.Gsm _, AuthenticationVector.FiveGSe _ ->
                throw new IllegalStateException("TS 29.503 has no " + vector + " vectors");
            case AuthenticationVector.EapAkaPrime v ->
                json.raw(XRES)
                        .hex(v.xres())
                        .raw(CK_PRIME)
                        .hex(v.ckPrime())
                        .raw(IK_PRIME)
                        .hex(v.ikPrime());
        }
        json.raw("}");
    }
}
