package org.kiln.kms.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks a log that was written out, with one public key alone: the first, by which each change of the key is followed, or a later
 * one, which proves all entries by its own checkpoints and says which of the others it could not check. What one entry was changed into, dropped from, put
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
    private static final Set<String> OF_KEY = Set.of("key", "count", "root", "at", "publicKey", "signer", "signature");

    private final String given;
    private final List<Finding> unproven = new ArrayList<>();
    private PublicKey key;
    private boolean isVouched;
    private boolean isLater;
    private long lastKey;
    private final MerkleTree tree = new MerkleTree();
    private final List<Finding> findings = new ArrayList<>();
    private String before = AuditEntry.BEFORE_ALL;
    private long expected = 1;
    private long sealed;
    private long line;

    /** @param key the first that signed the log, from which the later ones follow, or a later one */
    public AuditVerifier(PublicKey key) {
        this.key = key;
        given = AuditKey.encoded(key);
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
        /** The checkpoint was not signed by the key that signed the log then. */
        NOT_SIGNED,
        /** The change of the key was not signed by the key before. */
        NOT_CERTIFIED
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
     * @param unchecked checkpoints and changes of before the given key, whose signatures it does not prove; their entries are
     *     covered by its own
     */
    public record Verdict(long entries, long sealed, List<Finding> findings, List<Finding> unchecked) {

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
        boolean isCovered = isLater && isVouched;
        if (!isCovered) {
            findings.addAll(unproven);
            findings.sort(Comparator.comparingLong(Finding::line));
        }
        return new Verdict(expected - 1, sealed, List.copyOf(findings), isCovered ? List.copyOf(unproven) : List.of());
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
            } else if (has(json, OF_KEY)) {
                change(new AuditKey(
                        number(json, "key"),
                        number(json, "count"),
                        hash(json, "root"),
                        Instant.parse(text(json, "at")),
                        text(json, "publicKey"),
                        text(json, "signer"),
                        text(json, "signature")));
            } else {
                find(Kind.MALFORMED, "its members are neither an entry's nor a checkpoint's nor a key's");
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
            findUnproven(
                    Kind.NOT_SIGNED,
                    "the checkpoint of " + checkpoint.count() + " entries is not by this key",
                    isOfThese(checkpoint.count(), checkpoint.root()));
        } else if (covers("checkpoint", checkpoint.count(), checkpoint.root())) {
            isVouched = true;
            sealed = checkpoint.count();
        }
    }

    private void change(AuditKey change) {
        if (change.number() != lastKey + 1) {
            find(Kind.DROPPED, "key " + change.number() + " comes after key " + lastKey);
        }
        lastKey = change.number();
        if (!isVouched && change.publicKey().equals(given)) {
            isLater = covers("change of the key", change.count(), change.root());
            unproven.add(new Finding(line, Kind.NOT_CERTIFIED, "this change made the given key the one that signs"));
        } else if (!change.isSignedBy(key)) {
            findUnproven(
                    Kind.NOT_CERTIFIED,
                    "the change to key " + change.number() + " is not by the key that signed until then",
                    isOfThese(change.count(), change.root()));
        } else if (covers("change of the key", change.count(), change.root())) {
            isVouched = true;
            sealed = change.count();
            key = decoded(change.publicKey());
        }
    }

    private static PublicKey decoded(String publicKey) {
        try {
            return KeyFactory.getInstance("EC")
                    .generatePublic(new X509EncodedKeySpec(HexFormat.of().parseHex(publicKey)));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("publicKey is no EC key: " + e.getMessage(), e);
        }
    }

    private boolean isOfThese(long count, String root) {
        return count == tree.leaves() && root.equals(tree.root());
    }

    private boolean covers(String what, long count, String root) {
        if (!isOfThese(count, root)) {
            find(
                    Kind.OTHER_ENTRIES,
                    "the " + what + " is of " + count + " entries, and not of the " + tree.leaves()
                            + " that stand before it");
            return false;
        }
        return true;
    }

    /** What a later key than the given one, or an earlier, has signed is a fault, unless the given one turns out to come after it. */
    private void findUnproven(Kind kind, String what, boolean isOfThese) {
        if (isVouched || !isOfThese) {
            find(kind, what);
        } else {
            unproven.add(new Finding(line, kind, what));
        }
    }

    private void find(Kind kind, String what) {
        findings.add(new Finding(line, kind, what));
    }
}
