package org.kiln.transfer.openpgp;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.bcpg.ECDHPublicBCPGKey;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyEncSessionPacket;
import org.bouncycastle.bcpg.PublicKeyPacket;
import org.bouncycastle.bcpg.SymmetricKeyAlgorithmTags;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.engines.AESWrapEngine;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.operator.PGPPad;
import org.bouncycastle.openpgp.operator.RFC6637Utils;

/**
 * The key of a message's content, agreed by ECDH on P-256 (RFC 6637). The private key's provider computes the shared secret
 * and nothing else; the KDF and the key unwrapping are done here.
 *
 * <p>A key that does not unwrap is answered by a random one: the content's code then fails as it does for any other change,
 * and nobody learns which it was.
 */
final class SessionKey {

    private static final int AES_256 = 32;
    private static final byte[] FIRST_BLOCK = {0, 0, 0, 1};
    private static final AlgorithmIdentifier P256 =
            new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, SECObjectIdentifiers.secp256r1);

    private SessionKey() {}

    /** An AES-256 key, for the caller to wipe. */
    static byte[] recover(PublicKeyEncSessionPacket packet, PublicKeyPacket mine, PgpIdentity recipient)
            throws IOException {
        byte[] session = recovered(packet, mine, recipient).orElseGet(SessionKey::random);
        if (session[0] != SymmetricKeyAlgorithmTags.AES_256) {
            throw new OpenPgpException.Unsupported("cipher number " + session[0] + " for its content", "AES-256");
        }
        byte[] key = Arrays.copyOfRange(session, 1, 1 + AES_256);
        Arrays.fill(session, (byte) 0);
        return key;
    }

    private static Optional<byte[]> recovered(
            PublicKeyEncSessionPacket packet, PublicKeyPacket mine, PgpIdentity recipient) throws IOException {
        byte[] field = packet.getEncSessionKey()[0];
        int pointOctets = field.length < 2 ? 0 : (((field[0] & 0xFF) << Byte.SIZE | (field[1] & 0xFF)) + 7) / Byte.SIZE;
        int wrappedAt = 2 + pointOctets + 1;
        if (field.length <= wrappedAt || field.length - wrappedAt != (field[wrappedAt - 1] & 0xFF)) {
            return Optional.empty();
        }
        Optional<PublicKey> sender = point(Arrays.copyOfRange(field, 2, 2 + pointOctets));
        if (sender.isEmpty()) {
            return Optional.empty();
        }
        byte[] shared = recipient.agree(sender.get());
        byte[] kek = kek(shared, mine);
        try {
            AESWrapEngine unwrap = new AESWrapEngine();
            unwrap.init(false, new KeyParameter(kek));
            byte[] padded = unwrap.unwrap(field, wrappedAt, field.length - wrappedAt);
            byte[] session = PGPPad.unpadSessionData(padded);
            Arrays.fill(padded, (byte) 0);
            return Optional.of(withoutChecksum(session));
        } catch (InvalidCipherTextException | PGPException | RuntimeException e) {
            return Optional.empty();
        } finally {
            Arrays.fill(shared, (byte) 0);
            Arrays.fill(kek, (byte) 0);
        }
    }

    /** Cipher's number, key, two octets of checksum (RFC 4880 clause 5.1). */
    private static byte[] withoutChecksum(byte[] session) {
        int sum = 0;
        for (int i = 1; i < session.length - 2; i++) {
            sum += session[i] & 0xFF;
        }
        int stated = (session[session.length - 2] & 0xFF) << Byte.SIZE | (session[session.length - 1] & 0xFF);
        if ((sum & 0xFFFF) != stated || session.length < 4) {
            throw new IllegalArgumentException("checksum");
        }
        return Arrays.copyOf(session, Math.max(session.length - 2, 1 + AES_256));
    }

    private static byte[] random() {
        byte[] session = new byte[1 + AES_256];
        new SecureRandom().nextBytes(session);
        session[0] = SymmetricKeyAlgorithmTags.AES_256;
        return session;
    }

    /** Decoding checks that the point is on the curve. */
    private static Optional<PublicKey> point(byte[] encoded) {
        try {
            return Optional.of(KeyFactory.getInstance("EC", Pgp.PROVIDER)
                    .generatePublic(new X509EncodedKeySpec(new SubjectPublicKeyInfo(P256, encoded).getEncoded())));
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** RFC 6637 clause 7. */
    private static byte[] kek(byte[] shared, PublicKeyPacket mine) throws IOException {
        ECDHPublicBCPGKey key = (ECDHPublicBCPGKey) mine.getKey();
        byte[] material =
                Pgp.parse("key's fingerprint", () -> RFC6637Utils.createUserKeyingMaterial(mine, Pgp.fingerprints()));
        MessageDigest digest = Pgp.digest(hash(key.getHashAlgorithm()));
        digest.update(FIRST_BLOCK);
        digest.update(shared);
        byte[] all = digest.digest(material);
        byte[] kek = Arrays.copyOf(all, octets(key.getSymmetricKeyAlgorithm()));
        Arrays.fill(all, (byte) 0);
        return kek;
    }

    private static String hash(int algorithm) {
        return switch (algorithm) {
            case HashAlgorithmTags.SHA384 -> "SHA-384";
            case HashAlgorithmTags.SHA512 -> "SHA-512";
            default -> "SHA-256";
        };
    }

    private static int octets(int algorithm) {
        return switch (algorithm) {
            case SymmetricKeyAlgorithmTags.AES_128 -> 16;
            case SymmetricKeyAlgorithmTags.AES_192 -> 24;
            default -> AES_256;
        };
    }
}
