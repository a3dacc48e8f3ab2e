package org.kiln.kms.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Cipher;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.kms.keys.KeyAudit.Finding;
import org.kiln.kms.keys.KeyAudit.Rule;
import org.kiln.kms.keys.KeyAudit.Severity;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;
import org.kiln.token.ScratchToken;
import org.kiln.transfer.tr31.Tr31;

/** Cards' keys in key blocks, under a key that protects such blocks and can do nothing else. */
class CardKeyBlocksTest {

    private static final KeyPolicy POLICY = new KeyPolicy(false);
    private static final String LABEL = "acme-blocks";

    private static ScratchKeys keys;
    private static byte[] protectionKey;

    @BeforeAll
    static void makeTheProtectionKey() throws Exception {
        keys = ScratchKeys.create();
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(3072);
        KeyPair partner = rsa.generateKeyPair();
        byte[] wrapped = new TransportKeys(keys.ceremony())
                .generateFor(LABEL, Direction.KEY_BLOCKS, 32, (RSAPublicKey) partner.getPublic())
                .wrapped();
        Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding");
        oaep.init(Cipher.DECRYPT_MODE, partner.getPrivate());
        protectionKey = oaep.doFinal(wrapped);
        Partner.introduce(keys.ceremony(), "from-components", Direction.KEY_BLOCKS);
    }

    @AfterAll
    static void close() {
        keys.close();
    }

    private static byte[] value(Session session, long key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(32);
            return out.asSlice(0, session.getAttribute(key, Cka.VALUE, out)).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static void assertOpens(String block, String says, byte[] value) throws Exception {
        try (Secret kbpk = Secret.takeFrom(protectionKey.clone());
                Tr31.Unwrapped opened = Tr31.unwrap(kbpk, block)) {
            assertThat(block).hasSize(144).matches("[0-9A-Z]+").startsWith("D0144" + says + "0000");
            assertThat(opened.key().expose(SecretAccess.granted()).toArray(ValueLayout.JAVA_BYTE))
                    .isEqualTo(value);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 24, 32})
    void thePartnerOpensWhatWasMade(int octets) throws Exception {
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            long key =
                    session.generateKey(Mechanism.of(Ckm.AES_KEY_GEN), POLICY.newReadableCardKey(octets, Cka.ENCRYPT));
            String block = new CardKeyBlocks(new KeyRing()).block(session, LABEL, "10", false, key, octets);
            assertOpens(block, "10AN00E", value(session, key));
        }
    }

    @Test
    void keysOf3DesAreTold() throws Exception {
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            long key = session.generateKey(Mechanism.of(Ckm.DES3_KEY_GEN), POLICY.newReadableCardDesKey(true));
            String block = new CardKeyBlocks(new KeyRing()).block(session, LABEL, "42", true, key, 24);
            assertOpens(block, "42TN00E", value(session, key));
        }
    }

    @Test
    void aKeyThatTheTokenHidesComesIntoNoBlock() {
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            long ki = session.generateKey(Mechanism.of(Ckm.AES_KEY_GEN), POLICY.newSubscriberKey(16));
            CardKeyBlocks blocks = new CardKeyBlocks(new KeyRing());
            assertThatThrownBy(() -> blocks.block(session, LABEL, "10", false, ki, 16))
                    .isInstanceOf(KeyException.class)
                    .hasMessageContaining("the token hides it");
        }
    }

    @Test
    void theProtectionKeyDoesNothingElseAndTheAuditNamesIt() {
        try (Session session = keys.openAs(Ck.CKU_USER);
                Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(64);
            for (String label : List.of(LABEL, "from-components")) {
                String object = Direction.KEY_BLOCKS.object(label);
                long kbpk = KeyRing.find(session, Ck.CKO_SECRET_KEY, object).orElseThrow();
                long ki = session.generateKey(Mechanism.of(Ckm.AES_KEY_GEN), POLICY.newReadableCardKey(16));
                assertRefusedByToken(() -> session.encrypt(Mechanism.of(Ckm.AES_ECB), kbpk, block, 16, block));
                assertRefusedByToken(
                        () -> session.wrapKey(ScratchToken.profile().aesKeyWrap(), kbpk, ki, block));
                assertRefusedByToken(() -> session.setAttributes(
                        kbpk, Template.builder().with(Cka.WRAP, true).build()));
                assertThat(session.getAttribute(kbpk, Cka.VALUE, block)).isEqualTo(Ck.UNAVAILABLE);
                List<Finding> findings = new KeyAudit(LocalDate.of(2026, 11, 28), Set.of(1)).run(session);
                assertThat(findings).contains(new Finding(Rule.KEY_BLOCKS_ON_HOST, object));
                assertThat(findings).noneMatch(finding -> finding.rule().severity() == Severity.VIOLATION);
            }
        }
    }

    @Test
    void noTransportKeyTravelsUnderIt() {
        KeyBlocks blocks = new KeyBlocks(keys.ceremony());
        assertThatThrownBy(() -> blocks.generateFor("other", 32, "cards/" + LABEL))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("cannot name a key block protection key");
        assertThatThrownBy(() -> blocks.destroyProtectionKey("cards/" + LABEL)).isInstanceOf(KeyException.class);
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            KeyRing ring = new KeyRing();
            assertThatThrownBy(() -> ring.secretKey(session, LABEL))
                    .as("under its own label nothing is found that would wrap")
                    .isInstanceOf(KeyException.class);
        }
    }

    @Test
    void itIsDestroyedWithItsRow() {
        TransportKeys transportKeys = new TransportKeys(keys.ceremony());
        Partner.introduce(keys.ceremony(), "to-be-gone", Direction.KEY_BLOCKS);
        transportKeys.destroy("to-be-gone");
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            assertThat(KeyRing.find(session, Ck.CKO_SECRET_KEY, Direction.KEY_BLOCKS.object("to-be-gone")))
                    .isEqualTo(Optional.empty());
        }
    }

    private static void assertRefusedByToken(Runnable call) {
        assertThatThrownBy(call::run).isInstanceOf(Pkcs11Exception.class);
    }
}
