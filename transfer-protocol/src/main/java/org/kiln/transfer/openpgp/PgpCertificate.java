package org.kiln.transfer.openpgp;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.cryptlib.CryptlibObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.bcpg.ArmoredOutputStream;
import org.bouncycastle.bcpg.ECDHPublicBCPGKey;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureSubpacketVector;
import org.bouncycastle.openpgp.PGPUtil;

/**
 * Somebody's OpenPGP certificate: his primary key and subkeys, of which only those count that the primary key has bound to
 * itself, that are neither revoked nor expired, and that may be used for the purpose.
 */
public final class PgpCertificate {

    private static final int MAX_OCTETS = 1 << 18;
    private static final int MIN_RSA_BITS = 2048;
    private static final int ENCRYPTS = KeyFlags.ENCRYPT_COMMS | KeyFlags.ENCRYPT_STORAGE;

    private final PGPPublicKeyRing ring;

    PgpCertificate(PGPPublicKeyRing ring) {
        this.ring = ring;
    }

    /**
     * Reads a certificate, binary or in ASCII armour. It says nothing about whose it is: compare {@link #fingerprint}.
     *
     * @throws OpenPgpException.NotOpenPgp if there is none
     */
    public static PgpCertificate read(InputStream in) throws IOException {
        byte[] octets = in.readNBytes(MAX_OCTETS + 1);
        if (octets.length > MAX_OCTETS) {
            throw new OpenPgpException.NotOpenPgp("the certificate is longer than " + MAX_OCTETS + " octets");
        }
        return Pgp.parse(
                "certificate",
                () -> new PgpCertificate(new PGPPublicKeyRing(
                        PGPUtil.getDecoderStream(new ByteArrayInputStream(octets)), Pgp.fingerprints())));
    }

    /** The certificate in ASCII armour. */
    public String armoured() {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (OutputStream armour = ArmoredOutputStream.builder().clearHeaders().build(text)) {
            ring.encode(armour);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString(StandardCharsets.US_ASCII);
    }

    /** The primary key's fingerprint in upper-case hexadecimal: what people compare. */
    public String fingerprint() {
        return HexFormat.of().withUpperCase().formatHex(ring.getPublicKey().getFingerprint());
    }

    /** The key to encrypt to. */
    PGPPublicKey encryptionKey(Instant now) throws OpenPgpException {
        return keys().filter(key -> canEncrypt(key) && isUsable(key, ENCRYPTS, now))
                .reduce((_, last) -> last)
                .orElseThrow(() -> new OpenPgpException.UnfitCertificate(
                        fingerprint(), "encryption key (RSA of 2048 bits, ECDH on Curve25519 or P-256)"));
    }

    /** The signing key of this number. */
    Optional<PGPPublicKey> signingKey(long keyId, Instant now) {
        return keys().filter(key -> key.getKeyID() == keyId && isUsable(key, KeyFlags.SIGN_DATA, now))
                .findFirst();
    }

    /** A subkey or the primary key, whatever it may do. */
    Optional<PGPPublicKey> key(long keyId) {
        return keys().filter(key -> key.getKeyID() == keyId).findFirst();
    }

    PGPPublicKey primary() {
        return ring.getPublicKey();
    }

    private Stream<PGPPublicKey> keys() {
        return StreamSupport.stream(ring.spliterator(), false);
    }

    private static boolean canEncrypt(PGPPublicKey key) {
        return switch (key.getAlgorithm()) {
            case PublicKeyAlgorithmTags.RSA_GENERAL -> key.getBitStrength() >= MIN_RSA_BITS;
            case PublicKeyAlgorithmTags.ECDH -> {
                ASN1ObjectIdentifier curve =
                        ((ECDHPublicBCPGKey) key.getPublicKeyPacket().getKey()).getCurveOID();
                yield curve.equals(CryptlibObjectIdentifiers.curvey25519)
                        || curve.equals(SECObjectIdentifiers.secp256r1);
            }
            default -> false;
        };
    }

    private boolean isUsable(PGPPublicKey key, int purpose, Instant now) {
        try {
            if (primary().hasRevocation() || key.hasRevocation()) {
                return false;
            }
            Optional<PGPSignature> binding = key.isMasterKey() ? selfSignature(key) : subkeyBinding(key);
            return binding.isPresent()
                    && allows(binding.get(), purpose)
                    && (purpose != KeyFlags.SIGN_DATA || key.isMasterKey() || isBoundBack(key, binding.get()))
                    && isInTime(key, now)
                    && isInTime(primary(), now);
        } catch (PGPException | RuntimeException e) {
            return false;
        }
    }

    private static boolean allows(PGPSignature binding, int purpose) {
        PGPSignatureSubpacketVector hashed = binding.getHashedSubPackets();
        return hashed != null && (hashed.getKeyFlags() & purpose) != 0;
    }

    private static boolean isInTime(PGPPublicKey key, Instant now) {
        Instant created = key.getCreationTime().toInstant();
        long seconds = key.getValidSeconds();
        return !now.isBefore(created) && (seconds == 0 || now.isBefore(created.plusSeconds(seconds)));
    }

    private Optional<PGPSignature> selfSignature(PGPPublicKey key) throws PGPException {
        for (Iterator<String> ids = key.getUserIDs(); ids.hasNext(); ) {
            String id = ids.next();
            for (PGPSignature signature : list(key.getSignaturesForID(id))) {
                if (PGPSignature.isCertification(signature.getSignatureType())
                        && signature.getKeyID() == key.getKeyID()) {
                    signature.init(Pgp.verifiers(), key);
                    if (signature.verifyCertification(id, key)) {
                        return Optional.of(signature);
                    }
                }
            }
        }
        return Optional.empty();
    }

    private Optional<PGPSignature> subkeyBinding(PGPPublicKey key) throws PGPException {
        for (PGPSignature signature : list(key.getSignaturesOfType(PGPSignature.SUBKEY_BINDING))) {
            if (signature.getKeyID() == primary().getKeyID()) {
                signature.init(Pgp.verifiers(), primary());
                if (signature.verifyCertification(primary(), key)) {
                    return Optional.of(signature);
                }
            }
        }
        return Optional.empty();
    }

    /** A subkey that signs must have signed that it belongs here: else a certificate could adopt somebody else's. */
    private boolean isBoundBack(PGPPublicKey key, PGPSignature binding) throws PGPException {
        for (PGPSignatureSubpacketVector packets :
                List.of(binding.getHashedSubPackets(), binding.getUnhashedSubPackets())) {
            for (PGPSignature back : packets.getEmbeddedSignatures()) {
                if (back.getSignatureType() == PGPSignature.PRIMARYKEY_BINDING) {
                    back.init(Pgp.verifiers(), key);
                    if (back.verifyCertification(primary(), key)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static List<PGPSignature> list(Iterator<PGPSignature> signatures) {
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(signatures, 0), false)
                .toList();
    }

    /** The fingerprint. */
    @Override
    public String toString() {
        return "PgpCertificate[" + fingerprint().toUpperCase(Locale.ROOT) + "]";
    }
}
