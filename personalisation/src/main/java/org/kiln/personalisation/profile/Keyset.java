package org.kiln.personalisation.profile;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.kiln.personalisation.document.Rules;
import org.kiln.transfer.batch.KcvConvention;

/**
 * A set of keys for managing the card from afar (ETSI TS 102 225, 102 226; GlobalPlatform Card Specification).
 *
 * @param channel how it is managed with them
 * @param keyVersion the key version number, within {@link Channel#firstVersion} to {@link Channel#lastVersion}
 * @param algorithm what each key is
 * @param kcv how its check values are computed; null for {@link KcvConvention#ZERO_BLOCK}
 * @param securityDomain of whom the keys are, such as {@code ISDR}; null for the issuer's
 * @param counter SCP80: where the counter of secured packets begins (TS 102 225 clause 5.1.4); null for 0
 * @param diversifiedFrom label of the master key that each is derived from; null for random keys.
 * @param derivation how they are derived; null for {@link Derivation#AES_DATA}
 * @param pskIdentity of SCP81, what the card calls its PSK when it opens a session (RFC 4279): up to 128 printable ASCII
 *     characters in which <code>{ICCID}</code> or <code>{EID}</code> stands for the card's; null where card and platform agree
 *     on it otherwise
 */
public record Keyset(
        @JsonProperty(required = true) Channel channel,
        @JsonProperty(required = true) int keyVersion,
        @JsonProperty(required = true) KeyAlgorithm algorithm,
        @Nullable KcvConvention kcv,
        @Nullable String securityDomain,
        @Nullable Long counter,
        @Nullable String diversifiedFrom,
        @Nullable Derivation derivation,
        @Nullable String pskIdentity) {

    private static final String ICCID = "{ICCID}";
    private static final String EID = "{EID}";
    private static final int LONGEST_IDENTITY = 128;
    private static final long LARGEST_COUNTER = 0xFF_FFFF_FFFFL;

    /** How the keys are used. */
    public enum Channel {
        /** Secured packets (TS 102 225): KIc enciphers, KID authenticates, KIK enciphers keys. */
        SCP80(0x01, 0x0F, List.of("KIC", "KID", "KIK")),
        /** A secure channel of GlobalPlatform with 3DES; deprecated there. */
        SCP02(0x20, 0x2F, List.of("ENC", "MAC", "DEK")),
        /** A secure channel of GlobalPlatform with AES (Amendment D). */
        SCP03(0x30, 0x3F, List.of("ENC", "MAC", "DEK")),
        /** TLS with a pre-shared key (Amendment B): PSK, and DEK that enciphers keys. */
        SCP81(0x40, 0x4F, List.of("PSK", "DEK"));

        private final int firstVersion;
        private final int lastVersion;

        @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
        private final List<String> keys;

        Channel(int firstVersion, int lastVersion, List<String> keys) {
            this.firstVersion = firstVersion;
            this.lastVersion = lastVersion;
            this.keys = keys;
        }

        public int firstVersion() {
            return firstVersion;
        }

        public int lastVersion() {
            return lastVersion;
        }
    }

    /** How a key is derived from a master. */
    public enum Derivation {
        /** The AES encryption of its data ({@code CKM_AES_ECB_ENCRYPT_DATA}): AES-128 and AES-256. */
        AES_DATA,
        /** The KDF in counter mode of SP 800-108 with AES-CMAC ({@code CKM_SP800_108_COUNTER_KDF}): any AES key. */
        SP800_108
    }

    /** What kind of key each of the set is. */
    public enum KeyAlgorithm {
        AES_128(16),
        AES_192(24),
        AES_256(32),
        /** 3DES with two keys. */
        DES3_2KEY(16),
        /** 3DES with three keys. */
        DES3_3KEY(24);

        private final int octets;

        KeyAlgorithm(int octets) {
            this.octets = octets;
        }

        public int octets() {
            return octets;
        }

        public boolean isDes() {
            return this == DES3_2KEY || this == DES3_3KEY;
        }
    }

    public Keyset {
        Rules.present("channel", channel);
        Rules.present("algorithm", algorithm);
        Rules.require(
                keyVersion >= channel.firstVersion && keyVersion <= channel.lastVersion,
                "keyVersion of " + channel + " is " + channel.firstVersion + " to " + channel.lastVersion + ", not "
                        + keyVersion);
        Set<KeyAlgorithm> allowed = switch (channel) {
            case SCP02 -> Set.of(KeyAlgorithm.DES3_2KEY);
            case SCP03, SCP81 -> Set.of(KeyAlgorithm.AES_128, KeyAlgorithm.AES_192, KeyAlgorithm.AES_256);
            case SCP80 -> Set.of(KeyAlgorithm.values());
        };
        Rules.require(allowed.contains(algorithm), channel + " has no keys of " + algorithm);
        Rules.require(
                kcv == null || kcv == KcvConvention.ZERO_BLOCK || !algorithm.isDes(),
                "kcv of a 3DES key is ZERO_BLOCK");
        Rules.require(
                securityDomain == null || securityDomain.matches("[A-Z][A-Z0-9]{0,15}"),
                "securityDomain has 1 to 16 upper-case letters and digits, a letter first");
        Rules.require(
                counter == null || (channel == Channel.SCP80 && counter >= 0 && counter <= LARGEST_COUNTER),
                "counter is SCP80's, 0 to 1099511627775");
        Rules.require(
                diversifiedFrom == null || !algorithm.isDes(), "diversifiedFrom is for AES keys, not " + algorithm);
        Rules.require(
                diversifiedFrom == null || derivation == Derivation.SP800_108 || algorithm != KeyAlgorithm.AES_192,
                "derivation AES_DATA is for AES_128 and AES_256, not " + algorithm + "; SP800_108 is for all");
        Rules.require(
                derivation == null || diversifiedFrom != null,
                "derivation is of keys that have a master: name it in diversifiedFrom");
        if (pskIdentity != null) {
            Rules.require(channel == Channel.SCP81, "pskIdentity is SCP81's");
            Rules.require(
                    pskIdentity.length() <= LONGEST_IDENTITY
                            && pskIdentity.chars().allMatch(c -> c >= ' ' && c <= '~'),
                    "pskIdentity is at most " + LONGEST_IDENTITY + " printable ASCII characters");
            Rules.require(
                    pskIdentity.contains(ICCID) || pskIdentity.contains(EID),
                    "pskIdentity holds " + ICCID + " or " + EID + ", so that each card has one of its own");
        }
    }

    /** Whether its PSK's identity names the eUICC. */
    public boolean needsEid() {
        return pskIdentity != null && pskIdentity.contains(EID);
    }

    /** The identity of one card's PSK; empty if the keyset states none. */
    public Optional<String> pskIdentityOf(String iccid, @Nullable String eid) {
        return Optional.ofNullable(pskIdentity)
                .map(identity -> identity.replace(ICCID, iccid).replace(EID, eid == null ? "" : eid));
    }

    /** The name of the column with it: {@code SCP81_PSK_40_IDENTITY}. */
    public String pskIdentityName() {
        return keyNames().getFirst() + "_IDENTITY";
    }

    /** How keys are derived, where there is a master. */
    public Derivation derivationMethod() {
        return derivation == null ? Derivation.AES_DATA : derivation;
    }

    public KcvConvention kcvConvention() {
        return kcv == null ? KcvConvention.ZERO_BLOCK : kcv;
    }

    /**
     * Names of its keys in files, as pySim has them: {@code KIC1} of SCP80 version 1; {@code SCP03_ENC_ISDR}; else with
     * the key version in hexadecimal, {@code SCP03_ENC_30}, {@code SCP81_PSK_40}. SCP80 keys of a security domain:
     * {@code KIC1_SSD1}.
     */
    public List<String> keyNames() {
        return channel.keys.stream().map(this::keyName).toList();
    }

    private String keyName(String key) {
        if (channel == Channel.SCP80) {
            return key + keyVersion + (securityDomain == null ? "" : "_" + securityDomain);
        }
        return channel + "_" + key + "_"
                + (securityDomain == null ? String.format(Locale.ROOT, "%02X", keyVersion) : securityDomain);
    }

    /** The name of the column with SCP80's first counter. */
    public String counterName() {
        return "CNTR" + keyVersion + (securityDomain == null ? "" : "_" + securityDomain);
    }
}
