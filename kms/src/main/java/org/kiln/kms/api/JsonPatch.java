package org.kiln.kms.api;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** JSON Patch (RFC 6902) of documents without arrays, limited to some of their members. */
final class JsonPatch {

    private static final int MOST_OPERATIONS = 32;

    private final JsonNode operations;
    private final List<JsonPointer> changeable;

    private JsonPatch(JsonNode operations, List<JsonPointer> changeable) {
        this.operations = operations;
        this.changeable = changeable;
    }

    /**
     * Reads a patch.
     *
     * @param changeable members that may be changed, and all inside them; any may be tested
     * @throws ProblemException 400 if it is none, 403 if it would change anything else
     */
    static JsonPatch of(JsonNode body, List<JsonPointer> changeable) {
        if (!body.isArray() || body.isEmpty() || body.size() > MOST_OPERATIONS) {
            throw JsonTree.malformed("the body is no JSON array of 1 to " + MOST_OPERATIONS + " patch operations");
        }
        JsonPatch patch = new JsonPatch(body, changeable);
        body.forEach(patch::check);
        return patch;
    }

    private void check(JsonNode operation) {
        if (!operation.isObject()) {
            throw JsonTree.malformed("a patch operation is a JSON object");
        }
        JsonPointer path = path(operation);
        switch (JsonTree.required(operation, "op")) {
            case "test" -> requireValue(operation);
            case "add", "replace" -> {
                requireValue(operation);
                requireChangeable(path);
            }
            case "remove" -> requireChangeable(path);
            case "move", "copy" ->
                throw new ProblemException(
                        Problem.of(Cause.MODIFICATION_NOT_ALLOWED, "use add, replace, remove or test"));
            default ->
                throw new ProblemException(Problem.incorrect("op", "is not add, replace, remove, move, copy or test"));
        }
    }

    private static JsonPointer path(JsonNode operation) {
        JsonNode path = operation.path("path");
        if (!path.isTextual()) {
            throw new ProblemException(Problem.missing("path"));
        }
        try {
            return JsonPointer.compile(path.asText());
        } catch (IllegalArgumentException e) {
            throw new ProblemException(Problem.incorrect("path", "is no JSON pointer (RFC 6901)"));
        }
    }

    private static void requireValue(JsonNode operation) {
        if (!operation.has("value")) {
            throw new ProblemException(Problem.missing("value"));
        }
    }

    private void requireChangeable(JsonPointer path) {
        for (JsonPointer start : changeable) {
            if (path.equals(start) || path.toString().startsWith(start + "/")) {
                return;
            }
        }
        throw new ProblemException(Problem.of(
                Cause.MODIFICATION_NOT_ALLOWED, "only " + changeable + " may be changed; replace the rest with PUT"));
    }

    /**
     * Changes the document, operation by operation.
     *
     * @throws ProblemException (409) if a test fails, or a path leads nowhere
     */
    void applyTo(ObjectNode document) {
        for (int i = 0; i < operations.size(); i++) {
            JsonNode operation = operations.get(i);
            JsonPointer path = path(operation);
            String op = operation.path("op").asText();
            if (op.equals("test")) {
                if (!document.at(path).equals(operation.get("value"))) {
                    throw conflict(i, "the test fails");
                }
                continue;
            }
            if (!op.equals("add") && document.at(path).isMissingNode()) {
                throw conflict(i, "nothing is at " + path);
            }
            if (!(document.at(path.head()) instanceof ObjectNode parent)) {
                throw conflict(i, "nothing can be at " + path);
            }
            String name = path.last().getMatchingProperty();
            if (op.equals("remove")) {
                parent.remove(name);
            } else {
                parent.set(name, operation.get("value"));
            }
        }
    }

    private static ProblemException conflict(int operation, String why) {
        return new ProblemException(
                Problem.of(Cause.PATCH_CONFLICT, why + " (operation index " + operation + "); nothing was changed"));
    }
}
