package org.kiln.personalisation.demo;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.kiln.kms.keys.Curve;

/**
 * What a phone does with its card's home-network public key: conceals the IMSI (TS 33.501 Annex C.3.2, profiles A and B).
 *
 * @param scheme 1 for profile A, 2 for B
 * @param point the public key: 32 octets, or 33 of P-256
 */
public record SuciMaker(int keyIdentifier, int scheme, byte[] point) {

    private static final Pattern EXPORTED =
            Pattern.compile("home-network public key ([0-9]+), scheme ([12]): ([0-9A-F]+)");
    private static final int KEYS = 64;

    /**
     * Takes the first key of a profile that {@code kiln suci-key export} printed.
     *
     * @throws Demo.Failed if there is none
     */
    public static SuciMaker of(String exported, int scheme) {
        Matcher key = EXPORTED.matcher(exported);
        while (key.find()) {
            if (Integer.parseInt(key.group(2)) == scheme) {
                return new SuciMaker(
                        Integer.parseInt(key.group(1)), scheme, HexFormat.of().parseHex(key.group(3)));
            }
        }
        throw new Demo.Failed("kiln suci-key export printed no key of scheme " + scheme);
    }

    /** A fresh SUCI of an IMSI whose network code has two digits. */
    public String conceal(String imsi) {
        try {
            KeyPair ephemeral = ephemeral();
            KeyAgreement agreement = KeyAgreement.getInstance(scheme == 1 ? "X25519" : "ECDH");
            agreement.init(ephemeral.getPrivate());
            agreement.doPhase(curve().publicKey(curve().checked(point)), true);
            byte[] ephemeralPoint = curve().point(ephemeral.getPublic());
            if (scheme == 2) {
                ephemeralPoint = Curve.compressed(ephemeralPoint);
            }
            byte[] keys = x963(agreement.generateSecret(), ephemeralPoint);
            Cipher ctr = Cipher.getInstance("AES/CTR/NoPadding");
            ctr.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(keys, 0, 16, "AES"), new IvParameterSpec(keys, 16, 16));
            byte[] concealed = ctr.doFinal(packed(imsi.substring(5)));
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(keys, 32, 32, "HmacSHA256"));
            HexFormat hex = HexFormat.of();
            return "suci-0-" + imsi.substring(0, 3) + "-" + imsi.substring(3, 5) + "-0-" + scheme + "-" + keyIdentifier
                    + "-" + hex.formatHex(ephemeralPoint) + hex.formatHex(concealed)
                    + hex.formatHex(mac.doFinal(concealed), 0, 8);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Curve curve() {
        return scheme == 1 ? Curve.X25519 : Curve.P256;
    }

    private KeyPair ephemeral() throws GeneralSecurityException {
        if (scheme == 1) {
            return KeyPairGenerator.getInstance("X25519").generateKeyPair();
        }
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static byte[] x963(byte[] secret, byte[] sharedInfo) throws GeneralSecurityException {
        ByteBuffer keys = ByteBuffer.allocate(KEYS);
        for (int counter = 1; keys.hasRemaining(); counter++) {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(secret);
            sha256.update(ByteBuffer.allocate(4).putInt(counter).flip());
            keys.put(sha256.digest(sharedInfo));
        }
        return keys.array();
    }

    /** Digits two to an octet, nibbles swapped, F after an odd last one. */
    private static byte[] packed(String digits) {
        byte[] straight = HexFormat.of().parseHex(digits.length() % 2 == 0 ? digits : digits + "f");
        byte[] swapped = Arrays.copyOf(straight, straight.length);
        for (int i = 0; i < swapped.length; i++) {
            swapped[i] = (byte) ((straight[i] & 0xf) << 4 | (straight[i] & 0xf0) >> 4);
        }
        return swapped;
    }
}
