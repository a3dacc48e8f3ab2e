package org.kiln.kms.keys;

/** Where the storage key lies that a Ki is unwrapped under. */
public enum KekPlace {
    /** In the token, locked, as the ceremony made it. */
    TOKEN,
    /**
     * In each session, which makes a copy of the unlocked storage key that {@link Ceremony#laboratoryFoundation} leaves in the
     * token. For laboratories: whoever has the user's PIN can read every Ki with that key.
     */
    SESSION
}
