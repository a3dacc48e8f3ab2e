package org.kiln.kms.aka;

import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * The key derivation function of TS 33.220 Annex B.2 (HMAC-SHA-256) with the parameters of TS 33.401 and 33.501, from
 * one CK ‖ IK.
 *
 * <p>An instance keeps its buffers, is used by one thread at a time, and is wiped by {@link #wipe}.
 */
public final class KeyDerivation {

    private static final int BLOCK = 64;
    private static final int KEY = 32;
    private static final int LONGEST_INPUT = 512;
    private static final byte INNER = 0x36;
    private static final byte OUTER = 0x5c;

    private final MessageDigest sha256;
    private final byte[] innerBlock = new byte[BLOCK];
    private final byte[] outerBlock = new byte[BLOCK];
    private final byte[] input = new byte[LONGEST_INPUT];
    private final byte[] digest = new byte[32];
    private int length;

    public KeyDerivation() {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Takes the 32 octets of CK ‖ IK, or of another key of the hierarchy, for the derivations that follow. */
    public void key(byte[] key) {
        Arrays.fill(innerBlock, INNER);
        Arrays.fill(outerBlock, OUTER);
        for (int i = 0; i < KEY; i++) {
            innerBlock[i] ^= key[i];
            outerBlock[i] ^= key[i];
        }
    }

    /** KASME (TS 33.401 A.2), 32 octets, from the serving network's identity of 3 octets and SQN ⊕ AK. */
    public byte[] kasme(byte[] servingNetworkId, long sqnXorAk) {
        begin(0x10);
        parameter(servingNetworkId);
        parameter48(sqnXorAk);
        return finish(0, 32);
    }

    /** KAUSF (TS 33.501 A.2), 32 octets. */
    public byte[] kausf(byte[] servingNetworkName, long sqnXorAk) {
        begin(0x6a);
        parameter(servingNetworkName);
        parameter48(sqnXorAk);
        return finish(0, 32);
    }

    /** RES* or XRES* (TS 33.501 A.4), 16 octets. */
    public byte[] resStar(byte[] servingNetworkName, byte[] rand, byte[] res) {
        begin(0x6b);
        parameter(servingNetworkName);
        parameter(rand);
        parameter(res);
        return finish(16, 32);
    }

    /** CK′ ‖ IK′ (TS 33.501 A.3, RFC 9048), 32 octets. */
    public byte[] ckPrimeIkPrime(byte[] accessNetworkName, long sqnXorAk) {
        begin(0x20);
        parameter(accessNetworkName);
        parameter48(sqnXorAk);
        return finish(0, 32);
    }

    /** KSEAF (TS 33.501 A.6), 32 octets, from KAUSF as the key. */
    public byte[] kseaf(byte[] servingNetworkName) {
        begin(0x6c);
        parameter(servingNetworkName);
        return finish(0, 32);
    }

    /** HXRES* (TS 33.501 A.5), 16 octets; needs no key. */
    public byte[] hxresStar(byte[] rand, byte[] xresStar) {
        try {
            sha256.update(rand);
            sha256.update(xresStar);
            sha256.digest(digest, 0, digest.length);
            return Arrays.copyOfRange(digest, 16, 32);
        } catch (DigestException e) {
            throw new IllegalStateException(e);
        }
    }

    private void begin(int functionCode) {
        input[0] = (byte) functionCode;
        length = 1;
    }

    private void parameter(byte[] octets) {
        System.arraycopy(octets, 0, input, length, octets.length);
        endParameter(octets.length);
    }

    private void parameter48(long value) {
        putLong48(value, input, length);
        endParameter(6);
    }

    private void endParameter(int octets) {
        length += octets;
        input[length++] = (byte) (octets >>> 8);
        input[length++] = (byte) octets;
    }

    private byte[] finish(int from, int to) {
        try {
            sha256.update(innerBlock);
            sha256.update(input, 0, length);
            sha256.digest(digest, 0, digest.length);
            sha256.update(outerBlock);
            sha256.update(digest);
            sha256.digest(digest, 0, digest.length);
            return Arrays.copyOfRange(digest, from, to);
        } catch (DigestException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Overwrites the key and the last result. */
    public void wipe() {
        Arrays.fill(innerBlock, (byte) 0);
        Arrays.fill(outerBlock, (byte) 0);
        Arrays.fill(digest, (byte) 0);
        Arrays.fill(input, (byte) 0);
    }

    /** The octets of a serving network name, such as {@code 5G:mnc001.mcc001.3gppnetwork.org}. */
    public static byte[] octets(String networkName) {
        return networkName.getBytes(StandardCharsets.UTF_8);
    }

    /** Writes the low 48 bits, most significant octet first. */
    static void putLong48(long value, byte[] target, int at) {
        for (int i = 0; i < 6; i++) {
            target[at + i] = (byte) (value >>> (40 - 8 * i));
        }
    }
}
