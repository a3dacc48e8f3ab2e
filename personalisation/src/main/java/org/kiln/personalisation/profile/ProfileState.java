package org.kiln.personalisation.profile;

/** The life of a version. */
public enum ProfileState {
    /** Waits for a second person. */
    DRAFT,
    /** May be ordered. */
    PUBLISHED,
    /** Is ordered no more; orders under way go on. */
    RETIRED
}
