package org.kiln.transfer.ota;

/** What a card answers of a packet that it does not take (TS 102 225 clause 5.2, response status codes). */
public enum ResponseStatus {
    /** The checksum is not that of the packet. */
    CHECKSUM_FAILED(0x01),
    /** The counter is not higher than the last one taken: a packet sent again, or late. */
    COUNTER_LOW(0x02),
    /** The counter is not the next one. */
    COUNTER_HIGH(0x03),
    /** The counter is at its end: these keys take nothing any more. */
    COUNTER_BLOCKED(0x04),
    /** What was deciphered is no packet. */
    CIPHERING_ERROR(0x05),
    /** The packet breaks its form, or names keys or algorithms that are not the card's. */
    UNIDENTIFIED_SECURITY_ERROR(0x06),
    /** The packet is protected less than the card wants. */
    INSUFFICIENT_SECURITY_LEVEL(0x0A);

    private final int code;

    ResponseStatus(int code) {
        this.code = code;
    }

    /** The octet of a response packet. */
    public int code() {
        return code;
    }
}
