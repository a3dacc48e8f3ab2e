package org.kiln.token;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;

/**
 * What a family of HSMs can do and how it wants to be asked. One YAML file per family, so that a vendor's habits are
 * data and not code. What no source states is left out, and counts as missing.
 *
 * @param family the name of the family
 * @param tested with what Kiln was run against it; {@code no} where it was not
 * @param modules where the family's client packages put the module, most usual first
 * @param wrapping the ways to wrap keys
 * @param oaepHashes hashes of RSA-OAEP (and of its MGF1) with which keys are wrapped, preferred first
 * @param ecdh elliptic-curve Diffie-Hellman; null where there is none
 * @param privateSessionObjects whether keys in use are {@code CKA_PRIVATE}; false only where privacy of session
 *     objects costs much and gains nothing
 * @param trust what keeps keys from leaving under a key of the user's own
 * @param aka the vendor's own mechanisms for authentication vectors
 * @param maxSessions sessions that one client may have; null where no source says
 * @param quirks what else an engineer should know
 */
public record TokenProfile(
        @JsonProperty(required = true) String family,
        @JsonProperty(required = true) String tested,
        @JsonProperty(required = true) List<String> modules,
        @JsonProperty(required = true) Wrapping wrapping,
        @JsonProperty(required = true) List<OaepHash> oaepHashes,
        @Nullable Ecdh ecdh,
        @JsonProperty(required = true) boolean privateSessionObjects,
        @JsonProperty(required = true) Trust trust,
        @Nullable Aka aka,
        @Nullable Integer maxSessions,
        @JsonProperty(required = true) List<Quirk> quirks) {

    private static final int AES_BLOCK = 16;

    /** The ways to wrap keys; null for one that the family has not. */
    public record Wrapping(
            @Nullable WrapMechanism aesKw,
            @Nullable WrapMechanism aesKwp,
            @Nullable WrapMechanism aesCbc,
            @Nullable WrapMechanism aesEcb,
            @Nullable WrapMechanism des3Cbc,
            @Nullable WrapMechanism des3Ecb) {}

    /** Hashes of RSA-OAEP. */
    public enum OaepHash {
        SHA1,
        SHA256;

        /** The mechanism, with this hash for MGF1 too. */
        public Mechanism mechanism() {
            return this == SHA256 ? Mechanism.oaepSha256() : Mechanism.oaepSha1();
        }
    }

    /**
     * @param kdfs the key derivation functions offered
     * @param x25519 how X25519 keys are made; null where they are not, or no source says how
     * @param deriveTemplate whether {@code CKA_DERIVE_TEMPLATE} is honoured; unknown where it is left out
     */
    public record Ecdh(
            @JsonProperty(required = true) List<EcdhKdf> kdfs,
            @Nullable X25519 x25519,
            @Nullable Support deriveTemplate) {

        public Ecdh {
            kdfs = List.copyOf(kdfs);
            deriveTemplate = deriveTemplate == null ? Support.UNKNOWN : deriveTemplate;
        }
    }

    /**
     * @param keyPairGeneration the mechanism's number
     * @param keyType the {@code CKK_*}
     * @param parameters {@code CKA_EC_PARAMS}, in hexadecimal
     */
    public record X25519(
            @JsonProperty(required = true) long keyPairGeneration,
            @JsonProperty(required = true) long keyType,
            @JsonProperty(required = true) String parameters) {

        public X25519 {
            requireThat(isHex(parameters), "ecdh.x25519.parameters", "must be hexadecimal octets");
        }
    }

    /**
     * @param trustedKeys who can make a key {@code CKA_TRUSTED}
     * @param wrapWithTrusted {@code CKA_WRAP_WITH_TRUSTED} is honoured
     * @param unwrapTemplate {@code CKA_UNWRAP_TEMPLATE} is honoured
     * @param copyObject {@code C_CopyObject}, with which the user takes the officer's key into private
     */
    public record Trust(
            @JsonProperty(required = true) TrustedKeys trustedKeys,
            @JsonProperty(required = true) Support wrapWithTrusted,
            @JsonProperty(required = true) Support unwrapTemplate,
            @JsonProperty(required = true) Support copyObject) {}

    /** Who can make a key TRUSTED. */
    public enum TrustedKeys {
        /** The security officer, through PKCS#11: Kiln's ceremony. */
        OFFICER,
        /** An administrator with the vendor's own tool; Kiln's ceremony cannot. */
        VENDOR_TOOL,
        UNSUPPORTED,
        UNKNOWN
    }

    /**
     * Vendor mechanisms that take their parameters as Luna does; null for one that is missing or has no published number.
     *
     * @param milenage makes a vector
     * @param milenageResync reads an AUTS
     * @param tuak makes a vector
     * @param tuakResync reads an AUTS
     * @param opcFlag says in the parameter that OPc is given, not OP ({@code LUNA_5G_OPC})
     */
    public record Aka(
            @Nullable Long milenage,
            @Nullable Long milenageResync,
            @Nullable Long tuak,
            @Nullable Long tuakResync,
            @Nullable Long opcFlag) {

        /** Whether enough is stated for Kiln to drive the mechanism for this algorithm. */
        public boolean drives(String algorithm) {
            return opcFlag != null
                    && switch (algorithm) {
                        case "milenage" -> milenage != null && milenageResync != null;
                        case "tuak" -> tuak != null && tuakResync != null;
                        default -> false;
                    };
        }
    }

    /**
     * @param says what an engineer should know
     * @param source the document that states it, or how it was tried
     */
    public record Quirk(
            @JsonProperty(required = true) String says,
            @JsonProperty(required = true) String source) {}

    public TokenProfile {
        modules = List.copyOf(modules);
        oaepHashes = List.copyOf(oaepHashes);
        quirks = List.copyOf(quirks);
        requireThat(!family.isBlank(), "family", "must not be empty");
        requireThat(!tested.isBlank(), "tested", "must say with what, or 'no'");
        requireThat(maxSessions == null || maxSessions > 0, "maxSessions", "must be positive; leave it out if unknown");
        for (Quirk quirk : quirks) {
            requireThat(!quirk.source().isBlank(), "quirks", "each needs a source");
        }
    }

    private static void requireThat(boolean condition, String field, String rule) {
        if (!condition) {
            throw new IllegalArgumentException(field + ": " + rule);
        }
    }

    private static boolean isHex(String text) {
        try {
            return HexFormat.of().parseHex(text).length > 0;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * Reads a profile that comes with Kiln.
     *
     * @throws TokenException if Kiln has no profile of that name
     */
    public static TokenProfile named(String name) {
        return ProfileFile.named(name);
    }

    /**
     * Reads a profile that comes with Kiln or, if {@code nameOrFile} ends in {@code .yaml}, a site's own.
     *
     * @param folder what a relative path starts from
     * @throws TokenException naming the file and the field that is wrong
     */
    public static TokenProfile of(String nameOrFile, Path folder) {
        return nameOrFile.endsWith(".yaml") ? ProfileFile.read(folder.resolve(nameOrFile)) : named(nameOrFile);
    }

    /** This profile with other Diffie-Hellman. */
    public TokenProfile with(Ecdh other) {
        return new TokenProfile(
                family,
                tested,
                modules,
                wrapping,
                oaepHashes,
                other,
                privateSessionObjects,
                trust,
                aka,
                maxSessions,
                quirks);
    }

    /** This profile with another trust. */
    public TokenProfile with(Trust other) {
        return new TokenProfile(
                family,
                tested,
                modules,
                wrapping,
                oaepHashes,
                ecdh,
                privateSessionObjects,
                other,
                aka,
                maxSessions,
                quirks);
    }

    /** The first of {@link #modules} that exists on this machine. */
    public Path findModule() {
        return modules.stream()
                .map(Path::of)
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new TokenException("no PKCS#11 module of family " + family + " found (looked for "
                        + (modules.isEmpty() ? "none: its place is not known" : String.join(", ", modules))
                        + "); install it or set hsm.module in kiln.yaml"));
    }

    /** Wraps by AES key wrap, RFC 3394: keys of a multiple of 8 octets. */
    public Mechanism aesKeyWrap() {
        return stated(
                "aesKw.wrap", wrapping.aesKw() == null ? null : wrapping.aesKw().wrap());
    }

    /** Unwraps what {@link #aesKeyWrap} made. */
    public Mechanism aesKeyUnwrap() {
        return stated(
                "aesKw.unwrap",
                wrapping.aesKw() == null ? null : wrapping.aesKw().unwrap());
    }

    /** Wraps by AES key wrap with padding, RFC 5649: any length. */
    public Mechanism aesKeyWrapPadded() {
        return stated(
                "aesKwp.wrap",
                wrapping.aesKwp() == null ? null : wrapping.aesKwp().wrap());
    }

    /** Unwraps what {@link #aesKeyWrapPadded} made. */
    public Mechanism aesKeyUnwrapPadded() {
        return stated(
                "aesKwp.unwrap",
                wrapping.aesKwp() == null ? null : wrapping.aesKwp().unwrap());
    }

    /** Wraps by AES-CBC without padding: keys of whole blocks of 16 octets. */
    public Mechanism aesCbcWrap(byte[] iv) {
        return withIv(
                "aesCbc.wrap",
                wrapping.aesCbc() == null ? null : wrapping.aesCbc().wrap(),
                iv);
    }

    /** Unwraps what {@link #aesCbcWrap} made. */
    public Mechanism aesCbcUnwrap(byte[] iv) {
        return withIv(
                "aesCbc.unwrap",
                wrapping.aesCbc() == null ? null : wrapping.aesCbc().unwrap(),
                iv);
    }

    /**
     * Wraps by AES-ECB; where the family has no ECB, by CBC with a zero IV, which for one block is the same.
     *
     * @param octets of the key: a multiple of 16
     * @throws TokenException if the family cannot, or not for so many
     */
    public Mechanism aesEcbWrap(int octets) {
        Long ecb = wrapping.aesEcb() == null ? null : wrapping.aesEcb().wrap();
        return ecb == null && octets == AES_BLOCK && wrapping.aesCbc() != null
                ? aesCbcWrap(new byte[AES_BLOCK])
                : stated("aesEcb.wrap", ecb);
    }

    /** Unwraps what {@link #aesEcbWrap} made. */
    public Mechanism aesEcbUnwrap(int octets) {
        Long ecb = wrapping.aesEcb() == null ? null : wrapping.aesEcb().unwrap();
        return ecb == null
                        && octets == AES_BLOCK
                        && wrapping.aesCbc() != null
                        && wrapping.aesCbc().unwrap() != null
                ? aesCbcUnwrap(new byte[AES_BLOCK])
                : stated("aesEcb.unwrap", ecb);
    }

    /** Wraps by 3DES-ECB: keys of whole blocks of 8 octets. */
    public Mechanism des3EcbWrap() {
        return stated(
                "des3Ecb.wrap",
                wrapping.des3Ecb() == null ? null : wrapping.des3Ecb().wrap());
    }

    /** Unwraps what {@link #des3EcbWrap} made. */
    public Mechanism des3EcbUnwrap() {
        return stated(
                "des3Ecb.unwrap",
                wrapping.des3Ecb() == null ? null : wrapping.des3Ecb().unwrap());
    }

    private Mechanism withIv(String field, @Nullable Long number, byte[] iv) {
        return Mechanism.withIv(stated(field, number).type(), iv);
    }

    private Mechanism stated(String field, @Nullable Long number) {
        if (number == null) {
            throw new TokenException("token profile " + family + " states no wrapping." + field
                    + "; find the number with 'kiln hsm probe --try --write my-hsm.yaml' or in the vendor's documents"
                    + " and use a profile of your own");
        }
        return Mechanism.of(number);
    }

    /** RSA-OAEP with the hash that the family prefers. */
    public Mechanism oaep() {
        if (oaepHashes.isEmpty()) {
            throw new TokenException("token profile " + family + " states no hash for RSA-OAEP (oaepHashes)");
        }
        return oaepHashes.getFirst().mechanism();
    }

    /** AES-ECB over whole blocks. */
    public Mechanism aesEcb() {
        return Mechanism.of(Ckm.AES_ECB);
    }
}
