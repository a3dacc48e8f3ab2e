package org.kiln.transfer.batch;

/** What the octets inside a wrapped value are. */
public enum Content {
    /** A secret key of 16, 24 or 32 octets. */
    AES_KEY,
    /** A 3DES key of two parts (16 octets) or three (24). */
    DES_KEY,
    /** A PIN, PUK or administrative code: 4 to 16 octets as the card takes them. */
    CODE,
    /** UTF-8 text. */
    TEXT
}
