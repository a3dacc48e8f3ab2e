package org.kiln.kms.keys;

import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.secret.Secret;

/** The other side of an incoming transport key, in software: wraps keys for a load file. */
public final class Partner {

    public static final String LABEL = "partner-in";

    private static final byte[] FIRST = HexFormat.of().parseHex("5a".repeat(32));
    private static final byte[] SECOND = HexFormat.of().parseHex("0123456789abcdef".repeat(4));

    private Partner() {}

    /** Imports the partner's key into the token by a ceremony of two custodians; nobody may be logged in. */
    public static void introduce(ScratchKeys keys) {
        introduce(keys.ceremony(), LABEL, Direction.INCOMING);
    }

    /** Imports the same key under a label of one's own. */
    public static void introduce(Ceremony ceremony, String label, Direction direction) {
        try (KeyComponent first = component("first", FIRST);
                KeyComponent second = component("second", SECOND)) {
            new TransportKeys(ceremony)
                    .importFromComponents(label, direction, List.of(first, second), Optional.empty());
        }
    }

    private static KeyComponent component(String name, byte[] value) {
        return new KeyComponent(name, Secret.takeFrom(value.clone()), kcv(value));
    }

    /** The check value of an AES key over a zero block, hexadecimal. */
    public static String kcv(byte[] key) {
        return HexFormat.of().formatHex(encrypt("AES/ECB/NoPadding", key, new byte[16]), 0, 3);
    }

    /** A value wrapped by AES-KW (RFC 3394), in hexadecimal. */
    public static String kw(byte[] value) {
        return wrap("AES/KW/NoPadding", value);
    }

    /** A value wrapped by AES-KWP (RFC 5649), in hexadecimal. */
    public static String kwp(byte[] value) {
        return wrap("AES/KWP/NoPadding", value);
    }

    private static String wrap(String transformation, byte[] value) {
        try {
            Cipher cipher = Cipher.getInstance(transformation);
            cipher.init(Cipher.WRAP_MODE, new SecretKeySpec(key(), "AES"));
            return HexFormat.of().formatHex(cipher.wrap(new SecretKeySpec(value, "AES")));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] key() {
        byte[] key = FIRST.clone();
        for (int i = 0; i < key.length; i++) {
            key[i] ^= SECOND[i];
        }
        return key;
    }

    private static byte[] encrypt(String transformation, byte[] key, byte[] block) {
        try {
            Cipher cipher = Cipher.getInstance(transformation);
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
            return cipher.doFinal(block);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
