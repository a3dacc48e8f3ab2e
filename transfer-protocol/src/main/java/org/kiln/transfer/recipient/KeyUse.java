package org.kiln.transfer.recipient;

/** What a transport key is received for. */
public enum KeyUse {
    /** What it unwraps is sensitive, and the token enforces it ({@code CKA_UNWRAP_TEMPLATE}). */
    PRODUCTION,
    /** What it unwraps may be revealed: for laboratories that check what they received. */
    LABORATORY
}
