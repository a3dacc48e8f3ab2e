package org.kiln.transfer.envelope;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Opens envelopes in two passes over the file, each in constant memory: {@link #verify} looks at everything and yields
 * nothing, {@link #open} then yields the content. So nothing unauthenticated is ever acted upon.
 *
 * <p>May be used by several threads if the recipient's key may.
 */
public final class Opener {

    private final Identity recipient;
    private final SignerTrust trust;
    private final InstantSource clock;

    /**
     * An opener for one recipient.
     *
     * @param recipient whose certificate the envelopes are sealed to; it may have expired since
     * @param trust whose envelopes to take
     * @param clock tells whether a signer's certificate is in its time
     * @throws EnvelopeException.UnfitCertificate if the certificate's key is neither RSA nor EC P-256
     */
    public Opener(Identity recipient, SignerTrust trust, InstantSource clock) throws EnvelopeException {
        Certificates.requireFitRecipient(recipient.certificate());
        this.recipient = recipient;
        this.trust = trust;
        this.clock = clock;
    }

    /**
     * Goes through the whole file: decryption, authentication tag, signature, the signer's trust and time.
     *
     * @throws EnvelopeException if the envelope is not good; each kind says what to do
     * @throws IOException if the file cannot be read
     */
    public VerifiedEnvelope verify(Path file) throws IOException {
        MessageDigest digest = Algorithms.sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            DecryptedContent plain = DecryptedContent.open(in, recipient);
            ContentSignature signature = readThrough(plain);
            X509Certificate signer = signature.verify(trust, clock.instant());
            return new VerifiedEnvelope(signer, HexFormat.of().formatHex(digest.digest()));
        }
    }

    /**
     * Yields the content of a verified file. When this method throws, whatever {@code consumer} did is to be undone.
     *
     * @param file the file {@code verified} is about
     * @param verified what {@link #verify} returned for it
     * @return what {@code consumer} returned
     * @throws EnvelopeException.ChangedSinceVerified if the file is no longer the same; found out at the end
     * @throws IOException if the file cannot be read, or {@code consumer} throws it
     */
    public <T extends @Nullable Object> T open(Path file, VerifiedEnvelope verified, ContentConsumer<T> consumer)
            throws IOException {
        MessageDigest digest = Algorithms.sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            T result = consume(in, digest, verified, consumer);
            requireSame(in, digest, verified);
            return result;
        }
    }

    private <T extends @Nullable Object> T consume(
            InputStream in, MessageDigest digest, VerifiedEnvelope verified, ContentConsumer<T> consumer)
            throws IOException {
        try {
            DecryptedContent plain = DecryptedContent.open(in, recipient);
            T result = consumer.accept(new SignedContent(plain).content());
            plain.drain();
            return result;
        } catch (IOException | RuntimeException e) {
            try {
                requireSame(in, digest, verified);
            } catch (EnvelopeException changed) {
                changed.addSuppressed(e);
                throw changed;
            }
            throw e;
        }
    }

    /** A fault inside is told only once the tag has been found right: before that it may be anybody's doing. */
    private static ContentSignature readThrough(DecryptedContent plain) throws IOException {
        try {
            SignedContent signed = new SignedContent(plain);
            signed.content().transferTo(OutputStream.nullOutputStream());
            ContentSignature signature = signed.signature();
            plain.drain();
            return signature;
        } catch (EnvelopeException e) {
            plain.drain();
            throw e;
        }
    }

    private static void requireSame(InputStream in, MessageDigest digest, VerifiedEnvelope verified)
            throws IOException {
        in.transferTo(OutputStream.nullOutputStream());
        if (!HexFormat.of().formatHex(digest.digest()).equals(verified.sha256())) {
            throw new EnvelopeException.ChangedSinceVerified();
        }
    }
}
