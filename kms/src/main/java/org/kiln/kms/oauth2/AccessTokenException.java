package org.kiln.kms.oauth2;

import org.jspecify.annotations.Nullable;

/** A token is not good here. The message is for the log; a caller is not told why. */
public final class AccessTokenException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    AccessTokenException(@Nullable String why) {
        super(why, null, false, false);
    }
}
