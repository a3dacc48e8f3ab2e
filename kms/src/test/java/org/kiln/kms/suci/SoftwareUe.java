package org.kiln.kms.suci;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.kiln.kms.keys.Curve;

/** A UE that conceals (TS 33.501 Annex C.3.2), in the JDK's cryptography. */
public final class SoftwareUe {

    private SoftwareUe() {}

    /** The scheme output. */
    static byte[] conceal(SuciKey key, boolean compressed, byte[] input) {
        Curve curve = key.scheme().curve();
        try {
            KeyPair ephemeral = ephemeral(curve);
            KeyAgreement agreement = KeyAgreement.getInstance(curve == Curve.P256 ? "ECDH" : "X25519");
            agreement.init(ephemeral.getPrivate());
            agreement.doPhase(curve.publicKey(key.point()), true);
            byte[] point = curve.point(ephemeral.getPublic());
            byte[] shortest = curve == Curve.P256 ? Curve.compressed(point) : point;
            byte[] keys = x963(agreement.generateSecret(), shortest);
            Cipher ctr = Cipher.getInstance("AES/CTR/NoPadding");
            ctr.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(keys, 0, 16, "AES"), new IvParameterSpec(keys, 16, 16));
            byte[] ciphertext = ctr.doFinal(input);
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(keys, 32, 32, "HmacSHA256"));
            ByteArrayOutputStream output = new ByteArrayOutputStream();
            output.writeBytes(compressed ? shortest : point);
            output.writeBytes(ciphertext);
            output.write(mac.doFinal(ciphertext), 0, 8);
            return output.toByteArray();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair ephemeral(Curve curve) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(curve == Curve.P256 ? "EC" : "X25519");
        if (curve == Curve.P256) {
            generator.initialize(new ECGenParameterSpec("secp256r1"));
        }
        return generator.generateKeyPair();
    }

    private static byte[] x963(byte[] secret, byte[] sharedInfo) throws GeneralSecurityException {
        ByteBuffer keys = ByteBuffer.allocate(64);
        for (int counter = 1; counter <= 2; counter++) {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(secret);
            sha256.update(ByteBuffer.allocate(4).putInt(counter).flip());
            keys.put(sha256.digest(sharedInfo));
        }
        return keys.array();
    }

    /** A SUCI of an IMSI whose network code has two digits. */
    public static String imsi(SuciKey key, boolean compressed, String imsi) {
        return "suci-0-" + imsi.substring(0, 3) + "-" + imsi.substring(3, 5) + "-0-"
                + tail(key, conceal(key, compressed, packed(imsi.substring(5))));
    }

    static String nai(SuciKey key, boolean compressed, String user, String realm) {
        return "suci-1-" + realm + "-17-" + tail(key, conceal(key, compressed, user.getBytes(StandardCharsets.UTF_8)));
    }

    static String tail(SuciKey key, byte[] output) {
        return key.scheme().code() + "-" + key.identifier() + "-"
                + HexFormat.of().formatHex(output);
    }

    /** Digits, nibbles swapped, F after an odd last one. */
    static byte[] packed(String digits) {
        String even = digits.length() % 2 == 0 ? digits : digits + "f";
        byte[] straight = HexFormat.of().parseHex(even);
        byte[] swapped = Arrays.copyOf(straight, straight.length);
        for (int i = 0; i < swapped.length; i++) {
            swapped[i] = (byte) ((straight[i] & 0xf) << 4 | (straight[i] & 0xf0) >> 4);
        }
        return swapped;
    }
}
