package org.kiln.transfer.recipient;

/**
 * What a transport key is received for.
 *
 * <p>PKCS#11 binds this to the token's object, not to the key: whoever has the user's PIN and the file with the wrapped
 * key can receive it once more for the other use. Destroy that file once the key is in.
 */
public enum KeyUse {
    /** Whatever it unwraps is sensitive, and the token enforces that ({@code CKA_UNWRAP_TEMPLATE}). */
    PRODUCTION,
    /**
     * It protects key blocks (ANSI X9.143) and unwraps nothing: it computes the CMACs that a block's keys are derived by. Each key
     * that comes in such a block is in this host's locked memory on its way into the token, and whoever has the user's PIN and
     * the file can read it.
     */
    KEY_BLOCKS,
    /** The laboratory's switch: what it unwraps may be read, so that a check can compare values. For test keys only. */
    LABORATORY
}
