package org.kiln.transfer.recipient;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Template;
import org.kiln.transfer.batch.Content;

/**
 * The attributes of every key in a recipient's token. No other class of this package writes a template for one.
 *
 * <p>Every right is spelt out, because tokens grant some by default. Keys that unwrap do nothing else and are not
 * modifiable, so that nobody switches DECRYPT on later. {@code CKA_MODIFIABLE} stands last wherever it stands.
 */
final class RecipientTemplates {

    private static final byte[] P256 = {0x06, 0x08, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x03, 0x01, 0x07};
    private static final byte[] F4 = {0x01, 0x00, 0x01};
    private static final long RSA_BITS = 3072;
    private static final int DES2_OCTETS = 16;

    private static final List<Cka> ALL_RIGHTS =
            List.of(Cka.ENCRYPT, Cka.DECRYPT, Cka.WRAP, Cka.UNWRAP, Cka.SIGN, Cka.VERIFY, Cka.DERIVE);

    private static final Template SENSITIVE =
            Template.builder().with(Cka.SENSITIVE, true).build();

    /** What the receiver key forces on each transport key that comes under it. */
    private static final Template TRANSPORT_KEY = Template.builder()
            .with(Cka.SENSITIVE, true)
            .with(Cka.EXTRACTABLE, false)
            .with(Cka.DECRYPT, false)
            .with(Cka.WRAP, false)
            .build();

    private final boolean privateSessionObjects;
    private final Map<CardValue, Template> cardValues = new HashMap<>();

    RecipientTemplates(boolean privateSessionObjects) {
        this.privateSessionObjects = privateSessionObjects;
    }

    /** Kinds of card values; a template for each is made once, so that the session keeps its native form. */
    private record CardValue(long keyType, Set<Cka> rights, Rewrap rewrap) {}

    static byte[] id(String label) {
        return label.getBytes(StandardCharsets.UTF_8);
    }

    static Template receiverPublicKey(String label) {
        return publicKey(label)
                .with(Cka.MODULUS_BITS, RSA_BITS)
                .with(Cka.PUBLIC_EXPONENT, F4)
                .with(Cka.ENCRYPT, false)
                .with(Cka.WRAP, false)
                .with(Cka.VERIFY, false)
                .build();
    }

    static Template receiverPrivateKey(String label) {
        return privateKey(label)
                .with(Cka.DECRYPT, false)
                .with(Cka.UNWRAP, true)
                .with(Cka.SIGN, false)
                .with(Cka.DERIVE, false)
                .with(Cka.UNWRAP_TEMPLATE, TRANSPORT_KEY)
                .with(Cka.MODIFIABLE, false)
                .build();
    }

    static Template envelopePublicKey(String label) {
        return publicKey(label).with(Cka.EC_PARAMS, P256).with(Cka.VERIFY, true).build();
    }

    static Template envelopePrivateKey(String label) {
        return privateKey(label)
                .with(Cka.DECRYPT, false)
                .with(Cka.UNWRAP, false)
                .with(Cka.SIGN, true)
                .with(Cka.DERIVE, true)
                .with(Cka.MODIFIABLE, false)
                .build();
    }

    /** @param checkValues kept as {@code CKA_ID}, since not every token keeps one of an unwrapped key */
    static Template transportKey(String label, CheckValues checkValues, KeyUse use) {
        Template.Builder template = aes().with(Cka.TOKEN, true)
                .with(Cka.PRIVATE, true)
                .label(label)
                .with(Cka.ID, checkValues.toId())
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, false)
                .and(only(Set.of(use == KeyUse.KEY_BLOCKS ? Cka.SIGN : Cka.UNWRAP)));
        if (use == KeyUse.PRODUCTION) {
            template.with(Cka.UNWRAP_TEMPLATE, SENSITIVE);
        }
        return template.with(Cka.MODIFIABLE, false).build();
    }

    /** A transport key for as long as its check values are computed. */
    Template transportKeyOnTrial() {
        return aes().with(Cka.TOKEN, false)
                .with(Cka.PRIVATE, privateSessionObjects)
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, false)
                .and(only(Set.of(Cka.ENCRYPT, Cka.SIGN)))
                .build();
    }

    /**
     * The key type of a card's value.
     *
     * @param octets of the value, where it is a key
     */
    static long keyType(Content content, int octets) {
        return switch (content) {
            case AES_KEY -> Ck.CKK_AES;
            case DES_KEY -> octets == DES2_OCTETS ? Ck.CKK_DES2 : Ck.CKK_DES3;
            case CODE, TEXT -> Ck.CKK_GENERIC_SECRET;
        };
    }

    /** A hidden value of a card. */
    Template cardValue(long keyType, Set<Cka> rights, Rewrap rewrap) {
        return cardValues.computeIfAbsent(
                new CardValue(keyType, rights, rewrap),
                kind -> sessionValue(kind.keyType)
                        .and(SENSITIVE)
                        .with(Cka.EXTRACTABLE, kind.rewrap == Rewrap.ALLOWED)
                        .and(only(kind.rights))
                        .build());
    }

    /** A hidden value of a card, which came in a key block: given here and nowhere kept. */
    Template cardValue(long keyType, Set<Cka> rights, Rewrap rewrap, MemorySegment value) {
        return cardValue(keyType, rights, rewrap).toBuilder()
                .with(Cka.VALUE, value)
                .build();
    }

    /** A value of a card that the host may read; a transport key for production refuses it. */
    Template readableValue() {
        return sessionValue(Ck.CKK_GENERIC_SECRET)
                .with(Cka.SENSITIVE, false)
                .with(Cka.EXTRACTABLE, true)
                .and(only(Set.of()))
                .build();
    }

    private Template.Builder sessionValue(long keyType) {
        return Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .with(Cka.KEY_TYPE, keyType)
                .with(Cka.TOKEN, false)
                .with(Cka.PRIVATE, privateSessionObjects);
    }

    private static Template.Builder aes() {
        return Template.builder().with(Cka.CLASS, Ck.CKO_SECRET_KEY).with(Cka.KEY_TYPE, Ck.CKK_AES);
    }

    private static Template.Builder publicKey(String label) {
        return Template.builder()
                .with(Cka.TOKEN, true)
                .with(Cka.PRIVATE, false)
                .label(label)
                .with(Cka.ID, id(label));
    }

    private static Template.Builder privateKey(String label) {
        return Template.builder()
                .with(Cka.TOKEN, true)
                .with(Cka.PRIVATE, true)
                .label(label)
                .with(Cka.ID, id(label))
                .with(Cka.SENSITIVE, true)
                .with(Cka.EXTRACTABLE, false);
    }

    private static Template only(Set<Cka> rights) {
        Template.Builder template = Template.builder();
        for (Cka right : ALL_RIGHTS) {
            template.with(right, rights.contains(right));
        }
        return template.build();
    }
}
