package org.kiln.kms.hsm;

import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Pkcs11Exception;

/** What a return code says about the token that gave it. */
enum Trouble {
    /** Nothing: the request was at fault. */
    NONE,
    /** The session or its handles may be stale: after the task, the lane takes a new session and checks the login. */
    DOUBT,
    /** The token, the way to it or the login is gone. */
    GONE;

    static Trouble of(Ckr answer) {
        return switch (answer) {
            case DEVICE_ERROR,
                    DEVICE_MEMORY,
                    DEVICE_REMOVED,
                    TOKEN_NOT_PRESENT,
                    TOKEN_NOT_RECOGNIZED,
                    SLOT_ID_INVALID,
                    CRYPTOKI_NOT_INITIALIZED,
                    FIPS_SELF_TEST_FAILED,
                    SESSION_CLOSED,
                    SESSION_HANDLE_INVALID,
                    USER_NOT_LOGGED_IN -> GONE;
            default ->
                switch (answer.kind()) {
                    case DEVICE, SESSION -> DOUBT;
                    case PIN, BUSY, REQUEST -> NONE;
                };
        };
    }

    /** Whether a request that failed so may succeed on another token, or on this one with a new session. */
    static boolean worthAnotherTry(Throwable failure) {
        return failure instanceof TokenLostException
                || (failure instanceof Pkcs11Exception refused && of(refused.ckr()) != NONE);
    }
}
