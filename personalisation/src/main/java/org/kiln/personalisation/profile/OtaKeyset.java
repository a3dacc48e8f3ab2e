package org.kiln.personalisation.profile;

/**
 * A set of over-the-air keys KIc, KID, KIK (ETSI TS 102 225, GlobalPlatform).
 *
 * @param channel {@code SCP80}
 * @param keyVersion 1 to 15; tells the columns apart: KIC1, KID1, KIK1 for version 1
 */
public record OtaKeyset(Channel channel, int keyVersion, KeyAlgorithm algorithm) {

    /** How the keys are used. */
    public enum Channel {
        /** Secured packets over SMS; key versions 01 to 0F. */
        SCP80
    }

    /** What kind of key each of the three is. */
    public enum KeyAlgorithm {
        AES_128(16),
        AES_192(24),
        AES_256(32);

        private final int octets;

        KeyAlgorithm(int octets) {
            this.octets = octets;
        }

        public int octets() {
            return octets;
        }
    }

    public OtaKeyset {
        if (keyVersion < 1 || keyVersion > 15) {
            throw new IllegalArgumentException("an SCP80 key version is 1 to 15, not " + keyVersion);
        }
    }
}
