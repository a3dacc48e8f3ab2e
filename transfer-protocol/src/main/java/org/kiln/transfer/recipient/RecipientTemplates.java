package org.kiln.transfer.recipient;

import java.util.Set;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Template;
import org.kiln.transfer.batch.Content;

/** The attributes of every key in a recipient's token, every right spelt out. */
final class RecipientTemplates {

    private static final byte[] P256 = {0x06, 0x08, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x03, 0x01, 0x07};
    private static final byte[] F4 = {0x01, 0x00, 0x01};
    private static final long RSA_BITS = 3072;

    private static final Template SENSITIVE =
            Template.builder().with(Cka.SENSITIVE, true).build();

    private RecipientTemplates() {}

    static Template receiverPublicKey(String label) {
        return tokenPublicKey(label)
                .with(Cka.MODULUS_BITS, RSA_BITS)
                .with(Cka.PUBLIC_EXPONENT, F4)
                .with(Cka.WRAP, true)
                .with(Cka.ENCRYPT, false)
                .with(Cka.VERIFY, false)
                .build();
    }

    static Template receiverPrivateKey(String label) {
        return tokenPrivateKey(label)
                .with(Cka.UNWRAP, true)
                .with(Cka.DECRYPT, false)
                .with(Cka.SIGN, false)
                .build();
    }

    static Template envelopePublicKey(String label) {
        return tokenPublicKey(label)
                .with(Cka.EC_PARAMS, P256)
                .with(Cka.VERIFY, true)
                .build();
    }

    static Template envelopePrivateKey(String label) {
        return tokenPrivateKey(label)
                .with(Cka.DERIVE, true)
                .with(Cka.SIGN, true)
                .with(Cka.DECRYPT, false)
                .with(Cka.UNWRAP, false)
                .build();
    }

    static Template transportKey(String label, KeyUse use) {
        Template.Builder template = Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .with(Cka.KEY_TYPE, Ck.CKK_AES)
                .with(Cka.TOKEN, true)
                .with(Cka.PRIVATE, true)
                .label(label)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, false)
                .and(rights(Cka.UNWRAP));
        if (use == KeyUse.PRODUCTION) {
            template.with(Cka.UNWRAP_TEMPLATE, SENSITIVE);
        }
        return template.build();
    }

    /** A value of a card in use: an AES key encrypts, so that the card can be played; nothing leaves. */
    static Template value(Content content, boolean privateSessionObjects) {
        Template.Builder template =
                sessionValue(content, privateSessionObjects).and(SENSITIVE).with(Cka.EXTRACTABLE, false);
        return template.and(content == Content.AES_KEY ? rights(Cka.ENCRYPT) : rights())
                .build();
    }

    /** A value that the host may read, in laboratories. */
    static Template readableValue(boolean privateSessionObjects) {
        return sessionValue(Content.TEXT, privateSessionObjects)
                .with(Cka.SENSITIVE, false)
                .with(Cka.EXTRACTABLE, true)
                .and(rights())
                .build();
    }

    private static Template.Builder sessionValue(Content content, boolean privateSessionObjects) {
        return Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .with(Cka.KEY_TYPE, content == Content.AES_KEY ? Ck.CKK_AES : Ck.CKK_GENERIC_SECRET)
                .with(Cka.TOKEN, false)
                .with(Cka.PRIVATE, privateSessionObjects);
    }

    private static Template.Builder tokenPublicKey(String label) {
        return Template.builder()
                .with(Cka.TOKEN, true)
                .with(Cka.PRIVATE, false)
                .label(label)
                .with(Cka.ID, RecipientKeys.id(label));
    }

    private static Template.Builder tokenPrivateKey(String label) {
        return Template.builder()
                .with(Cka.TOKEN, true)
                .with(Cka.PRIVATE, true)
                .label(label)
                .with(Cka.ID, RecipientKeys.id(label))
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, false);
    }

    private static Template rights(Cka... given) {
        Set<Cka> rights = Set.of(given);
        Template.Builder template = Template.builder();
        for (Cka right : new Cka[] {Cka.ENCRYPT, Cka.DECRYPT, Cka.WRAP, Cka.UNWRAP, Cka.SIGN, Cka.VERIFY, Cka.DERIVE}) {
            template.with(right, rights.contains(right));
        }
        return template.build();
    }
}
