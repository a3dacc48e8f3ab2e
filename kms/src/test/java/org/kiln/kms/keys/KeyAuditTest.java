package org.kiln.kms.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.kiln.kms.keys.KeyAudit.Finding;
import org.kiln.kms.keys.KeyAudit.Rule;
import org.kiln.kms.keys.KeyAudit.Severity;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.ScratchToken;

class KeyAuditTest {

    private static final KeyAudit AUDIT = new KeyAudit(LocalDate.of(2026, 11, 24), Set.of(1));

    private ScratchKeys keys;
    private Session session;

    @BeforeEach
    void open() {
        keys = ScratchKeys.create();
        Partner.introduce(keys);
        session = keys.openAs(Ck.CKU_USER);
    }

    @AfterEach
    void close() {
        session.close();
        keys.close();
    }

    @Test
    void kilnsOwnKeysBreakNoRule() {
        List<Finding> findings = AUDIT.run(session);
        assertThat(findings)
                .allMatch(finding -> finding.rule().severity() == Severity.NOTICE)
                .contains(new Finding(Rule.HOST_READABLE, "SKH-1"), new Finding(Rule.OPC_READABLE, "partner-in/opc"));
    }

    @Test
    void aLaboratorysUnlockedStorageKeyIsNamedAndNothingElseIs() {
        try (ScratchKeys laboratory = ScratchKeys.create(Ceremony::laboratoryFoundation);
                Session user = laboratory.openAs(Ck.CKU_USER)) {
            assertThat(AUDIT.run(user))
                    .filteredOn(finding -> finding.rule().severity() == Severity.VIOLATION)
                    .containsExactly(new Finding(Rule.KEK_MODIFIABLE, "laboratory/SK-1"));
        }
    }

    /** An AES key that keeps every rule, until {@code rights} and {@code changes} are added. */
    private void make(String label, List<Cka> rights, Template changes, Cka... left) {
        try (Arena arena = Arena.ofConfined()) {
            List<Cka> overridden = Stream.concat(
                            changes.attributes().stream().map(Template.Attribute::type), Stream.of(left))
                    .toList();
            Template.Builder template = Template.builder()
                    .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                    .with(Cka.KEY_TYPE, Ck.CKK_AES)
                    .with(Cka.TOKEN, true)
                    .label(label)
                    .with(Cka.VALUE, arena.allocate(16));
            for (Cka right :
                    List.of(Cka.ENCRYPT, Cka.DECRYPT, Cka.WRAP, Cka.UNWRAP, Cka.SIGN, Cka.VERIFY, Cka.DERIVE)) {
                template.with(right, rights.contains(right));
            }
            unlessOverridden(template, overridden, Cka.PRIVATE, true);
            unlessOverridden(template, overridden, Cka.SENSITIVE, true);
            unlessOverridden(template, overridden, Cka.EXTRACTABLE, false);
            template.and(changes);
            unlessOverridden(template, overridden, Cka.MODIFIABLE, false);
            session.createObject(template.build());
        }
    }

    private static void unlessOverridden(Template.Builder template, List<Cka> overridden, Cka flag, boolean value) {
        if (!overridden.contains(flag)) {
            template.with(flag, value);
        }
    }

    private static Template flag(Cka flag, boolean value) {
        return Template.builder().with(flag, value).build();
    }

    static Stream<Arguments> violations() {
        Template none = Template.builder().build();
        Template hiddenOfAnyType = Template.builder()
                .with(
                        Cka.UNWRAP_TEMPLATE,
                        Template.builder()
                                .with(Cka.SENSITIVE, true)
                                .with(Cka.WRAP_WITH_TRUSTED, true)
                                .build())
                .build();
        Template ended = Template.builder()
                .with(Cka.PRIVATE, false)
                .with(Cka.START_DATE, "20200101".getBytes(StandardCharsets.US_ASCII))
                .with(Cka.END_DATE, "20261123".getBytes(StandardCharsets.US_ASCII))
                .build();
        return Stream.of(
                Arguments.of(Rule.WRAP_AND_DECRYPT, List.of(Cka.WRAP, Cka.DECRYPT), none),
                Arguments.of(Rule.UNWRAP_AND_ENCRYPT, List.of(Cka.UNWRAP, Cka.ENCRYPT), none),
                Arguments.of(Rule.UNWRAPS_READABLE, List.of(Cka.UNWRAP), none),
                Arguments.of(Rule.UNWRAPS_ANY_TYPE, List.of(Cka.UNWRAP), hiddenOfAnyType),
                Arguments.of(Rule.KEK_MODIFIABLE, List.of(Cka.WRAP), flag(Cka.MODIFIABLE, true)),
                Arguments.of(Rule.KEK_EXTRACTABLE, List.of(Cka.WRAP), flag(Cka.EXTRACTABLE, true)),
                Arguments.of(Rule.EXPORTABLE_ANYWHERE, List.of(Cka.ENCRYPT), flag(Cka.EXTRACTABLE, true)),
                Arguments.of(Rule.READABLE, List.of(Cka.ENCRYPT), flag(Cka.SENSITIVE, false)),
                Arguments.of(Rule.PUBLIC_SECRET, List.of(Cka.ENCRYPT), flag(Cka.PRIVATE, false)),
                Arguments.of(Rule.PAST_CRYPTO_PERIOD, List.of(Cka.ENCRYPT), ended));
    }

