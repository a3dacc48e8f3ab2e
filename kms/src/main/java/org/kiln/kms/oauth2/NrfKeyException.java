package org.kiln.kms.oauth2;

import org.jspecify.annotations.Nullable;

/** The file of an NRF's key cannot be used; the message names it. */
public final class NrfKeyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    NrfKeyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
