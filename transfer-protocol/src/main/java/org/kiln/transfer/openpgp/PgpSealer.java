package org.kiln.transfer.openpgp;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.bcpg.SymmetricKeyAlgorithmTags;
import org.bouncycastle.openpgp.PGPEncryptedDataGenerator;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPLiteralDataGenerator;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPRuntimeOperationException;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureGenerator;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.operator.jcajce.JcePGPDataEncryptorBuilder;
import org.bouncycastle.openpgp.operator.jcajce.JcePublicKeyKeyEncryptionMethodGenerator;
import org.kiln.transfer.envelope.ContentWriter;

/**
 * Signs content and encrypts it to its recipients as one OpenPGP message, in one pass and constant memory. May be used by
 * several threads if the signer's key may.
 */
public final class PgpSealer {

    private static final int BUFFER_OCTETS = 1 << 15;

    private final PgpIdentity signer;
    private final List<PgpCertificate> recipients;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    /**
     * Checks that each recipient has a key to encrypt to.
     *
     * @throws IllegalArgumentException if there is no recipient
     * @throws OpenPgpException.UnfitCertificate if one has no usable key
     */
    public PgpSealer(PgpIdentity signer, List<PgpCertificate> recipients, InstantSource clock) throws OpenPgpException {
        if (recipients.isEmpty()) {
            throw new IllegalArgumentException("a message without recipient; give at least one certificate");
        }
        this.signer = signer;
        this.recipients = List.copyOf(recipients);
        this.clock = clock;
        encryptionKeys(clock.instant());
    }

    /**
     * Seals content.
     *
     * @param out where the message goes, in binary form; flushed, not closed. If this method throws, what was written is
     *     no message
     * @param fileName the name that the receiver's software proposes
     * @throws OpenPgpException.UnfitCertificate if a recipient's key has expired
     * @throws OpenPgpException.KeyUnavailable if the signer's key does not work
     * @throws IOException if {@code out} or {@code content} throws it
     */
    public void seal(OutputStream out, String fileName, ContentWriter content) throws IOException {
        Instant now = clock.instant();
        PGPEncryptedDataGenerator encryption =
                new PGPEncryptedDataGenerator(new JcePGPDataEncryptorBuilder(SymmetricKeyAlgorithmTags.AES_256)
                        .setWithIntegrityPacket(true)
                        .setSecureRandom(random)
                        .setProvider(Pgp.PROVIDER));
        for (PGPPublicKey key : encryptionKeys(now)) {
            encryption.addMethod(new JcePublicKeyKeyEncryptionMethodGenerator(key)
                    .setSecureRandom(random)
                    .setProvider(Pgp.PROVIDER));
        }
        try {
            OutputStream encrypted = encryption.open(out, new byte[BUFFER_OCTETS]);
            sign(encrypted, fileName, content, now);
            encrypted.close();
            out.flush();
        } catch (PGPException | PGPRuntimeOperationException e) {
            throw new OpenPgpException.KeyUnavailable(signer.certificate().fingerprint(), e);
        }
    }

    private void sign(OutputStream encrypted, String fileName, ContentWriter content, Instant now)
            throws IOException, PGPException {
        PGPSignatureGenerator signature = signer.generator(PGPSignature.BINARY_DOCUMENT);
        PGPSignatureSubpacketGenerator says = new PGPSignatureSubpacketGenerator();
        says.setSignatureCreationTime(false, Date.from(now));
        says.setIssuerFingerprint(false, signer.certificate().primary());
        says.setIssuerKeyID(false, signer.certificate().primary().getKeyID());
        signature.setHashedSubpackets(says.generate());
        signature.generateOnePassVersion(false).encode(encrypted);
        OutputStream literal = new PGPLiteralDataGenerator()
                .open(encrypted, PGPLiteralDataGenerator.BINARY, fileName, Date.from(now), new byte[BUFFER_OCTETS]);
        OutputStream signed = new BufferedOutputStream(new Signed(literal, signature), BUFFER_OCTETS);
        content.writeTo(signed);
        signed.flush();
        literal.close();
        signature.generate().encode(encrypted);
    }

    private List<PGPPublicKey> encryptionKeys(Instant now) throws OpenPgpException {
        List<PGPPublicKey> keys = new ArrayList<>();
        for (PgpCertificate recipient : recipients) {
            keys.add(recipient.encryptionKey(now));
        }
        return keys;
    }

    /** What passes is signed too. */
    private static final class Signed extends FilterOutputStream {

        private final PGPSignatureGenerator signature;

        Signed(OutputStream out, PGPSignatureGenerator signature) {
            super(out);
            this.signature = signature;
        }

        @Override
        public void write(int octet) throws IOException {
            write(new byte[] {(byte) octet}, 0, 1);
        }

        @Override
        public void write(byte[] buffer, int offset, int length) throws IOException {
            signature.update(buffer, offset, length);
            out.write(buffer, offset, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
