package org.kiln.transfer.envelope;

import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;
import org.jspecify.annotations.Nullable;

/**
 * The inner layer, SignedData (RFC 5652 clause 5.1): first the content as a stream, then, once that is read to its end,
 * the signature over it.
 */
final class SignedContent {

    private final BerReader ber;
    private final MessageDigest digest = Algorithms.sha256();
    private final byte[] digestAlgorithms;
    private final InputStream content;

    /** @param plain a ContentInfo of type SignedData with the content inside */
    SignedContent(InputStream plain) throws IOException {
        ber = new BerReader(plain);
        ber.enter(BerReader.SEQUENCE);
        Asn1.require(ber, CMSObjectIdentifiers.signedData, "inner content type");
        ber.enter(BerReader.context(0));
        ber.enter(BerReader.SEQUENCE);
        Asn1.skip(ber, BerReader.INTEGER);
        digestAlgorithms = ber.element(BerReader.SET, Asn1.MAX_STRUCTURE_OCTETS);
        ber.enter(BerReader.SEQUENCE);
        Asn1.require(ber, CMSObjectIdentifiers.data, "signed content type");
        ber.enter(BerReader.context(0));
        content = new DigestInputStream(ber.octets(BerReader.OCTET_STRING), digest);
    }

    /** The content; not to be used before the outer layer's tag and the signature have been checked. */
    InputStream content() {
        return content;
    }

    /** Reads what follows the content. */
    ContentSignature signature() throws IOException {
        ber.leave();
        ber.leave();
        byte[] certificates = optional(BerReader.context(0));
        Asn1.skip(ber, BerReader.context(1));
        byte[] signers = ber.element(BerReader.SET, Asn1.MAX_STRUCTURE_OCTETS);
        ber.leave();
        ber.leave();
        ber.leave();
        ber.end();
        return new ContentSignature(digest.digest(), digestAlgorithms, certificates, signers);
    }

    private byte @Nullable [] optional(int tag) throws IOException {
        return ber.peek() == tag ? ber.element(tag, Asn1.MAX_STRUCTURE_OCTETS) : null;
    }
}
