package org.kiln.transfer.ota;

/**
 * A card's keys for secured packets, as objects of the token whose session is used with them.
 *
 * @param version the keyset's number, 1 to 15: the high nibble of KIc and KID
 * @param algorithm of both keys
 * @param kic enciphers, deciphers or both
 * @param kid AES: signs; 3DES: enciphers, for tokens have no mechanism for this MAC
 * @param checksumOctets of the cryptographic checksum: 8; AES also 4
 */
public record PacketKeys(int version, PacketAlgorithm algorithm, long kic, long kid, int checksumOctets) {

    static final int LONG_CHECKSUM = 8;
    static final int SHORT_CHECKSUM = 4;
    private static final int LAST_VERSION = 15;
    private static final int NIBBLE_BITS = 4;

    public PacketKeys {
        if (version < 1 || version > LAST_VERSION) {
            throw new IllegalArgumentException("a keyset for secured packets is 1 to 15, not " + version);
        }
        if (checksumOctets != LONG_CHECKSUM && (checksumOctets != SHORT_CHECKSUM || algorithm != PacketAlgorithm.AES)) {
            throw new IllegalArgumentException(
                    "a checksum by " + algorithm + " has no " + checksumOctets + " octets: 8, or 4 with AES");
        }
    }

    /** The octet that names the keyset and algorithm: KIc as well as KID. */
    int octet() {
        return (version << NIBBLE_BITS) | algorithm.code();
    }

    /** No handles. */
    @Override
    public String toString() {
        return "PacketKeys[" + version + ", " + algorithm + "]";
    }
}
