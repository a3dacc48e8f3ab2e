package org.kiln.transfer.openpgp;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.ProviderException;
import java.security.PublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import javax.crypto.KeyAgreement;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyPacket;
import org.bouncycastle.bcpg.PublicSubkeyPacket;
import org.bouncycastle.bcpg.SymmetricKeyAlgorithmTags;
import org.bouncycastle.bcpg.sig.Features;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureGenerator;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.operator.jcajce.JcaPGPContentSignerBuilder;
import org.bouncycastle.openpgp.operator.jcajce.JcaPGPKeyConverter;
import org.bouncycastle.openpgp.operator.jcajce.JcaPGPPrivateKey;
import org.jspecify.annotations.Nullable;

/**
 * Somebody's private EC P-256 key and the OpenPGP certificate made of it: the key signs as primary key, by ECDSA, and may be
 * encrypted to as subkey, by ECDH. The key may be a handle in a token.
 *
 * @param key the key, or its handle
 * @param certificate its certificate
 * @param provider the JCA provider that can use the key; null for a key in memory
 */
public record PgpIdentity(
        PrivateKey key,
        PgpCertificate certificate,
        @Nullable Provider provider) {

    private static final int VERSION_4 = 4;

    /**
     * Makes the certificate of a key that signs and agrees; it signs the certificate. The same key, name and time give the
     * same fingerprint.
     *
     * @param publicKey the key's public half, on P-256
     * @param userId the name in it, such as {@code Kiln Telecom <keys@example.org>}
     * @param created when the key was made: part of the fingerprint, so the same at every call
     * @throws OpenPgpException.KeyUnavailable if the key does not sign
     */
    public static PgpIdentity of(
            PrivateKey key, PublicKey publicKey, @Nullable Provider provider, String userId, Instant created)
            throws OpenPgpException {
        return of(key, publicKey, provider, userId, created, true);
    }

    /** As {@link #of}, of a key that signs only: nobody can encrypt to the certificate. */
    public static PgpIdentity signingOnly(
            PrivateKey key, PublicKey publicKey, @Nullable Provider provider, String userId, Instant created)
            throws OpenPgpException {
        return of(key, publicKey, provider, userId, created, false);
    }

    private static PgpIdentity of(
            PrivateKey key,
            PublicKey publicKey,
            @Nullable Provider provider,
            String userId,
            Instant created,
            boolean agrees)
            throws OpenPgpException {
        Date date = Date.from(Instant.ofEpochSecond(created.getEpochSecond()));
        try {
            JcaPGPKeyConverter converter = new JcaPGPKeyConverter().setProvider(Pgp.PROVIDER);
            PGPPublicKey primary = converter.getPGPPublicKey(VERSION_4, PublicKeyAlgorithmTags.ECDSA, publicKey, date);
            PgpIdentity unsigned =
                    new PgpIdentity(key, new PgpCertificate(new PGPPublicKeyRing(List.of(primary))), provider);
            List<PGPPublicKey> keys = new ArrayList<>();
            keys.add(PGPPublicKey.addCertification(primary, userId, unsigned.certification(primary, userId, date)));
            if (agrees) {
                PGPPublicKey ecdh = converter.getPGPPublicKey(VERSION_4, PublicKeyAlgorithmTags.ECDH, publicKey, date);
                PGPPublicKey subkey = new PGPPublicKey(
                        new PublicSubkeyPacket(
                                VERSION_4,
                                PublicKeyAlgorithmTags.ECDH,
                                date,
                                ecdh.getPublicKeyPacket().getKey()),
                        Pgp.fingerprints());
                keys.add(PGPPublicKey.addCertification(subkey, unsigned.binding(primary, subkey, date)));
            }
            return new PgpIdentity(key, new PgpCertificate(new PGPPublicKeyRing(keys)), provider);
        } catch (PGPException | RuntimeException e) {
            throw new OpenPgpException.KeyUnavailable("of " + userId, e);
        }
    }

    private PGPSignature certification(PGPPublicKey primary, String userId, Date date) throws PGPException {
        PGPSignatureSubpacketGenerator says = says(primary, date, KeyFlags.CERTIFY_OTHER | KeyFlags.SIGN_DATA);
        says.setPreferredSymmetricAlgorithms(false, new int[] {SymmetricKeyAlgorithmTags.AES_256});
        says.setPreferredHashAlgorithms(false, new int[] {HashAlgorithmTags.SHA256});
        says.setFeature(false, Features.FEATURE_MODIFICATION_DETECTION);
        PGPSignatureGenerator generator = generator(PGPSignature.POSITIVE_CERTIFICATION);
        generator.setHashedSubpackets(says.generate());
        return generator.generateCertification(userId, primary);
    }

    private PGPSignature binding(PGPPublicKey primary, PGPPublicKey subkey, Date date) throws PGPException {
        PGPSignatureGenerator generator = generator(PGPSignature.SUBKEY_BINDING);
        generator.setHashedSubpackets(says(primary, date, KeyFlags.ENCRYPT_COMMS | KeyFlags.ENCRYPT_STORAGE)
                .generate());
        return generator.generateCertification(primary, subkey);
    }

    private static PGPSignatureSubpacketGenerator says(PGPPublicKey primary, Date date, int flags) {
        PGPSignatureSubpacketGenerator says = new PGPSignatureSubpacketGenerator();
        says.setSignatureCreationTime(false, date);
        says.setKeyFlags(false, flags);
        says.setIssuerFingerprint(false, primary);
        says.setIssuerKeyID(false, primary.getKeyID());
        return says;
    }

    /** Signs by ECDSA with SHA-256; the digest is made here, the signature by the key's provider. */
    PGPSignatureGenerator generator(int type) throws PGPException {
        PGPPublicKey primary = certificate.primary();
        JcaPGPContentSignerBuilder signer = new JcaPGPContentSignerBuilder(
                        PublicKeyAlgorithmTags.ECDSA, HashAlgorithmTags.SHA256)
                .setProvider(providerOrDefault())
                .setDigestProvider(Pgp.PROVIDER);
        PGPSignatureGenerator generator = new PGPSignatureGenerator(signer, primary);
        generator.init(type, new JcaPGPPrivateKey(primary, key));
        return generator;
    }

    /** The packet of the subkey of this number, if it is this identity's to decrypt with. */
    @Nullable
    PublicKeyPacket decryptionKey(long keyId) {
        return certificate
                .key(keyId)
                .filter(found -> found.getAlgorithm() == PublicKeyAlgorithmTags.ECDH)
                .map(PGPPublicKey::getPublicKeyPacket)
                .orElse(null);
    }

    /** The shared x-coordinate with {@code other}; for the caller to wipe. */
    byte[] agree(PublicKey other) throws OpenPgpException {
        try {
            KeyAgreement agreement = KeyAgreement.getInstance("ECDH", providerOrDefault());
            agreement.init(key);
            agreement.doPhase(other, true);
            return agreement.generateSecret();
        } catch (GeneralSecurityException | ProviderException e) {
            throw new OpenPgpException.KeyUnavailable(certificate.fingerprint(), e);
        }
    }

    private Provider providerOrDefault() {
        return provider == null ? Pgp.PROVIDER : provider;
    }

    /** The certificate; nothing of the key. */
    @Override
    public String toString() {
        return "PgpIdentity[" + certificate.fingerprint() + "]";
    }
}