    @ParameterizedTest
    @MethodSource("violations")
    void aKeyThatBreaksARuleIsNamed(Rule rule, List<Cka> rights, Template changes) {
        make("suspect", rights, changes);
        assertThat(AUDIT.run(session)).contains(new Finding(rule, "suspect"));
    }

    @Test
    void labelsThatAreMissingOrGivenTwiceAreNamed() {
        make("", List.of(Cka.ENCRYPT), Template.builder().build());
        make("twin", List.of(Cka.ENCRYPT), Template.builder().build());
        make("twin", List.of(Cka.ENCRYPT), Template.builder().build());
        assertThat(AUDIT.run(session))
                .contains(new Finding(Rule.LABEL_MISSING, ""), new Finding(Rule.LABEL_TWICE, "twin"));
    }

    @Test
    void aKeyThatShouldBeThereIsMissed() {
        session.destroyObject(new KeyRing().secretKey(session, KeyLabels.RECORD_MASTER));
        assertThat(AUDIT.run(session)).contains(new Finding(Rule.KEY_MISSING, "record-master"));
    }

    @Test
    void aHomeNetworkKeyIsANoticeUntilItIsUnlocked() {
        new HomeNetworkKeys(new KeyRing(), ScratchToken.profile()).create(session, 1, Curve.P256);
        assertThat(AUDIT.run(session))
                .contains(new Finding(Rule.HOST_AGREES, "suci/1"))
                .allMatch(finding -> finding.rule().severity() == Severity.NOTICE);
        for (String label : new String[] {"suci/2", "mine"}) {
            session.generateKeyPair(
                    Mechanism.of(Ckm.EC_KEY_PAIR_GEN),
                    KeyPolicy.homeNetworkPublicKey(Curve.P256.parameters(ScratchToken.profile())),
                    Template.builder()
                            .with(Cka.TOKEN, true)
                            .with(Cka.PRIVATE, true)
                            .label(label)
                            .with(Cka.SENSITIVE, true)
                            .with(Cka.DERIVE, true)
                            .build());
        }
        assertThat(AUDIT.run(session))
                .contains(
                        new Finding(Rule.HOME_NETWORK_KEY_UNLOCKED, "suci/2"),
                        new Finding(Rule.DERIVES_READABLE, "mine"));
    }

    private void officerMakes(String label, boolean wraps) {
        session.close();
        try (Session officer = keys.openAs(Ck.CKU_SO);
                Arena arena = Arena.ofConfined()) {
            officer.createObject(Template.builder()
                    .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                    .with(Cka.KEY_TYPE, Ck.CKK_AES)
                    .with(Cka.TOKEN, true)
                    .with(Cka.PRIVATE, false)
                    .label(label)
                    .with(Cka.TRUSTED, true)
                    .with(Cka.WRAP, wraps)
                    .with(Cka.UNWRAP, false)
                    .with(Cka.VALUE, arena.allocate(16))
                    .build());
        }
        session = keys.openAs(Ck.CKU_USER);
    }

    @Test
    void aTrustedKeyWithoutPurposeIsNamed() {
        officerMakes("idle", false);
        assertThat(AUDIT.run(session)).contains(new Finding(Rule.TRUSTED_WITHOUT_NEED, "idle"));
    }

    @Test
    void aBackupKeyLeftInTheTokenIsNamed() {
        officerMakes("backup", true);
        assertThat(AUDIT.run(session))
                .contains(new Finding(Rule.PUBLIC_SECRET, "backup"), new Finding(Rule.KEK_MODIFIABLE, "backup"));
    }

    @Test
    void aDraftThatACeremonyLeftIsNamed() {
        officerMakes(Ceremony.DRAFT_PREFIX + "SK-2", true);
        assertThat(AUDIT.run(session)).contains(new Finding(Rule.DRAFT_LEFT, "draft/SK-2"));
    }

    @Test
    void aStorageKeyOfNoVersionInUseIsNamedAndOneOfAVersionInUseIsMissed() {
        session.close();
        keys.ceremony().storageKeys(2);
        session = keys.openAs(Ck.CKU_USER);
        assertThat(AUDIT.run(session))
                .contains(new Finding(Rule.STORAGE_KEY_SPARE, "SK-2"), new Finding(Rule.STORAGE_KEY_SPARE, "SKH-2"));
        assertThat(new KeyAudit(LocalDate.of(2026, 11, 24), Set.of(1, 2, 3)).run(session))
                .contains(new Finding(Rule.KEY_MISSING, "SK-3"), new Finding(Rule.KEY_MISSING, "SKH-3"))
                .noneMatch(finding -> finding.rule() == Rule.STORAGE_KEY_SPARE);
    }
}
