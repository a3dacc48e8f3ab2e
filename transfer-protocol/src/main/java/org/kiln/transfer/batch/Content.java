package org.kiln.transfer.batch;

import java.util.Arrays;
import java.util.List;

/** What the octets inside a wrapped value are. */
public enum Content {
    /** A secret key of 16, 24 or 32 octets. */
    AES_KEY(16, 24, 32),
    /** A 3DES key of two parts (16 octets) or three (24). */
    DES_KEY(16, 24),
    /** A PIN, PUK or administrative code: 4 to 16 octets as the card takes them. */
    CODE,
    /** UTF-8 text. */
    TEXT;

    @SuppressWarnings("ImmutableEnumChecker") // Arrays.stream(…).toList is unmodifiable
    private final List<Integer> keyOctets;

    Content(int... keyOctets) {
        this.keyOctets = Arrays.stream(keyOctets).boxed().toList();
    }

    /** Whether it is a key, which may have a check value. */
    public boolean isKey() {
        return !keyOctets.isEmpty();
    }

    /** The octets that such a key may have, fewest first; none if it is no key. */
    public List<Integer> keyOctets() {
        return keyOctets;
    }
}
