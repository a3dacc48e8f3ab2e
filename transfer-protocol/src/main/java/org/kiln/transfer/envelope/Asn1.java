package org.kiln.transfer.envelope;

import java.io.IOException;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;

/** Parsing of small ASN.1 structures from outside: whatever Bouncy Castle throws over them means one thing. */
final class Asn1 {

    static final int MAX_OID_OCTETS = 64;
    static final int MAX_STRUCTURE_OCTETS = 1 << 20;

    private Asn1() {}

    /** Reads a structure out of octets already in memory. */
    @FunctionalInterface
    interface Parsing<T> {
        T run() throws IOException;
    }

    static <T> T parse(String what, Parsing<T> parsing) throws EnvelopeException {
        try {
            return parsing.run();
        } catch (EnvelopeException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new EnvelopeException.NotCms("its " + what + " cannot be read", e);
        }
    }

    static ASN1Primitive primitive(String what, byte[] encoded) throws EnvelopeException {
        return parse(what, () -> ASN1Primitive.fromByteArray(encoded));
    }

    /** Reads an object identifier, which must be {@code expected}. */
    static void require(BerReader ber, ASN1Encodable expected, String what) throws IOException {
        byte[] encoded = ber.element(BerReader.OBJECT_IDENTIFIER, MAX_OID_OCTETS);
        ASN1ObjectIdentifier found = parse(what, () -> ASN1ObjectIdentifier.getInstance(encoded));
        if (!found.equals(expected)) {
            throw new EnvelopeException.NotCms("its " + what + " is " + found + ", not " + expected);
        }
    }

    /** Reads past an optional element. */
    static void skip(BerReader ber, int tag) throws IOException {
        if (ber.peek() == tag) {
            ber.element(tag, MAX_STRUCTURE_OCTETS);
        }
    }
}
