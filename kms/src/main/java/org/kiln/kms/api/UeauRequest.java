package org.kiln.kms.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.auc.VectorRequest.Resynchronisation;

/**
 * The members of {@code AuthenticationInfoRequest} and {@code HssAuthenticationInfoRequest} (TS 29.503) that Kiln acts
 * upon, each null where the body has none. Unknown members are passed over, as TS 29.500 asks.
 */
final class UeauRequest {

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(16)
                    .maxStringLength(4096)
                    .build())
            .build();

    private static final int RAND_OCTETS = 16;
    private static final int AUTS_OCTETS = 14;

    private @Nullable String servingNetworkName;
    private @Nullable String ausfInstanceId;
    private @Nullable String hssAuthType;
    private @Nullable String authType;
    private @Nullable String anId;
    private @Nullable String mcc;
    private @Nullable String mnc;
    private @Nullable Integer numOfRequestedVectors;
    private boolean resynchronisation;
    private boolean features;
    private @Nullable String rand;
    private @Nullable String auts;

    private UeauRequest() {}

    /**
     * Reads a body.
     *
     * @throws ProblemException (400) if it is no JSON object or a member has the wrong type
     */
    static UeauRequest parse(Buffer body) {
        UeauRequest request = new UeauRequest();
        try (JsonParser json = JSON.createParser(body.getBytes())) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw malformed("the body is no JSON object");
            }
            request.readMembers(json);
            if (json.nextToken() != null) {
                throw malformed("something follows the JSON object");
            }
        } catch (IOException e) {
            throw malformed("the body is no well-formed JSON");
        }
        return request;
    }

    private static ProblemException malformed(String detail) {
        return new ProblemException(Problem.of(Cause.INVALID_MSG_FORMAT, detail));
    }

    private void readMembers(JsonParser json) throws IOException {
        String name = json.nextFieldName();
        while (name != null) {
            JsonToken value = json.nextToken();
            switch (name) {
                case "servingNetworkName" -> servingNetworkName = text(json, name);
                case "ausfInstanceId" -> ausfInstanceId = text(json, name);
                case "hssAuthType" -> hssAuthType = text(json, name);
                case "authType" -> authType = text(json, name);
                case "anId" -> anId = text(json, name);
                case "numOfRequestedVectors" -> numOfRequestedVectors = integer(json, value, name);
                case "supportedFeatures" -> features = isFeatures(text(json, name));
                case "servingNetworkId" -> readPlmn(json, value);
                case "resynchronizationInfo" -> readResynchronisation(json, value);
                default -> json.skipChildren();
            }
            name = json.nextFieldName();
        }
    }

    private void readPlmn(JsonParser json, JsonToken value) throws IOException {
        requireObject(value, "servingNetworkId");
        String name = json.nextFieldName();
        while (name != null) {
            json.nextToken();
            switch (name) {
                case "mcc" -> mcc = text(json, "servingNetworkId/mcc");
                case "mnc" -> mnc = text(json, "servingNetworkId/mnc");
                default -> json.skipChildren();
            }
            name = json.nextFieldName();
        }
    }

    private void readResynchronisation(JsonParser json, JsonToken value) throws IOException {
        requireObject(value, "resynchronizationInfo");
        resynchronisation = true;
        String name = json.nextFieldName();
        while (name != null) {
            json.nextToken();
            switch (name) {
                case "rand" -> rand = text(json, "resynchronizationInfo/rand");
                case "auts" -> auts = text(json, "resynchronizationInfo/auts");
                default -> json.skipChildren();
            }
            name = json.nextFieldName();
        }
    }

    private static void requireObject(JsonToken value, String param) {
        if (value != JsonToken.START_OBJECT) {
            throw new ProblemException(Problem.incorrect(param, "is no object"));
        }
    }

    private static String text(JsonParser json, String param) throws IOException {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw new ProblemException(Problem.incorrect(param, "is no string"));
        }
        return json.getText();
    }

    private static boolean isFeatures(String text) {
        if (!text.chars().allMatch(HexFormat::isHexDigit)) {
            throw new ProblemException(Problem.incorrect("supportedFeatures", "is not hexadecimal"));
        }
        return true;
    }

    private static int integer(JsonParser json, JsonToken value, String param) throws IOException {
        if (value != JsonToken.VALUE_NUMBER_INT) {
            throw new ProblemException(Problem.incorrect(param, "is no integer"));
        }
        return json.getIntValue();
    }

    private static String required(@Nullable String value, String param) {
        if (value == null) {
            throw new ProblemException(Problem.missing(param));
        }
        return value;
    }

    /** Whether the caller told his features, and so is told those that both sides support (TS 29.500 clause 6.6.2). */
    boolean asksForFeatures() {
        return features;
    }

    String servingNetworkName() {
        return required(servingNetworkName, "servingNetworkName");
    }

    String ausfInstanceId() {
        return required(ausfInstanceId, "ausfInstanceId");
    }

    String hssAuthType() {
        return required(hssAuthType, "hssAuthType");
    }

    String authType() {
        return required(authType, "authType");
    }

    String anId() {
        return required(anId, "anId");
    }

    String mcc() {
        return required(mcc, "servingNetworkId/mcc");
    }

    String mnc() {
        return required(mnc, "servingNetworkId/mnc");
    }

    /** 1 to 5. */
    int numOfRequestedVectors() {
        if (numOfRequestedVectors == null) {
            throw new ProblemException(Problem.missing("numOfRequestedVectors"));
        }
        if (numOfRequestedVectors < 1 || numOfRequestedVectors > 5) {
            throw new ProblemException(Problem.incorrect("numOfRequestedVectors", "is not 1 to 5"));
        }
        return numOfRequestedVectors;
    }

    Optional<Resynchronisation> resynchronisation() {
        if (!resynchronisation) {
            return Optional.empty();
        }
        return Optional.of(new Resynchronisation(
                octets(rand, RAND_OCTETS, "resynchronizationInfo/rand"),
                octets(auts, AUTS_OCTETS, "resynchronizationInfo/auts")));
    }

    private static byte[] octets(@Nullable String hex, int count, String param) {
        String digits = required(hex, param);
        if (digits.length() != 2 * count || !digits.chars().allMatch(HexFormat::isHexDigit)) {
            throw new ProblemException(Problem.incorrect(param, "is not " + 2 * count + " hexadecimal digits"));
        }
        return HexFormat.of().parseHex(digits);
    }
}
