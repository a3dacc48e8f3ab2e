package org.kiln.kms.keys;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;

/** Walks every key of a token and names each that breaks a rule of {@link KeyPolicy}. */
public final class KeyAudit {

    private static final Set<Cka> HOME_NETWORK_FLAGS = Set.of(Cka.PRIVATE, Cka.SENSITIVE, Cka.DERIVE);

    private static final Set<Cka> KEY_BLOCK_FLAGS = Set.of(Cka.PRIVATE, Cka.SENSITIVE, Cka.SIGN);

    private final LocalDate today;
    private final Set<String> storageKeys;

    /**
     * @param today against which crypto-periods are judged
     * @param storageKeyVersions which the token must hold
     */
    public KeyAudit(LocalDate today, Set<Integer> storageKeyVersions) {
        this.today = today;
        storageKeys = storageKeyVersions.stream()
                .flatMap(version -> Stream.of(KeyLabels.storage(version), KeyLabels.hostStorage(version)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** How much a finding matters. */
    public enum Severity {
        /** Allowed by design, and worth knowing. */
        NOTICE,
        /** A rule is broken: somebody must act. */
        VIOLATION
    }

    /** The rules. */
    public enum Rule {
        WRAP_AND_DECRYPT("wraps and decrypts: whoever may use it can read any key it wraps"),
        UNWRAP_AND_ENCRYPT("unwraps and encrypts: keys of anybody's choice can be made with it"),
        KEK_MODIFIABLE("a key-encrypting key that can be modified: DECRYPT can be switched on"),
        KEK_EXTRACTABLE("a key-encrypting key that is extractable"),
        UNWRAPS_READABLE("unwraps without forcing SENSITIVE and WRAP_WITH_TRUSTED: what comes under it can be read"),
        UNWRAPS_ANY_TYPE(
                "unwraps without forcing the type: an AES key can be taken for a DES key, and that be searched"),
        EXPORTABLE_ANYWHERE("extractable without WRAP_WITH_TRUSTED: leaves under any key"),
        READABLE("not sensitive: its value can be read"),
        TRUSTED_WITHOUT_NEED("TRUSTED, and wraps and unwraps nothing"),
        PUBLIC_SECRET("a secret key that is no private object: seen without login"),
        LABEL_MISSING("has no label"),
        LABEL_TWICE("shares its label with another key of its class"),
        KEY_MISSING("is not in the token"),
        STORAGE_KEY_SPARE(
                "is a storage key of no version in use: of a rotation that was broken off, or left of a destroyed version;"
                        + " run 'kiln storage-key rotate --discard-unused' or 'kiln storage-key destroy'"),
        DRAFT_LEFT("is a draft of a ceremony, not locked yet: hold any ceremony to its end, which clears it away"),
        PAST_CRYPTO_PERIOD("is past its end date"),
        DERIVES_READABLE("agrees on secrets that can be read, and is no home-network key"),
        HOME_NETWORK_KEY_UNLOCKED("a home-network key that can be modified or extracted, or does more than derive"),
        HOST_AGREES("a home-network key: the host reads the secrets it agrees on, by design"),
        KEY_BLOCK_KEY_UNLOCKED("a key block protection key that can be modified or extracted, or does more than CMACs"),
        KEY_BLOCKS_ON_HOST(
                "a key block protection key: by design the host holds the keys of a block while it makes or opens it, and"
                        + " whoever has the user's PIN can open every block under it"),
        HOST_READABLE("unwraps what the host may read, by design"),
        KEK_SIGNS("wraps, unwraps and signs, as a vendor's mechanisms for vectors need: it gives CMACs too"),
        OPC_READABLE("with a load file and the user's PIN, reveals that file's Ki: destroy it when the load is done");

        private final String meaning;

        Rule(String meaning) {
            this.meaning = meaning;
        }

        public String meaning() {
            return meaning;
        }

        public Severity severity() {
            return switch (this) {
                case HOST_READABLE, HOST_AGREES, OPC_READABLE, KEK_SIGNS, KEY_BLOCKS_ON_HOST -> Severity.NOTICE;
                default -> Severity.VIOLATION;
            };
        }
    }

    /** A key and the rule that it breaks. */
    public record Finding(Rule rule, String label) {}

    /** Audits all keys that the session's login sees. */
    public List<Finding> run(Session session) {
        List<TokenObject> keys = new ArrayList<>();
        for (long objectClass : new long[] {Ck.CKO_SECRET_KEY, Ck.CKO_PRIVATE_KEY}) {
            for (long handle : session.findObjects(Template.builder()
                    .with(Cka.CLASS, objectClass)
                    .with(Cka.TOKEN, true)
                    .build())) {
                keys.add(TokenObject.read(session, handle));
            }
        }
        List<Finding> findings = new ArrayList<>();
        keys.forEach(key -> judge(key, findings));
        judgeLabels(keys, findings);
        return findings;
    }

    private void judge(TokenObject key, List<Finding> findings) {
        Judgement judgement = new Judgement(key, findings);
        judgement.when(k -> k.has(Cka.WRAP) && k.has(Cka.DECRYPT), Rule.WRAP_AND_DECRYPT);
        judgement.when(k -> k.has(Cka.UNWRAP) && k.has(Cka.ENCRYPT), Rule.UNWRAP_AND_ENCRYPT);
        judgement.when(k -> k.isKek() && k.has(Cka.MODIFIABLE), Rule.KEK_MODIFIABLE);
        judgement.when(k -> k.isKek() && k.has(Cka.EXTRACTABLE), Rule.KEK_EXTRACTABLE);
        judgement.when(k -> k.isKek() && k.has(Cka.SIGN), Rule.KEK_SIGNS);
        judgement.when(k -> k.isSecretKey() && k.has(Cka.UNWRAP) && !k.forcesHidden(), unwrapsReadable(key));
        judgement.when(
                k -> k.isSecretKey() && k.has(Cka.UNWRAP) && k.forcesHidden() && !k.forcesType(),
                Rule.UNWRAPS_ANY_TYPE);
        judgement.when(
                k -> k.isSecretKey()
                        && k.has(Cka.EXTRACTABLE)
                        && !k.has(Cka.WRAP_WITH_TRUSTED)
                        && !KeyLabels.isOp(k.label()),
                Rule.EXPORTABLE_ANYWHERE);
        judgement.when(k -> !k.has(Cka.SENSITIVE) && !KeyLabels.isOp(k.label()), Rule.READABLE);
        judgement.when(k -> k.has(Cka.TRUSTED) && !k.isKek(), Rule.TRUSTED_WITHOUT_NEED);
        judgement.when(k -> k.isSecretKey() && !k.has(Cka.PRIVATE), Rule.PUBLIC_SECRET);
        boolean homeNetwork = KeyLabels.isHomeNetwork(key.label());
        judgement.when(
                TokenObject::derivesReadable,
                KeyLabels.isAgreeing(key.label()) ? Rule.HOST_AGREES : Rule.DERIVES_READABLE);
        judgement.when(k -> homeNetwork && !k.flags().equals(HOME_NETWORK_FLAGS), Rule.HOME_NETWORK_KEY_UNLOCKED);
        judgement.when(
                k -> KeyLabels.isKeyBlock(k.label()),
                isLockedForKeyBlocks(key) ? Rule.KEY_BLOCKS_ON_HOST : Rule.KEY_BLOCK_KEY_UNLOCKED);
        judgement.when(k -> k.label().isEmpty(), Rule.LABEL_MISSING);
        judgement.when(k -> k.label().startsWith(Ceremony.DRAFT_PREFIX), Rule.DRAFT_LEFT);
        judgement.when(
                k -> (KeyLabels.isStorage(k.label()) || KeyLabels.isHostStorage(k.label()))
                        && !storageKeys.contains(k.label()),
                Rule.STORAGE_KEY_SPARE);
        judgement.when(k -> k.endDate().filter(end -> end.isBefore(today)).isPresent(), Rule.PAST_CRYPTO_PERIOD);
    }

    /** One that went to a partner when it was made has WRAP_WITH_TRUSTED besides. */
    private static boolean isLockedForKeyBlocks(TokenObject key) {
        return key.flags().stream()
                .filter(flag -> flag != Cka.WRAP_WITH_TRUSTED)
                .collect(Collectors.toSet())
                .equals(KEY_BLOCK_FLAGS);
    }

    private static Rule unwrapsReadable(TokenObject key) {
        if (key.has(Cka.TRUSTED)) {
            return Rule.UNWRAPS_READABLE;
        }
        if (KeyLabels.isHostStorage(key.label())) {
            return Rule.HOST_READABLE;
        }
        return KeyLabels.isIncomingOpc(key.label()) ? Rule.OPC_READABLE : Rule.UNWRAPS_READABLE;
    }

    private record Judgement(TokenObject key, List<Finding> findings) {
        void when(Predicate<TokenObject> breaks, Rule rule) {
            if (breaks.test(key)) {
                findings.add(new Finding(rule, key.label()));
            }
        }
    }

    private void judgeLabels(List<TokenObject> keys, List<Finding> findings) {
        Map<String, Integer> uses = new HashMap<>();
        for (TokenObject key : keys) {
            int use = uses.merge(key.objectClass() + "/" + key.label(), 1, Integer::sum);
            if (use == 2 && !key.label().isEmpty()) {
                findings.add(new Finding(Rule.LABEL_TWICE, key.label()));
            }
        }
        for (String label : storageKeys) {
            requirePresent(uses, Ck.CKO_SECRET_KEY, label, findings);
        }
        requirePresent(uses, Ck.CKO_SECRET_KEY, KeyLabels.RECORD_MASTER, findings);
        for (String label : List.of(KeyLabels.SIGNING, KeyLabels.TLS_SERVER)) {
            requirePresent(uses, Ck.CKO_PRIVATE_KEY, label, findings);
        }
    }

    private static void requirePresent(
            Map<String, Integer> uses, long objectClass, String label, List<Finding> findings) {
        if (!uses.containsKey(objectClass + "/" + label)) {
            findings.add(new Finding(Rule.KEY_MISSING, label));
        }
    }
}
