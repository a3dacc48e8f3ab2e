package org.kiln.transfer.openpgp;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Set;
import org.bouncycastle.bcpg.PacketTags;
import org.bouncycastle.bcpg.PublicKeyEncSessionPacket;
import org.bouncycastle.bcpg.PublicKeyPacket;
import org.jspecify.annotations.Nullable;
import org.kiln.transfer.envelope.ContentConsumer;

/**
 * Opens OpenPGP messages in binary form in two passes over the file, each in constant memory: {@link #verify} looks at
 * everything and yields nothing, {@link #open} then yields the content. So nothing unauthenticated is ever acted upon.
 *
 * <p>May be used by several threads if the recipient's key may.
 */
public final class PgpOpener {

    private static final int MAX_RECIPIENTS = 64;

    private final PgpIdentity recipient;
    private final Set<PgpCertificate> signers;
    private final InstantSource clock;

    /**
     * An opener for one recipient.
     *
     * @param signers whose messages to take: their certificates, compared by another way than the messages'
     * @param clock tells whether a signer's key is in its time
     */
    public PgpOpener(PgpIdentity recipient, Set<PgpCertificate> signers, InstantSource clock) {
        this.recipient = recipient;
        this.signers = Set.copyOf(signers);
        this.clock = clock;
    }

    /**
     * Goes through the whole file: decryption, modification detection code, signature, signer.
     *
     * @throws OpenPgpException if the message is not good; each kind says what to do
     * @throws IOException if the file cannot be read
     */
    public VerifiedMessage verify(Path file) throws IOException {
        MessageDigest digest = Pgp.digest("SHA-256");
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            Message message = new Message(in);
            PgpCertificate signer = verified(message);
            message.end();
            return new VerifiedMessage(signer, HexFormat.of().formatHex(digest.digest()));
        }
    }

    /**
     * Yields the content of a verified file. When this method throws, whatever {@code consumer} did is to be undone.
     *
     * @param file the file {@code verified} is about
     * @return what {@code consumer} returned
     * @throws OpenPgpException.ChangedSinceVerified if the file is no longer the same; found out at the end
     * @throws IOException if the file cannot be read, or {@code consumer} throws it
     */
    public <T extends @Nullable Object> T open(Path file, VerifiedMessage verified, ContentConsumer<T> consumer)
            throws IOException {
        MessageDigest digest = Pgp.digest("SHA-256");
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            try {
                Message message = new Message(in);
                T result = consumer.accept(new SignedMessage(message.content).content());
                requireSame(in, digest, verified);
                return result;
            } catch (IOException | RuntimeException e) {
                if (!(e instanceof OpenPgpException.ChangedSinceVerified)) {
                    requireSameAfter(e, in, digest, verified);
                }
                throw e;
            }
        }
    }

    /** A fault inside is told only once the code has been found right: before that it may be anybody's doing. */
    private PgpCertificate verified(Message message) throws IOException {
        try {
            PgpCertificate signer = new SignedMessage(message.content).verify(signers, clock.instant());
            message.content.drain();
            return signer;
        } catch (OpenPgpException e) {
            message.content.drain();
            throw e;
        }
    }

    private static void requireSameAfter(
            Exception cause, InputStream in, MessageDigest digest, VerifiedMessage verified) throws IOException {
        try {
            requireSame(in, digest, verified);
        } catch (OpenPgpException.ChangedSinceVerified changed) {
            changed.addSuppressed(cause);
            throw changed;
        }
    }

    private static void requireSame(InputStream in, MessageDigest digest, VerifiedMessage verified) throws IOException {
        in.transferTo(OutputStream.nullOutputStream());
        if (!HexFormat.of().formatHex(digest.digest()).equals(verified.sha256())) {
            throw new OpenPgpException.ChangedSinceVerified();
        }
    }

    /** The outer packets of a file. */
    private final class Message {

        private final Packets packets;
        private final Protected content;

        Message(InputStream in) throws IOException {
            packets = new Packets(new BufferedInputStream(in, 1 << 15));
            byte @Nullable [] key = null;
            int others = 0;
            int tag = packets.next();
            while (tag == PacketTags.PUBLIC_KEY_ENC_SESSION) {
                PublicKeyEncSessionPacket packet = Pgp.parse("session key", () -> (PublicKeyEncSessionPacket)
                        packets.small(PacketTags.PUBLIC_KEY_ENC_SESSION).readPacket());
                PublicKeyPacket mine = recipient.decryptionKey(packet.getKeyID());
                if (mine == null || key != null) {
                    others++;
                } else {
                    key = SessionKey.recover(packet, mine, recipient);
                }
                if (others > MAX_RECIPIENTS) {
                    throw new OpenPgpException.NotOpenPgp("more than " + MAX_RECIPIENTS + " recipients");
                }
                tag = packets.next();
            }
            if (tag != PacketTags.SYM_ENC_INTEGRITY_PRO || packets.body().read() != 1) {
                throw unprotected(tag);
            }
            if (key == null) {
                throw new OpenPgpException.NotForThisRecipient(
                        recipient.certificate().fingerprint(), others);
            }
            content = new Protected(packets.body(), key);
        }

        void end() throws IOException {
            if (packets.next() != Packets.END) {
                throw new OpenPgpException.NotOpenPgp("something follows its end");
            }
        }
    }

    private static OpenPgpException unprotected(int tag) {
        return switch (tag) {
            case PacketTags.SYMMETRIC_KEY_ENC ->
                new OpenPgpException.Unsupported(
                        "no integrity protection", "AES-256 with a modification detection code");
            case PacketTags.SYM_ENC_INTEGRITY_PRO, PacketTags.AEAD_ENC_DATA ->
                new OpenPgpException.Unsupported(
                        "AEAD", "AES-256 with a modification detection code (SEIPD version 1)");
            case Packets.END -> new OpenPgpException.Truncated();
            default -> new OpenPgpException.NotOpenPgp("a packet with tag " + tag + " where encrypted data belong");
        };
    }
}
