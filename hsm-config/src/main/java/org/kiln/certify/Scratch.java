package org.kiln.certify;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Template;

/**
 * Templates of scratch keys, none of which protects anything. Every right is spelt out, as in Kiln's own keys, since
 * tokens grant some by default; MODIFIABLE stands last where it stands.
 */
final class Scratch {

    /** What marks a token object as this room's, to be destroyed. */
    static final String LABEL = "kiln-certify";

    /** What Kiln's key-encrypting keys force on what they unwrap. */
    static final Template HIDDEN = Template.builder()
            .with(Cka.SENSITIVE, true)
            .with(Cka.WRAP_WITH_TRUSTED, true)
            .build();

    static final byte[] P256 = {0x06, 0x08, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x03, 0x01, 0x07};

    private static final List<Cka> RIGHTS =
            List.of(Cka.ENCRYPT, Cka.DECRYPT, Cka.WRAP, Cka.UNWRAP, Cka.SIGN, Cka.VERIFY, Cka.DERIVE);

    private final boolean privateObjects;

    Scratch(boolean privateObjects) {
        this.privateObjects = privateObjects;
    }

    private Template.Builder secret(long keyType) {
        return Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .with(Cka.KEY_TYPE, keyType)
                .with(Cka.TOKEN, false)
                .with(Cka.PRIVATE, privateObjects);
    }

    /** An AES key that can be wrapped. */
    Template.Builder aes(Cka... rights) {
        return secret(Ck.CKK_AES)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, true)
                .and(only(rights));
    }

    /** A three-key 3DES key. */
    Template.Builder des3(Cka... rights) {
        return secret(Ck.CKK_DES3)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, true)
                .and(only(rights));
    }

    /** An AES key that stays. */
    Template.Builder fixedAes(Cka... rights) {
        return secret(Ck.CKK_AES)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, false)
                .and(only(rights));
    }

    /** An AES key that can be wrapped under TRUSTED keys only. */
    Template.Builder guardedAes(Cka... rights) {
        return secret(Ck.CKK_AES).and(HIDDEN).with(Cka.EXTRACTABLE, true).and(only(rights));
    }

    /** A secret that can be read. */
    Template.Builder readable() {
        return secret(Ck.CKK_GENERIC_SECRET)
                .with(Cka.SENSITIVE, false)
                .with(Cka.EXTRACTABLE, true)
                .and(only());
    }

    /** A key of the user's that lasts until it is destroyed. */
    static Template.Builder lasting(Cka... rights) {
        return Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .with(Cka.KEY_TYPE, Ck.CKK_AES)
                .with(Cka.TOKEN, true)
                .with(Cka.PRIVATE, true)
                .label(LABEL)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, false)
                .and(only(rights))
                .with(Cka.VALUE_LEN, 32L);
    }

    /** The officer's draft of a key-encrypting key. */
    static Template draft() {
        return Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .with(Cka.KEY_TYPE, Ck.CKK_AES)
                .with(Cka.TOKEN, true)
                .with(Cka.PRIVATE, false)
                .label(LABEL)
                .with(Cka.TRUSTED, true)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, false)
                .and(only(Cka.WRAP, Cka.UNWRAP))
                .with(Cka.UNWRAP_TEMPLATE, HIDDEN)
                .with(Cka.VALUE_LEN, 32L)
                .build();
    }

    /** A P-256 private key with a known value, which derives. */
    static Template p256(MemorySegment value) {
        return privateKey(Cka.DERIVE)
                .with(Cka.CLASS, Ck.CKO_PRIVATE_KEY)
                .with(Cka.KEY_TYPE, Ck.CKK_EC)
                .with(Cka.EC_PARAMS, P256)
                .with(Cka.VALUE, value)
                .build();
    }

    static Template.Builder privateKey(Cka right) {
        return Template.builder()
                .with(Cka.TOKEN, false)
                .with(Cka.PRIVATE, true)
                .with(Cka.SENSITIVE, true)
                .with(right, true);
    }

    static Template.Builder publicKey() {
        return Template.builder().with(Cka.TOKEN, false).with(Cka.PRIVATE, false);
    }

    private static Template only(Cka... rights) {
        Set<Cka> wanted = Set.of(rights);
        Template.Builder template = Template.builder();
        RIGHTS.forEach(right -> template.with(right, wanted.contains(right)));
        return template.build();
    }
}
