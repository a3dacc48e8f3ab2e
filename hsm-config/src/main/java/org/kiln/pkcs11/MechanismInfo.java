package org.kiln.pkcs11;

/** What a token says of a mechanism ({@code CK_MECHANISM_INFO}). */
public record MechanismInfo(long type, long minimumKeySize, long maximumKeySize, long flags) {}
