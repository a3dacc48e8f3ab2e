package org.kiln.transfer.openpgp;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;
import org.bouncycastle.bcpg.CompressionAlgorithmTags;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PacketTags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPOnePassSignature;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPSignature;

/** What is encrypted: a one-pass signature, the literal content, the signature; all of it perhaps compressed. */
final class SignedMessage {

    private static final int FILE_NAME_AND_DATE = 4;

    private final Packets packets;
    private final PGPOnePassSignature announced;
    private final Signed content;

    SignedMessage(InputStream plain) throws IOException {
        Packets outer = new Packets(plain);
        int tag = outer.next();
        if (tag == PacketTags.COMPRESSED_DATA) {
            packets = new Packets(decompressed(outer.body()));
            tag = packets.next();
        } else {
            packets = outer;
        }
        if (tag != PacketTags.ONE_PASS_SIGNATURE) {
            throw new OpenPgpException.NotOpenPgp("its content is not signed");
        }
        announced = Pgp.parse("signature", () -> new PGPOnePassSignature(packets.small(PacketTags.ONE_PASS_SIGNATURE)));
        if (packets.next() != PacketTags.LITERAL_DATA) {
            throw new OpenPgpException.NotOpenPgp("it has no content, or several signatures");
        }
        InputStream literal = packets.body();
        literal.read();
        int name = literal.read();
        if (name < 0 || literal.readNBytes(name + FILE_NAME_AND_DATE).length < name + FILE_NAME_AND_DATE) {
            throw new OpenPgpException.NotOpenPgp("its content has no header");
        }
        content = new Signed(literal);
    }

    private static InputStream decompressed(InputStream body) throws IOException {
        return switch (body.read()) {
            case CompressionAlgorithmTags.ZIP -> new Inflated(body, new Inflater(true));
            case CompressionAlgorithmTags.ZLIB -> new Inflated(body, new Inflater());
            case CompressionAlgorithmTags.UNCOMPRESSED -> body;
            default -> throw new OpenPgpException.Unsupported("an unusual compression", "ZIP, ZLIB or none");
        };
    }

    /** The content; not to be used before code and signature have been checked. */
    InputStream content() {
        return content;
    }

    /**
     * Reads the content to its end and checks the signature.
     *
     * @return the certificate of him who signed
     */
    PgpCertificate verify(Collection<PgpCertificate> trusted, Instant now) throws IOException {
        Optional<PgpCertificate> signer = Optional.empty();
        for (PgpCertificate each : trusted) {
            Optional<PGPPublicKey> key = each.signingKey(announced.getKeyID(), now);
            if (key.isPresent()) {
                signer = Optional.of(each);
                Pgp.parse("signature", () -> {
                    announced.init(Pgp.verifiers(), key.get());
                    return announced;
                });
                content.verifying = true;
            }
        }
        content.transferTo(OutputStream.nullOutputStream());
        if (packets.next() != PacketTags.SIGNATURE) {
            throw new OpenPgpException.NotOpenPgp("no signature follows its content");
        }
        PGPSignature signature = Pgp.parse("signature", () -> new PGPSignature(packets.small(PacketTags.SIGNATURE)));
        if (packets.next() != Packets.END) {
            throw new OpenPgpException.NotOpenPgp("something follows its signature");
        }
        PgpCertificate by = signer.orElseThrow(() -> new OpenPgpException.UntrustedSigner(trusted.size()));
        requireStrong(signature);
        if (!isSigned(signature)) {
            throw new OpenPgpException.BadSignature();
        }
        return by;
    }

    private static void requireStrong(PGPSignature signature) throws OpenPgpException {
        int hash = signature.getHashAlgorithm();
        if (signature.getSignatureType() != PGPSignature.BINARY_DOCUMENT
                || (hash != HashAlgorithmTags.SHA256
                        && hash != HashAlgorithmTags.SHA384
                        && hash != HashAlgorithmTags.SHA512)) {
            throw new OpenPgpException.Unsupported(
                    "a signature over text or with hash number " + hash, "a binary signature with SHA-256 or longer");
        }
    }

    private boolean isSigned(PGPSignature signature) {
        try {
            return signature.getKeyID() == announced.getKeyID() && announced.verify(signature);
        } catch (PGPException | RuntimeException e) {
            return false;
        }
    }

    /** What passes is verified too. */
    private final class Signed extends FilterInputStream {

        private boolean verifying;

        Signed(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int count = in.read(buffer, offset, length);
            if (count > 0 && verifying) {
                announced.update(buffer, offset, count);
            }
            return count;
        }
    }

    /** Faults of the compression are faults of the message. */
    private static final class Inflated extends InflaterInputStream {

        Inflated(InputStream in, Inflater inflater) {
            super(in, inflater, 1 << 13);
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                return super.read(buffer, offset, length);
            } catch (ZipException | EOFException e) {
                throw new OpenPgpException.NotOpenPgp("its compression is damaged");
            }
        }
    }
}
