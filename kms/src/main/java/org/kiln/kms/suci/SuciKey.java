package org.kiln.kms.suci;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.HexFormat;

/**
 * A home-network key as the register knows it; its private half is in the token.
 *
 * @param identifier the home-network public key identifier, {@value #LOWEST_IDENTIFIER} to {@value #HIGHEST_IDENTIFIER};
 *     0 is the null scheme's (TS 29.571 clause 5.3.2)
 * @param scheme A or B
 * @param publicKey the point in hexadecimal: 32 octets, or {@code 04 || x || y}
 * @param madeAt when it came into the token
 * @param changedAt when it came into its state
 */
public record SuciKey(
        int identifier,
        ProtectionScheme scheme,
        SuciKeyState state,
        String publicKey,
        Instant madeAt,
        Instant changedAt) {

    public static final int LOWEST_IDENTIFIER = 1;
    public static final int HIGHEST_IDENTIFIER = 255;

    /**
     * A key that has just been made.
     *
     * @throws SuciKeyException if the identifier is out of range or the scheme has no key
     */
    public static SuciKey made(int identifier, ProtectionScheme scheme, byte[] point, Instant now) {
        requireUsable(identifier, scheme);
        return new SuciKey(
                identifier, scheme, SuciKeyState.ACTIVE, HexFormat.of().formatHex(point), now, now);
    }

    /** @throws SuciKeyException if the identifier is out of range or the scheme has no key */
    public static void requireUsable(int identifier, ProtectionScheme scheme) {
        if (identifier < LOWEST_IDENTIFIER || identifier > HIGHEST_IDENTIFIER) {
            throw new SuciKeyException("a home-network key has an identifier of " + LOWEST_IDENTIFIER + " to "
                    + HIGHEST_IDENTIFIER + ", not " + identifier);
        }
        if (scheme == ProtectionScheme.NULL) {
            throw new SuciKeyException("the null scheme has no key; choose PROFILE_A or PROFILE_B");
        }
    }

    /** The public point: {@code 04 || x || y}, or the 32 octets of an X25519 key. */
    public byte[] point() {
        return HexFormat.of().parseHex(publicKey);
    }

    /** @throws SuciKeyException if the key's life does not go that way */
    SuciKey become(SuciKeyState next, Instant now) {
        if (!state.mayBecome(next)) {
            throw new SuciKeyException(
                    "home-network key " + identifier + " is " + state + " and cannot become " + next);
        }
        return new SuciKey(identifier, scheme, next, publicKey, madeAt, now);
    }

    /** The octets that the row's code is computed over: every field, each with its length. */
    byte[] authenticated() {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(192);
        try (DataOutputStream out = new DataOutputStream(octets)) {
            out.writeUTF("suci-key/1");
            out.writeInt(identifier);
            out.writeUTF(scheme.name());
            out.writeUTF(state.name());
            out.writeUTF(publicKey);
            out.writeUTF(madeAt.toString());
            out.writeUTF(changedAt.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return octets.toByteArray();
    }
}
