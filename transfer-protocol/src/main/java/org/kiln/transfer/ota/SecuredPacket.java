package org.kiln.transfer.ota;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A command packet as it goes over the air: CPL, CHL, SPI, KIc, KID, TAR, then CNTR, PCNTR, checksum and data, which are
 * ciphered or not (TS 102 225 clause 5.1, TS 31.115 clause 4.2).
 *
 * @param kic keyset and algorithm of the ciphering key
 * @param kid keyset and algorithm of the authentication key
 * @param checksumOctets 0, 4 or 8
 * @param body from CNTR to the end
 */
record SecuredPacket(SecurityParameters parameters, int kic, int kid, Tar tar, int checksumOctets, byte[] body) {

    /** From SPI to TAR. */
    private static final int CLEAR_HEADER = 7;

    private static final int COUNTER = 5;
    /** CNTR and PCNTR. */
    static final int COUNTERS = COUNTER + 1;

    private static final int LENGTHS = 3;
    private static final int OCTET = 0xFF;
    private static final int SHORT_MAX = 0xFFFF;

    /** CPL to TAR, which the checksum covers and which are never ciphered. */
    byte[] head() {
        int tarValue = tar.value();
        return ByteBuffer.allocate(LENGTHS + CLEAR_HEADER)
                .putShort((short) (1 + CLEAR_HEADER + body.length))
                .put((byte) (CLEAR_HEADER + COUNTERS + checksumOctets))
                .put((byte) parameters.firstOctet())
                .put((byte) parameters.response())
                .put((byte) kic)
                .put((byte) kid)
                .put((byte) (tarValue >> Short.SIZE))
                .putShort((short) tarValue)
                .array();
    }

    SecuredPacket with(byte[] otherBody) {
        return new SecuredPacket(parameters, kic, kid, tar, checksumOctets, otherBody);
    }

    byte[] encoded() {
        byte[] head = head();
        if (body.length > SHORT_MAX - head.length) {
            throw new IllegalArgumentException("a packet has at most " + SHORT_MAX + " octets");
        }
        return ByteBuffer.allocate(head.length + body.length)
                .put(head)
                .put(body)
                .array();
    }

    static SecuredPacket decode(byte[] octets) throws PacketRefusedException {
        require(octets.length >= LENGTHS + CLEAR_HEADER + COUNTERS, "is shorter than its header");
        ByteBuffer in = ByteBuffer.wrap(octets);
        require((in.getShort() & SHORT_MAX) == octets.length - 2, "does not have the length that CPL tells");
        int checksum = (in.get() & OCTET) - CLEAR_HEADER - COUNTERS;
        SecurityParameters parameters = SecurityParameters.of(in.get() & OCTET, in.get() & OCTET)
                .orElseThrow(() -> refused("is protected in a way that is not taken"));
        int kic = in.get() & OCTET;
        int kid = in.get() & OCTET;
        int tar = ((in.get() & OCTET) << Short.SIZE) | (in.getShort() & SHORT_MAX);
        require(
                parameters.checksum()
                        ? checksum == PacketKeys.LONG_CHECKSUM || checksum == PacketKeys.SHORT_CHECKSUM
                        : checksum == 0,
                "does not have the header's length that SPI asks for");
        byte[] body = Arrays.copyOfRange(octets, in.position(), octets.length);
        require(body.length >= COUNTERS + checksum, "ends in its header");
        return new SecuredPacket(parameters, kic, kid, new Tar(tar), checksum, body);
    }

    private static void require(boolean holds, String fault) throws PacketRefusedException {
        if (!holds) {
            throw refused(fault);
        }
    }

    private static PacketRefusedException refused(String fault) {
        return new PacketRefusedException(ResponseStatus.UNIDENTIFIED_SECURITY_ERROR, "the packet " + fault);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SecuredPacket packet && Arrays.equals(encoded(), packet.encoded());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(body);
    }
}
