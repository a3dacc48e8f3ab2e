package org.kiln.kms.keys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Session;

/** RSA public keys between Java and a token. */
final class RsaKeys {

    private static final int LEAST_BITS = 3072;
    private static final int MOST_OCTETS = 1024;

    private RsaKeys() {}

    /** @throws KeyException if the key is shorter than a transport key may leave under */
    static void requireLongEnough(RSAPublicKey key) {
        if (key.getModulus().bitLength() < LEAST_BITS) {
            throw new KeyException("the partner's RSA key has "
                    + key.getModulus().bitLength() + " bits; a transport key leaves under at least " + LEAST_BITS);
        }
    }

    static byte[] unsigned(BigInteger number) {
        byte[] octets = number.toByteArray();
        return octets[0] == 0 ? Arrays.copyOfRange(octets, 1, octets.length) : octets;
    }

    static RSAPublicKey read(Session session, long publicKey) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(MOST_OCTETS);
            BigInteger modulus = number(session, publicKey, Cka.MODULUS, value);
            BigInteger exponent = number(session, publicKey, Cka.PUBLIC_EXPONENT, value);
            return (RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, exponent));
        } catch (GeneralSecurityException e) {
            throw new KeyException("the token gives an RSA public key that is none", e);
        }
    }

    private static BigInteger number(Session session, long key, Cka attribute, MemorySegment value) {
        long length = session.getAttribute(key, attribute, value);
        if (length == Ck.UNAVAILABLE) {
            throw new KeyException("the label is on offer for ECDH already; receive that key first");
        }
        return new BigInteger(1, value.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
    }
}
