package org.kiln.pkcs11;

/** Return codes ({@code CKR_*}) of PKCS#11, each with the kind of answer it calls for. */
public enum Ckr {
    OK(0x0, Kind.REQUEST),
    CANCEL(0x1, Kind.REQUEST),
    HOST_MEMORY(0x2, Kind.DEVICE),
    SLOT_ID_INVALID(0x3, Kind.REQUEST),
    GENERAL_ERROR(0x5, Kind.DEVICE),
    FUNCTION_FAILED(0x6, Kind.DEVICE),
    ARGUMENTS_BAD(0x7, Kind.REQUEST),
    NO_EVENT(0x8, Kind.REQUEST),
    NEED_TO_CREATE_THREADS(0x9, Kind.REQUEST),
    CANT_LOCK(0xa, Kind.REQUEST),
    ATTRIBUTE_READ_ONLY(0x10, Kind.REQUEST),
    ATTRIBUTE_SENSITIVE(0x11, Kind.REQUEST),
    ATTRIBUTE_TYPE_INVALID(0x12, Kind.REQUEST),
    ATTRIBUTE_VALUE_INVALID(0x13, Kind.REQUEST),
    ACTION_PROHIBITED(0x1b, Kind.REQUEST),
    DATA_INVALID(0x20, Kind.REQUEST),
    DATA_LEN_RANGE(0x21, Kind.REQUEST),
    DEVICE_ERROR(0x30, Kind.DEVICE),
    DEVICE_MEMORY(0x31, Kind.DEVICE),
    DEVICE_REMOVED(0x32, Kind.DEVICE),
    ENCRYPTED_DATA_INVALID(0x40, Kind.REQUEST),
    ENCRYPTED_DATA_LEN_RANGE(0x41, Kind.REQUEST),
    AEAD_DECRYPT_FAILED(0x42, Kind.REQUEST),
    FUNCTION_CANCELED(0x50, Kind.REQUEST),
    FUNCTION_NOT_PARALLEL(0x51, Kind.REQUEST),
    FUNCTION_NOT_SUPPORTED(0x54, Kind.REQUEST),
    KEY_HANDLE_INVALID(0x60, Kind.SESSION),
    KEY_SIZE_RANGE(0x62, Kind.REQUEST),
    KEY_TYPE_INCONSISTENT(0x63, Kind.REQUEST),
    KEY_NOT_NEEDED(0x64, Kind.REQUEST),
    KEY_CHANGED(0x65, Kind.REQUEST),
    KEY_NEEDED(0x66, Kind.REQUEST),
    KEY_INDIGESTIBLE(0x67, Kind.REQUEST),
    KEY_FUNCTION_NOT_PERMITTED(0x68, Kind.REQUEST),
    KEY_NOT_WRAPPABLE(0x69, Kind.REQUEST),
    KEY_UNEXTRACTABLE(0x6a, Kind.REQUEST),
    MECHANISM_INVALID(0x70, Kind.REQUEST),
    MECHANISM_PARAM_INVALID(0x71, Kind.REQUEST),
    OBJECT_HANDLE_INVALID(0x82, Kind.SESSION),
    OPERATION_ACTIVE(0x90, Kind.SESSION),
    OPERATION_NOT_INITIALIZED(0x91, Kind.REQUEST),
    PIN_INCORRECT(0xa0, Kind.PIN),
    PIN_INVALID(0xa1, Kind.PIN),
    PIN_LEN_RANGE(0xa2, Kind.PIN),
    PIN_EXPIRED(0xa3, Kind.PIN),
    PIN_LOCKED(0xa4, Kind.PIN),
    SESSION_CLOSED(0xb0, Kind.SESSION),
    SESSION_COUNT(0xb1, Kind.BUSY),
    SESSION_HANDLE_INVALID(0xb3, Kind.SESSION),
    SESSION_PARALLEL_NOT_SUPPORTED(0xb4, Kind.REQUEST),
    SESSION_READ_ONLY(0xb5, Kind.REQUEST),
    SESSION_EXISTS(0xb6, Kind.REQUEST),
    SESSION_READ_ONLY_EXISTS(0xb7, Kind.REQUEST),
    SESSION_READ_WRITE_SO_EXISTS(0xb8, Kind.REQUEST),
    SIGNATURE_INVALID(0xc0, Kind.REQUEST),
    SIGNATURE_LEN_RANGE(0xc1, Kind.REQUEST),
    TEMPLATE_INCOMPLETE(0xd0, Kind.REQUEST),
    TEMPLATE_INCONSISTENT(0xd1, Kind.REQUEST),
    TOKEN_NOT_PRESENT(0xe0, Kind.DEVICE),
    TOKEN_NOT_RECOGNIZED(0xe1, Kind.DEVICE),
    TOKEN_WRITE_PROTECTED(0xe2, Kind.REQUEST),
    UNWRAPPING_KEY_HANDLE_INVALID(0xf0, Kind.SESSION),
    UNWRAPPING_KEY_SIZE_RANGE(0xf1, Kind.REQUEST),
    UNWRAPPING_KEY_TYPE_INCONSISTENT(0xf2, Kind.REQUEST),
    USER_ALREADY_LOGGED_IN(0x100, Kind.REQUEST),
    USER_NOT_LOGGED_IN(0x101, Kind.SESSION),
    USER_PIN_NOT_INITIALIZED(0x102, Kind.PIN),
    USER_TYPE_INVALID(0x103, Kind.REQUEST),
    USER_ANOTHER_ALREADY_LOGGED_IN(0x104, Kind.REQUEST),
    USER_TOO_MANY_TYPES(0x105, Kind.REQUEST),
    WRAPPED_KEY_INVALID(0x110, Kind.REQUEST),
    WRAPPED_KEY_LEN_RANGE(0x112, Kind.REQUEST),
    WRAPPING_KEY_HANDLE_INVALID(0x113, Kind.SESSION),
    WRAPPING_KEY_SIZE_RANGE(0x114, Kind.REQUEST),
    WRAPPING_KEY_TYPE_INCONSISTENT(0x115, Kind.REQUEST),
    RANDOM_SEED_NOT_SUPPORTED(0x120, Kind.REQUEST),
    RANDOM_NO_RNG(0x121, Kind.REQUEST),
    DOMAIN_PARAMS_INVALID(0x130, Kind.REQUEST),
    CURVE_NOT_SUPPORTED(0x140, Kind.REQUEST),
    BUFFER_TOO_SMALL(0x150, Kind.REQUEST),
    SAVED_STATE_INVALID(0x160, Kind.REQUEST),
    INFORMATION_SENSITIVE(0x170, Kind.REQUEST),
    STATE_UNSAVEABLE(0x180, Kind.REQUEST),
    CRYPTOKI_NOT_INITIALIZED(0x190, Kind.DEVICE),
    CRYPTOKI_ALREADY_INITIALIZED(0x191, Kind.REQUEST),
    MUTEX_BAD(0x1a0, Kind.REQUEST),
    MUTEX_NOT_LOCKED(0x1a1, Kind.REQUEST),
    NEW_PIN_MODE(0x1b0, Kind.REQUEST),
    NEXT_OTP(0x1b1, Kind.REQUEST),
    EXCEEDED_MAX_ITERATIONS(0x1b5, Kind.REQUEST),
    FIPS_SELF_TEST_FAILED(0x1b6, Kind.DEVICE),
    LIBRARY_LOAD_FAILED(0x1b7, Kind.REQUEST),
    PIN_TOO_WEAK(0x1b8, Kind.PIN),
    PUBLIC_KEY_INVALID(0x1b9, Kind.REQUEST),
    FUNCTION_REJECTED(0x200, Kind.REQUEST),
    TOKEN_RESOURCE_EXCEEDED(0x201, Kind.BUSY),
    OPERATION_CANCEL_FAILED(0x202, Kind.REQUEST),
    KEY_EXHAUSTED(0x203, Kind.REQUEST),
    VENDOR_DEFINED(0x80000000L, Kind.REQUEST);

    /** What a caller does about a return code. */
    public enum Kind {
        /** The token or its module is in trouble: take it out, try another. */
        DEVICE,
        /** The session or its handles are stale: rebuild them, then try again. */
        SESSION,
        /** The PIN is wrong, locked or not set: a person must act. */
        PIN,
        /** The token is out of sessions or memory: try again later. */
        BUSY,
        /** The request itself was refused: trying again gives the same answer. */
        REQUEST
    }

    private static final Ckr[] ALL = values();

    private final long code;
    private final Kind kind;

    Ckr(long code, Kind kind) {
        this.code = code;
        this.kind = kind;
    }

    /** The {@code CK_RV}. */
    public long code() {
        return code;
    }

    public Kind kind() {
        return kind;
    }

    /** The constant for {@code code}; {@link #VENDOR_DEFINED} for one that no standard names. */
    public static Ckr of(long code) {
        for (Ckr ckr : ALL) {
            if (ckr.code == code) {
                return ckr;
            }
        }
        return VENDOR_DEFINED;
    }
}
