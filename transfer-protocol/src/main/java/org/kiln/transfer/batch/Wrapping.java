package org.kiln.transfer.batch;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The algorithm that wrapped a column's values.
 *
 * <p>Only {@link #AES_KWP} and {@link #AES_KW} authenticate what they wrap: a value that was changed does not unwrap. Of
 * the others a changed value unwraps to another key, which its check value shows if the column has one; and equal values
 * under one key are seen to be equal, so a batch has a transport key of its own, and best each column has.
 */
public enum Wrapping {
    /** AES key wrap with padding: RFC 5649, NIST SP 800-38F KWP. Takes any length and any {@link Content}. */
    AES_KWP(8),
    /** AES key wrap: RFC 3394, NIST SP 800-38F KW. Takes keys of 16, 24 and 32 octets. */
    AES_KW(8),
    /**
     * AES-CBC without padding, its IV sixteen octets of 0x23: the encrypted columns of Osmocom's pySim. Takes keys of 16
     * and 32 octets. Does not authenticate.
     */
    AES_CBC_IV_23(16),
    /**
     * AES-ECB: the eKi of HLR load files. Takes keys of 16 and 32 octets; a token without ECB wrapping (SoftHSM) makes it
     * of one block, as CBC with a zero IV, and cannot make it of two. Does not authenticate.
     */
    AES_ECB(16),
    /**
     * 3DES-ECB with a key of two or three parts: the eKi of old HLRs. Takes keys of 16, 24 and 32 octets. Does not
     * authenticate, and its block of 8 octets shows equal halves of keys: for peers that have no better only.
     */
    DES3_ECB(8);

    private static final int KEY_WRAP_OVERHEAD = 8;
    private static final int MIN_KEY = 16;
    private static final int MAX_KEY = 32;
    private static final int KEY_STEP = 8;

    private final int block;

    Wrapping(int block) {
        this.block = block;
    }

    /** Whether a value that was changed does not unwrap. */
    public boolean authenticates() {
        return this == AES_KWP || this == AES_KW;
    }

    /** Whether the transport key is of 3DES; else it is of AES. */
    public boolean isDes3() {
        return this == DES3_ECB;
    }

    /** Whether such values may be wrapped so. Codes and texts, which may have any length, are wrapped by KWP only. */
    public boolean takes(Content content) {
        return content.isKey() || this == AES_KWP;
    }

    /** Whether a key of {@code octets} may be wrapped so. */
    public boolean takesKeyOf(int octets) {
        return octets >= MIN_KEY
                && octets <= MAX_KEY
                && octets % KEY_STEP == 0
                && (this == AES_KWP || octets % block == 0);
    }

    /** Octets of a wrapped key of {@code octets}. */
    public int wrappedKey(int octets) {
        return authenticates() ? octets + KEY_WRAP_OVERHEAD : octets;
    }

    /** Octets of the key in {@code octets} of a wrapped one. */
    public int keyIn(int octets) {
        return authenticates() ? octets - KEY_WRAP_OVERHEAD : octets;
    }

    /** The rule that a wrapped value of {@code octets} breaks; empty if it breaks none. */
    Optional<String> brokenBy(int octets, Content content) {
        if (content.isKey()) {
            List<Integer> wrapped = content.keyOctets().stream()
                    .filter(this::takesKeyOf)
                    .map(this::wrappedKey)
                    .toList();
            return wrapped.contains(octets)
                    ? Optional.empty()
                    : Optional.of((content == Content.DES_KEY ? "a 3DES key" : "a key") + " wrapped by " + this
                            + " has " + inWords(wrapped) + " octets");
        }
        return octets % KEY_STEP == 0 && octets >= 2 * KEY_STEP
                ? Optional.empty()
                : Optional.of(this + " gives a multiple of " + KEY_STEP + " octets, at least " + 2 * KEY_STEP);
    }

    private static String inWords(List<Integer> numbers) {
        String words = numbers.stream().map(String::valueOf).collect(Collectors.joining(", "));
        int last = words.lastIndexOf(", ");
        return last < 0 ? words : words.substring(0, last) + " or " + words.substring(last + 2);
    }
}
