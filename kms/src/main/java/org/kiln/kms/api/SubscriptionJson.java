package org.kiln.kms.api;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import org.kiln.kms.provisioning.ArrivingSubscription;
import org.kiln.kms.provisioning.AuthenticationSubscription;
import org.kiln.kms.provisioning.ProvisioningException;
import org.kiln.kms.provisioning.SequenceNumber;
import org.kiln.transfer.numbering.Supi;

/** {@code AuthenticationSubscription} of TS 29.505, in and out. Members that Kiln does not know are passed over. */
final class SubscriptionJson {

    private static final String METHOD = "authenticationMethod";
    private static final String ALGORITHM = "algorithmId";
    private static final String PROTECTION = "protectionParameterId";
    private static final String KI = "encPermanentKey";
    private static final String OPC = "encOpcKey";
    private static final String TOPC = "encTopcKey";
    private static final String AMF = "authenticationManagementField";
    private static final String SEQUENCE = "sequenceNumber";
    private static final String SEQUENCE_PATH = SEQUENCE + "/";
    private static final String SQN = "sqn";
    private static final String SCHEME = "sqnScheme";
    private static final String IND_LENGTH = "indLength";
    private static final String DIF_SIGN = "difSign";
    private static final String LAST_INDEXES = "lastIndexes";
    private static final String USUAL_WRAPPING = "aes-kwp";

    /** Members by the columns of a load file that stand for them. */
    private static final Map<String, String> MEMBERS = Map.ofEntries(
            Map.entry("supi", "supi"),
            Map.entry("authMethod", METHOD),
            Map.entry("algorithm", ALGORITHM),
            Map.entry("transportKey", PROTECTION),
            Map.entry("wrapping", PROTECTION),
            Map.entry("eki", KI),
            Map.entry("eopc", OPC),
            Map.entry("etopc", TOPC),
            Map.entry("amf", AMF),
            Map.entry(SQN, SEQUENCE_PATH + SQN),
            Map.entry(SCHEME, SEQUENCE_PATH + SCHEME),
            Map.entry(IND_LENGTH, SEQUENCE_PATH + IND_LENGTH),
            Map.entry(DIF_SIGN, SEQUENCE_PATH + DIF_SIGN));

    private static final List<JsonPointer> CHANGEABLE = List.of(
            JsonPointer.compile("/" + SEQUENCE), JsonPointer.compile("/" + AMF), JsonPointer.compile("/" + METHOD));

    private SubscriptionJson() {}

    /**
     * Reads the body of a PUT.
     *
     * @throws ProblemException (400) if a member is missing or has the wrong type, or it is about somebody else
     */
    static ArrivingSubscription parse(Supi supi, Buffer body) {
        JsonNode json = JsonTree.read(body);
        if (!json.isObject()) {
            throw JsonTree.malformed("the body is no JSON object");
        }
        String stated = JsonTree.text(json, "", "supi");
        if (!stated.isEmpty() && !stated.equals(supi.value())) {
            throw new ProblemException(Problem.incorrect("supi", "is not that of the path"));
        }
        String[] keyAndWrapping = JsonTree.required(json, PROTECTION).split(":", 2);
        return new ArrivingSubscription(
                supi,
                JsonTree.required(json, METHOD),
                JsonTree.required(json, ALGORITHM),
                keyAndWrapping[0],
                keyAndWrapping.length == 1 ? USUAL_WRAPPING : keyAndWrapping[1],
                JsonTree.required(json, KI),
                JsonTree.text(json, "", OPC),
                JsonTree.text(json, "", TOPC),
                JsonTree.required(json, AMF),
                sequence(json));
    }

    private static SequenceNumber sequence(JsonNode subscription) {
        JsonNode json = subscription.path(SEQUENCE);
        if (json.isMissingNode()) {
            throw new ProblemException(Problem.missing(SEQUENCE));
        }
        if (!json.isObject()) {
            throw new ProblemException(Problem.incorrect(SEQUENCE, "is no object"));
        }
        String sqn = JsonTree.text(json, SEQUENCE_PATH, SQN);
        if (sqn.isEmpty()) {
            throw new ProblemException(Problem.missing(SEQUENCE_PATH + SQN));
        }
        requireIndexes(json.path(LAST_INDEXES));
        JsonNode indLength = json.path(IND_LENGTH);
        if (!indLength.isMissingNode() && !indLength.isIntegralNumber()) {
            throw new ProblemException(Problem.incorrect(SEQUENCE_PATH + IND_LENGTH, "is no integer"));
        }
        return new SequenceNumber(
                JsonTree.text(json, SEQUENCE_PATH, SCHEME),
                sqn,
                indLength.asText(""),
                JsonTree.text(json, SEQUENCE_PATH, DIF_SIGN));
    }

    /** Kiln draws IND anew for each request, from the values of its node, and so keeps no last indexes. */
    private static void requireIndexes(JsonNode indexes) {
        boolean isMap = indexes.isMissingNode() || indexes.isObject();
        if (!isMap || !indexes.valueStream().allMatch(index -> index.isIntegralNumber() && index.asLong() >= 0)) {
            throw new ProblemException(
                    Problem.incorrect(SEQUENCE_PATH + LAST_INDEXES, "is no map of integers from 0 on"));
        }
    }

    /** What may be told of a subscriber. */
    static ObjectNode of(AuthenticationSubscription subscription) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put(METHOD, subscription.method())
                .put("supi", subscription.supi().value())
                .put(ALGORITHM, subscription.algorithm())
                .put(AMF, subscription.amf());
        SequenceNumber sequence = subscription.sequence();
        ObjectNode numbers = json.putObject(SEQUENCE)
                .put(SCHEME, sequence.sqnScheme())
                .put(SQN, sequence.sqn())
                .put(IND_LENGTH, Integer.parseInt(sequence.indLength()));
        if (!sequence.difSign().isEmpty()) {
            numbers.put(DIF_SIGN, sequence.difSign());
        }
        return json;
    }

    /**
     * Reads the body of a PATCH.
     *
     * @throws ProblemException 400 if it is no patch, 403 if it would change what only PUT may
     */
    static JsonPatch patch(Buffer body) {
        return JsonPatch.of(JsonTree.read(body), CHANGEABLE);
    }

    /** @throws ProblemException if the patch does not apply, or what it makes is no subscription */
    static AuthenticationSubscription patched(AuthenticationSubscription before, JsonPatch patch) {
        ObjectNode json = of(before);
        patch.applyTo(json);
        return before.with(JsonTree.required(json, METHOD), JsonTree.required(json, AMF), sequence(json));
    }

    /** The problem of a value that is missing. */
    static Problem problem(ProvisioningException.Missing missing) {
        return Problem.missing(MEMBERS.getOrDefault(missing.column(), missing.column()));
    }

    /** The problem of a value that breaks a load file's rule. */
    static Problem problem(ProvisioningException.Refused refused) {
        return Problem.incorrect(
                MEMBERS.getOrDefault(refused.column(), refused.column()), String.valueOf(refused.getMessage()));
    }
}
