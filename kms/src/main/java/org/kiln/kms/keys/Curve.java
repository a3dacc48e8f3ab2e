package org.kiln.kms.keys;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.ECPoint;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.token.TokenException;
import org.kiln.token.TokenProfile;

/** Curves of key agreement, and their public keys between Java, files and tokens. Nothing here is secret. */
public enum Curve {
    /** NIST P-256; a point is {@code 04 || x || y}. */
    P256("3059301306072a8648ce3d020106082a8648ce3d030107034200", 65),
    /** RFC 7748; a point is 32 octets, little-endian. */
    X25519("302a300506032b656e032100", 32);

    private static final byte[] P256_OID = HexFormat.of().parseHex("06082a8648ce3d030107");
    private static final int COMPRESSED = 33;

    /** All that give zeros whatever the private key (RFC 7748 clause 6.1): 0, 1, two of order 8, p-1, p and p+1. */
    private static final Set<String> SMALL_ORDER = Set.of(
            "00".repeat(32),
            "01" + "00".repeat(31),
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
            "ec" + "ff".repeat(30) + "7f",
            "ed" + "ff".repeat(30) + "7f",
            "ee" + "ff".repeat(30) + "7f");

    private final String header;
    private final int octets;

    /** @param header of a SubjectPublicKeyInfo, before the point */
    Curve(String header, int octets) {
        this.header = header;
        this.octets = octets;
    }

    /**
     * The curve of a public key.
     *
     * @throws KeyException if it is of no curve known here
     */
    public static Curve of(PublicKey key) {
        byte[] encoded = key.getEncoded();
        String hex = encoded == null ? "" : HexFormat.of().formatHex(encoded);
        for (Curve curve : values()) {
            if (hex.length() == curve.header.length() + 2 * curve.octets && hex.startsWith(curve.header)) {
                return curve;
            }
        }
        throw new KeyException("the public key is on neither P-256 nor X25519; ask for one that is");
    }

    /** The curve whose points have the length of this. */
    static Curve ofPoint(byte[] point) {
        return point.length == P256.octets ? P256 : X25519;
    }

    /**
     * The point of a public key of this curve, checked.
     *
     * @throws KeyException if the key is of another, or the point unusable
     */
    public byte[] point(PublicKey key) {
        if (of(key) != this) {
            throw new KeyException("the public key is not on " + this);
        }
        byte[] encoded = key.getEncoded();
        return checked(Arrays.copyOfRange(encoded, encoded.length - octets, encoded.length));
    }

    /** The public key of a point. */
    public PublicKey publicKey(byte[] point) {
        byte[] encoded = HexFormat.of().parseHex(header + HexFormat.of().formatHex(point));
        try {
            return KeyFactory.getInstance(this == P256 ? "EC" : "X25519")
                    .generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new KeyException("no public key of " + this, e);
        }
    }

    /**
     * A point that may be agreed with, in the form that tokens take.
     *
     * @param point on P-256 compressed or not
     * @throws KeyException if it is of no such form, not on P-256, or of small order on X25519
     */
    public byte[] checked(byte[] point) {
        return switch (this) {
            case P256 -> p256(point).getEncoded(false);
            case X25519 -> ofLargeOrder(point);
        };
    }

    /**
     * A point on P-256 in its 33 octets.
     *
     * @throws KeyException as {@link #checked}
     */
    public static byte[] compressed(byte[] point) {
        return p256(point).getEncoded(true);
    }

    private static ECPoint p256(byte[] point) {
        boolean formed = (point.length == P256.octets && point[0] == 4)
                || (point.length == COMPRESSED && (point[0] == 2 || point[0] == 3));
        if (!formed) {
            throw new KeyException("no point of P-256: neither 65 nor 33 octets");
        }
        try {
            return CustomNamedCurves.getByName("secp256r1").getCurve().decodePoint(point);
        } catch (IllegalArgumentException e) {
            throw new KeyException("the point is not on P-256", e);
        }
    }

    private static byte[] ofLargeOrder(byte[] point) {
        if (point.length != X25519.octets) {
            throw new KeyException("no key of X25519: not 32 octets");
        }
        byte[] masked = point.clone();
        masked[masked.length - 1] &= 0x7f;
        if (SMALL_ORDER.contains(HexFormat.of().formatHex(masked))) {
            throw new KeyException("the X25519 key is of small order: nothing agreed with it is secret");
        }
        return point.clone();
    }

    /**
     * The point in a token's {@code CKA_EC_POINT}, which holds it bare or in a DER octet string.
     *
     * @throws KeyException if it is neither
     */
    byte[] ofToken(byte[] attribute) {
        boolean wrapped = attribute.length == octets + 2 && attribute[0] == 4 && attribute[1] == octets;
        return checked(wrapped ? Arrays.copyOfRange(attribute, 2, attribute.length) : attribute);
    }

    /** @throws TokenException if the profile does not say how */
    Mechanism keyPairGeneration(TokenProfile profile) {
        return Mechanism.of(this == P256 ? Ckm.EC_KEY_PAIR_GEN : x25519(profile).keyPairGeneration());
    }

    /** {@code CKA_EC_PARAMS}. */
    byte[] parameters(TokenProfile profile) {
        return this == P256
                ? P256_OID.clone()
                : HexFormat.of().parseHex(x25519(profile).parameters());
    }

    private static TokenProfile.X25519 x25519(TokenProfile profile) {
        TokenProfile.Ecdh ecdh = profile.ecdh();
        if (ecdh == null || ecdh.x25519() == null) {
            throw new TokenException("token profile " + profile.family()
                    + " does not say how X25519 keys are made (ecdh.x25519); use P-256, or find it out with"
                    + " 'kiln hsm probe --try --write my-hsm.yaml'");
        }
        return ecdh.x25519();
    }
}
