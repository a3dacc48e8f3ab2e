package org.kiln.personalisation.profile;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One version of a profile. Nothing of it changes but its state.
 *
 * @param version from 1
 * @param createdBy who wrote it
 * @param publishedBy who published it: somebody else
 * @param publishUntil of a draft: what is not published by then is not published
 */
public record ProfileVersion(
        CardProfile profile,
        int version,
        ProfileState state,
        Instant created,
        String createdBy,
        @Nullable Instant published,
        @Nullable String publishedBy,
        @Nullable Instant publishUntil) {}
