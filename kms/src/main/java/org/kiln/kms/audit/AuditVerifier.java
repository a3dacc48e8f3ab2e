package org.kiln.kms.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.security.PublicKey;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks a log that was written out, with the public signing key alone. What one entry was changed into, dropped from, put
 * elsewhere than, or added to shows in the chain; whoever makes the chain anew cannot sign its checkpoints.
 */
public final class AuditVerifier {

    private static final int LONGEST_LINE = 64 * 1024;
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final Set<String> OF_ENTRY = Set.of("number", "at", "actor", "act", "object", "detail", "hash");
    private static final Set<String> OF_CHECKPOINT = Set.of("checkpoint", "root", "at", "signature");

    private final PublicKey key;
    private final MerkleTree tree = new MerkleTree();
    private final List<Finding> findings = new ArrayList<>();
    private String before = AuditEntry.BEFORE_ALL;
    private long expected = 1;
    private long sealed;
    private long line;

    /** @param key of the certificate of the token's signing key */
    public AuditVerifier(PublicKey key) {
        this.key = key;
    }

    /** What is wrong with a line. */
    public enum Kind {
        /** It is no entry and no checkpoint. */
        MALFORMED,
        /** Entries that ought to come before it are not there. */
        DROPPED,
        /** It stands after an entry of a higher number, or twice. */
        OUT_OF_ORDER,
        /** Its content, or that of the entry before it, is not what was hashed. */
        ALTERED,
        /** The checkpoint is of other entries than stand before it. */
        OTHER_ENTRIES,
        /** The checkpoint was not signed by this key. */
        NOT_SIGNED
    }

    /** @param line from 1 */
    public record Finding(long line, Kind kind, String what) {

        @Override
        public String toString() {
            return "line " + line + ": " + kind.name().toLowerCase(Locale.ROOT).replace('_', ' ') + ": " + what;
        }
    }

    /**
     * What the check found.
     *
     * @param entries how many there are
     * @param sealed up to which entry a good checkpoint covers them; entries after it, or dropped from the end, are not proven
     */
    public record Verdict(long entries, long sealed, List<Finding> findings) {

        /** Whether nothing is wrong with what is there. */
        public boolean isGood() {
            return findings.isEmpty();
        }
    }

    /** Reads a log to its end. One verifier reads one log. */
    public Verdict verify(BufferedReader log) throws IOException {
        for (String text = log.readLine(); text != null; text = log.readLine()) {
            line++;
            read(text);
        }
        return new Verdict(expected - 1, sealed, List.copyOf(findings));
    }

    private void read(String text) {
        JsonNode json = parsed(text);
        if (json == null || !json.isObject()) {
            find(Kind.MALFORMED, "this is no JSON object");
            return;
        }
        try {
            if (has(json, OF_ENTRY)) {
                entry(
                        new AuditEntry(
                                number(json, "number"),
                                Instant.parse(text(json, "at")),
                                text(json, "actor"),
                                text(json, "act"),
                                text(json, "object"),
                                text(json, "detail")),
                        hash(json, "hash"));
            } else if (has(json, OF_CHECKPOINT)) {
                checkpoint(new Checkpoint(
                        number(json, "checkpoint"),
                        hash(json, "root"),
                        Instant.parse(text(json, "at")),
                        text(json, "signature")));
            } else {
                find(Kind.MALFORMED, "its members are neither an entry's nor a checkpoint's");
            }
        } catch (IllegalArgumentException | DateTimeException e) {
            find(Kind.MALFORMED, String.valueOf(e.getMessage()));
        }
    }

    private static @Nullable JsonNode parsed(String text) {
        try {
            return text.length() > LONGEST_LINE ? null : JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    private static boolean has(JsonNode json, Set<String> members) {
        return json.size() == members.size() && members.stream().allMatch(json::has);
    }

    private static String text(JsonNode json, String member) {
        if (!json.path(member).isTextual()) {
            throw new IllegalArgumentException(member + " is no text");
        }
        return json.path(member).textValue();
    }

    private static long number(JsonNode json, String member) {
        if (!json.path(member).canConvertToLong() || !json.path(member).isIntegralNumber()) {
            throw new IllegalArgumentException(member + " is no number");
        }
        return json.path(member).longValue();
    }

    private static String hash(JsonNode json, String member) {
        String hash = text(json, member);
        if (!hash.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException(member + " is not 64 hexadecimal digits");
        }
        return hash;
    }

    private void entry(AuditEntry entry, String hash) {
        if (entry.number() < expected) {
            find(Kind.OUT_OF_ORDER, "entry " + entry.number() + " stands after entry " + (expected - 1));
            return;
        }
        if (entry.number() > expected) {
            find(Kind.DROPPED, "entries " + expected + " to " + (entry.number() - 1) + " are not there");
        } else if (!entry.hash(before).equals(hash)) {
            find(Kind.ALTERED, "entry " + entry.number() + " is not what was written, or the entry before it is not");
        }
        before = hash;
        expected = entry.number() + 1;
        tree.add(HexFormat.of().parseHex(hash));
    }

    private void checkpoint(Checkpoint checkpoint) {
        if (!checkpoint.isSignedBy(key)) {
            find(Kind.NOT_SIGNED, "the checkpoint of " + checkpoint.count() + " entries is not by this key");
        } else if (checkpoint.count() != tree.leaves() || !checkpoint.root().equals(tree.root())) {
            find(
                    Kind.OTHER_ENTRIES,
                    "the checkpoint is of " + checkpoint.count() + " entries, and not of the " + tree.leaves()
                            + " that stand before it");
        } else {
            sealed = checkpoint.count();
        }
    }

    private void find(Kind kind, String what) {
        findings.add(new Finding(line, kind, what));
    }
}
