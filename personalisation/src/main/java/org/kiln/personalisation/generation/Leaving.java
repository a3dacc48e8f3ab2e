package org.kiln.personalisation.generation;

/** Under which keys new keys may leave the token. */
public enum Leaving {
    /** Transport keys, which the security officer made. */
    UNDER_TRUSTED_KEYS,
    /** A key that the user makes for one device; see {@link org.kiln.kms.keys.OneTimeKeys}. */
    UNDER_A_ONE_TIME_KEY
}
