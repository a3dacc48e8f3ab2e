package org.kiln.token;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;

/**
 * What a family of HSMs can do and how it wants to be asked. One YAML file per family, so that a vendor's habits are
 * data and not code.
 *
 * @param family the name of the family
 * @param modules where the family's client packages put the module, most usual first
 * @param keyWrap mechanism number of AES key wrap (RFC 3394)
 * @param keyWrapPadded mechanism number of AES key wrap with padding (RFC 5649, "KWP")
 * @param oaepHash {@code sha1} or {@code sha256}: the RSA-OAEP the family can wrap keys with
 * @param privateSessionObjects whether keys in use are {@code CKA_PRIVATE}; false only where privacy of session
 *     objects costs much and gains nothing
 * @param quirks what else an engineer should know, with its source
 */
public record TokenProfile(
        String family,
        List<String> modules,
        long keyWrap,
        long keyWrapPadded,
        String oaepHash,
        boolean privateSessionObjects,
        List<String> quirks) {

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    public TokenProfile {
        modules = List.copyOf(modules);
        quirks = List.copyOf(quirks);
        if (!oaepHash.equals("sha1") && !oaepHash.equals("sha256")) {
            throw new TokenException("token profile " + family + ": oaepHash is sha1 or sha256, not " + oaepHash);
        }
    }

    /**
     * Reads a profile that comes with Kiln.
     *
     * @throws TokenException if Kiln has no profile of that name
     */
    public static TokenProfile named(String name) {
        try (InputStream in = TokenProfile.class.getResourceAsStream("/token-profiles/" + name + ".yaml")) {
            if (in == null) {
                throw new TokenException("there is no token profile named " + name);
            }
            return YAML.readValue(in, TokenProfile.class);
        } catch (IOException e) {
            throw new TokenException("token profile " + name + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** The first of {@link #modules} that exists on this machine. */
    public Path findModule() {
        return modules.stream()
                .map(Path::of)
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new TokenException("no PKCS#11 module of family " + family + " found (looked for "
                        + String.join(", ", modules) + "); install it or set hsm.module in kiln.yaml"));
    }

    /** AES key wrap, RFC 3394: keys of a multiple of 8 octets. */
    public Mechanism aesKeyWrap() {
        return Mechanism.of(keyWrap);
    }

    /** AES key wrap with padding, RFC 5649: any length. */
    public Mechanism aesKeyWrapPadded() {
        return Mechanism.of(keyWrapPadded);
    }

    public Mechanism oaep() {
        return oaepHash.equals("sha256") ? Mechanism.oaepSha256() : Mechanism.oaepSha1();
    }

    /** AES-ECB over whole blocks. */
    public Mechanism aesEcb() {
        return Mechanism.of(Ckm.AES_ECB);
    }
}
