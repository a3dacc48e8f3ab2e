package org.kiln.personalisation.identity;

/**
 * What is handed out.
 *
 * @param content {@link DevicePackage} or {@link ProfileFragment} as JSON, in Base64
 * @param sha256 of the content's octets, in hexadecimal
 * @param signature the operator's over {@link Statements#content}: ECDSA with SHA-256 in DER, in Base64
 */
public record SealedPackage(String content, String sha256, String signature) {}
