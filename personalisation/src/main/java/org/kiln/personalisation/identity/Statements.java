package org.kiln.personalisation.identity;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;

/**
 * The octets that are signed, and those that a one-time key is bound to: a name, then each part, each after its length in
 * two octets. Texts are UTF-8; what is absent has length 0.
 */
public final class Statements {

    private Statements() {}

    /**
     * What the device signs to ask: {@code kiln-identity-request/1}, device id, nonce in lower case, operator, profile, its
     * version in decimal, agreement key as in the request, replaced SUPI, platform.
     */
    public static byte[] request(IdentityRequest request) {
        return texts(
                "kiln-identity-request/1",
                request.deviceId(),
                lower(request.nonce()),
                request.operator(),
                request.profile(),
                Objects.toString(request.profileVersion(), ""),
                Objects.toString(request.agreementKey(), ""),
                Objects.toString(request.replaces(), ""),
                Objects.toString(request.platform(), ""));
    }

    /**
     * What the device signs to confirm: {@code kiln-identity-confirmation/1}, identity, device id, nonce in lower case, the
     * package's SHA-256 in lower case, {@code installed}.
     */
    public static byte[] confirmation(String identityId, String deviceId, String nonce, String sha256) {
        return texts("kiln-identity-confirmation/1", identityId, deviceId, lower(nonce), lower(sha256), "installed");
    }

    /**
     * What the KDF binds a one-time key to: {@code kiln-identity-key/1}, identity, device id, nonce in lower case, profile
     * and version as {@code name/version}, the ephemeral and the device's public point.
     */
    public static byte[] sharedInfo(
            String identityId,
            String deviceId,
            String nonce,
            String profile,
            byte[] ephemeralPoint,
            byte[] devicePoint) {
        return joined(
                utf8("kiln-identity-key/1"),
                utf8(identityId),
                utf8(deviceId),
                utf8(lower(nonce)),
                utf8(profile),
                ephemeralPoint,
                devicePoint);
    }

    /** What the operator signs of a package: {@code kiln-identity-package/1}, then its SHA-256 (32 octets). */
    public static byte[] content(byte[] content) {
        return joined(utf8("kiln-identity-package/1"), HexFormat.of().parseHex(sha256(content)));
    }

    /** SHA-256 in lower-case hexadecimal. */
    public static String sha256(byte[] octets) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String lower(String hexadecimal) {
        return hexadecimal.toLowerCase(Locale.ROOT);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] texts(String... parts) {
        return joined(Arrays.stream(parts).map(Statements::utf8).toArray(byte[][]::new));
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(512);
        try (DataOutputStream out = new DataOutputStream(octets)) {
            for (byte[] part : parts) {
                out.writeShort(part.length);
                out.write(part);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return octets.toByteArray();
    }
}
