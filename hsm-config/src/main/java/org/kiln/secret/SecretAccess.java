package org.kiln.secret;

/**
 * The capability to read the bytes of a {@link Secret}.
 *
 * <p>It stops nobody; it makes every exposure visible to a search of the source.
 */
public final class SecretAccess {

    private static final SecretAccess GRANTED = new SecretAccess();

    private SecretAccess() {}

    /** The capability; the caller answers for the bytes until they are wiped. */
    public static SecretAccess granted() {
        return GRANTED;
    }
}
