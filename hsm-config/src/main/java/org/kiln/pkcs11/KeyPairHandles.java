package org.kiln.pkcs11;

/** The two object handles that {@code C_GenerateKeyPair} makes. */
public record KeyPairHandles(long publicKey, long privateKey) {}
