package org.kiln.transfer.envelope;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;
import org.bouncycastle.asn1.cms.GCMParameters;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.modes.GCMModeCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;
import org.jspecify.annotations.Nullable;

/**
 * The outer layer, AuthEnvelopedData (RFC 5083 clause 2.1), as the stream of its decrypted content.
 *
 * <p>What it yields is not authenticated before the end: its last read, the one that answers -1, checks the tag and the
 * end of the file. GCM runs on Bouncy Castle's block cipher, since a JCA cipher may hold all plaintext back until then, as
 * that of SunJCE does.
 */
final class DecryptedContent extends InputStream {

    private static final int CHUNK = 1 << 15;

    private final BerReader ber;
    private final InputStream encrypted;
    private final GCMModeCipher gcm;
    private final byte[] in = new byte[CHUNK];
    private final byte[] out = new byte[CHUNK + Algorithms.TAG_OCTETS];
    private int outPosition;
    private int outEnd;
    private boolean ended;
    private @Nullable IOException failure;

    private DecryptedContent(BerReader ber, GCMModeCipher gcm, InputStream encrypted) {
        this.ber = ber;
        this.gcm = gcm;
        this.encrypted = encrypted;
    }

    static DecryptedContent open(InputStream file, Identity recipient) throws IOException {
        BerReader ber = new BerReader(file);
        ber.enter(BerReader.SEQUENCE);
        Asn1.require(ber, CMSObjectIdentifiers.authEnvelopedData, "content type");
        ber.enter(BerReader.context(0));
        ber.enter(BerReader.SEQUENCE);
        Asn1.skip(ber, BerReader.INTEGER);
        Asn1.skip(ber, BerReader.context(0));
        byte[] recipients = ber.element(BerReader.SET, Asn1.MAX_STRUCTURE_OCTETS);
        ber.enter(BerReader.SEQUENCE);
        Asn1.require(ber, CMSObjectIdentifiers.data, "encrypted content type");
        byte[] nonce = nonce(ber.element(BerReader.SEQUENCE, Asn1.MAX_STRUCTURE_OCTETS));
        byte[] key = ContentKey.find(recipients, recipient);
        GCMModeCipher gcm = GCMBlockCipher.newInstance(AESEngine.newInstance());
        gcm.init(false, new AEADParameters(new KeyParameter(key), Algorithms.TAG_OCTETS * Byte.SIZE, nonce));
        Arrays.fill(key, (byte) 0);
        return new DecryptedContent(ber, gcm, ber.octets(0x80));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (outPosition == outEnd) {
            if (ended) {
                return -1;
            }
            decrypt();
        }
        int count = Math.min(length, outEnd - outPosition);
        System.arraycopy(out, outPosition, buffer, offset, count);
        outPosition += count;
        return count;
    }

    /** Reads to the end, and so checks the tag. */
    void drain() throws IOException {
        while (!ended || outPosition != outEnd) {
            outPosition = outEnd;
            if (!ended) {
                decrypt();
            }
        }
    }

    private void decrypt() throws IOException {
        if (failure != null) {
            throw failure;
        }
        try {
            decryptChunk();
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    private void decryptChunk() throws IOException {
        int count = encrypted.read(in);
        outPosition = 0;
        outEnd = 0;
        if (count >= 0) {
            outEnd = gcm.processBytes(in, 0, count, out, 0);
        } else {
            outEnd = authenticate();
            ended = true;
        }
    }

    private int authenticate() throws IOException {
        ber.leave();
        byte[] attributes = ber.peek() == BerReader.context(1)
                ? associatedData(ber.element(BerReader.context(1), Asn1.MAX_STRUCTURE_OCTETS))
                : new byte[0];
        byte[] tag = tag(ber.element(BerReader.OCTET_STRING, Asn1.MAX_OID_OCTETS));
        Asn1.skip(ber, BerReader.context(2));
        ber.leave();
        ber.leave();
        ber.leave();
        ber.end();
        gcm.processAADBytes(attributes, 0, attributes.length);
        int count = gcm.processBytes(tag, 0, tag.length, out, 0);
        try {
            return count + gcm.doFinal(out, count);
        } catch (InvalidCipherTextException e) {
            throw new EnvelopeException.TamperedOrWrongKey();
        }
    }

    private static byte[] nonce(byte[] algorithm) throws EnvelopeException {
        return Asn1.parse("content encryption algorithm", () -> {
            AlgorithmIdentifier identifier = AlgorithmIdentifier.getInstance(algorithm);
            if (!Algorithms.CONTENT_ENCRYPTION.equals(identifier.getAlgorithm())) {
                throw new EnvelopeException.UnsupportedAlgorithm(
                        "content encryption " + identifier.getAlgorithm(), "AES-256-GCM");
            }
            GCMParameters parameters = GCMParameters.getInstance(identifier.getParameters());
            if (parameters.getIcvLen() != Algorithms.TAG_OCTETS
                    || parameters.getNonce().length != Algorithms.NONCE_OCTETS) {
                throw new EnvelopeException.UnsupportedAlgorithm(
                        "AES-GCM with a tag of " + parameters.getIcvLen() + " octets and a nonce of "
                                + parameters.getNonce().length,
                        "a tag of " + Algorithms.TAG_OCTETS + " and a nonce of " + Algorithms.NONCE_OCTETS);
            }
            return parameters.getNonce();
        });
    }

    /** The authenticated attributes as a DER SET, whatever their encoding and tag in the file (RFC 5083 clause 2.2). */
    private static byte[] associatedData(byte[] attributes) throws EnvelopeException {
        return Asn1.parse(
                "authenticated attributes",
                () -> ASN1Set.getInstance(ASN1TaggedObject.getInstance(attributes), false)
                        .getEncoded(ASN1Encoding.DER));
    }

    private static byte[] tag(byte[] encoded) throws EnvelopeException {
        byte[] tag = Asn1.parse(
                "authentication tag", () -> ASN1OctetString.getInstance(encoded).getOctets());
        if (tag.length != Algorithms.TAG_OCTETS) {
            throw new EnvelopeException.TamperedOrWrongKey();
        }
        return tag;
    }
}
