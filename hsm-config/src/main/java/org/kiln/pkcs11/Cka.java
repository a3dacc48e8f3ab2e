package org.kiln.pkcs11;

/** Attribute types ({@code CKA_*}) that Kiln sets or reads, with the kind of value each holds. */
public enum Cka {
    CLASS(0x000, Kind.ULONG),
    TOKEN(0x001, Kind.BOOL),
    PRIVATE(0x002, Kind.BOOL),
    LABEL(0x003, Kind.BYTES),
    VALUE(0x011, Kind.BYTES),
    CERTIFICATE_TYPE(0x080, Kind.ULONG),
    ISSUER(0x081, Kind.BYTES),
    SERIAL_NUMBER(0x082, Kind.BYTES),
    TRUSTED(0x086, Kind.BOOL),
    CHECK_VALUE(0x090, Kind.BYTES),
    KEY_TYPE(0x100, Kind.ULONG),
    SUBJECT(0x101, Kind.BYTES),
    ID(0x102, Kind.BYTES),
    SENSITIVE(0x103, Kind.BOOL),
    ENCRYPT(0x104, Kind.BOOL),
    DECRYPT(0x105, Kind.BOOL),
    WRAP(0x106, Kind.BOOL),
    UNWRAP(0x107, Kind.BOOL),
    SIGN(0x108, Kind.BOOL),
    VERIFY(0x10a, Kind.BOOL),
    DERIVE(0x10c, Kind.BOOL),
    START_DATE(0x110, Kind.BYTES),
    END_DATE(0x111, Kind.BYTES),
    MODULUS(0x120, Kind.BYTES),
    MODULUS_BITS(0x121, Kind.ULONG),
    PUBLIC_EXPONENT(0x122, Kind.BYTES),
    VALUE_LEN(0x161, Kind.ULONG),
    EXTRACTABLE(0x162, Kind.BOOL),
    LOCAL(0x163, Kind.BOOL),
    NEVER_EXTRACTABLE(0x164, Kind.BOOL),
    ALWAYS_SENSITIVE(0x165, Kind.BOOL),
    MODIFIABLE(0x170, Kind.BOOL),
    COPYABLE(0x171, Kind.BOOL),
    DESTROYABLE(0x172, Kind.BOOL),
    EC_PARAMS(0x180, Kind.BYTES),
    EC_POINT(0x181, Kind.BYTES),
    WRAP_WITH_TRUSTED(0x210, Kind.BOOL),
    WRAP_TEMPLATE(0x40000211L, Kind.TEMPLATE),
    UNWRAP_TEMPLATE(0x40000212L, Kind.TEMPLATE),
    DERIVE_TEMPLATE(0x40000213L, Kind.TEMPLATE);

    /** The shape of an attribute's value: one {@code CK_BBOOL}, one {@code CK_ULONG}, octets, or {@code CK_ATTRIBUTE}s. */
    public enum Kind {
        BOOL,
        ULONG,
        BYTES,
        TEMPLATE
    }

    private final long code;
    private final Kind kind;

    Cka(long code, Kind kind) {
        this.code = code;
        this.kind = kind;
    }

    /** The {@code CK_ATTRIBUTE_TYPE}. */
    public long code() {
        return code;
    }

    public Kind kind() {
        return kind;
    }
}
