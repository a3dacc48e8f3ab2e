package org.kiln.transfer.ota;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.kiln.pkcs11.Session;

/** Makes packets as a platform does. Used by the thread that uses the session. */
public final class PacketSealer {

    /** User data header with the one element that says «command packet» (TS 31.115 clause 4.2). */
    private static final byte[] SMS_HEADER = {0x02, 0x70, 0x00};

    private static final int SMS_OCTETS = 140;

    private final PacketKeys keys;
    private final TokenCipher cipher;

    /** @param keys their KIc enciphers, their KID authenticates */
    public PacketSealer(Session session, PacketKeys keys) {
        this.keys = keys;
        cipher = new TokenCipher(session, keys);
    }

    /**
     * A packet, CPL first.
     *
     * @throws IllegalArgumentException if the command is too long
     * @throws org.kiln.pkcs11.Pkcs11Exception if the token refuses a key
     */
    public byte[] seal(Command command) {
        SecurityParameters parameters = command.parameters();
        int checksumOctets = parameters.checksum() ? keys.checksumOctets() : 0;
        int octets = SecuredPacket.COUNTERS + checksumOctets + command.data().length;
        int padding = parameters.ciphered()
                ? TokenCipher.padding(octets, keys.algorithm().block())
                : 0;
        ByteBuffer body = ByteBuffer.allocate(octets + padding);
        SecuredPacket packet =
                new SecuredPacket(parameters, keys.octet(), keys.octet(), command.tar(), checksumOctets, body.array());
        body.put((byte) (command.counter() >> Integer.SIZE))
                .putInt((int) command.counter())
                .put((byte) padding);
        if (parameters.checksum()) {
            byte[] data = Arrays.copyOf(command.data(), command.data().length + padding);
            byte[] counters = Arrays.copyOf(body.array(), SecuredPacket.COUNTERS);
            body.put(cipher.checksum(packet.head(), counters, data));
        }
        body.put(command.data());
        return (parameters.ciphered() ? packet.with(cipher.encrypt(body.array())) : packet).encoded();
    }

    /**
     * The user data of a short message with a packet: TP-UDHI is to be set, TP-PID 7F, TP-DCS F6.
     *
     * @throws IllegalArgumentException if it does not fit in one short message
     */
    public static byte[] shortMessage(byte[] packet) {
        if (SMS_HEADER.length + packet.length > SMS_OCTETS) {
            throw new IllegalArgumentException(
                    "a packet of " + packet.length + " octets does not fit in one short message" + " of " + SMS_OCTETS
                            + "; send fewer commands at a time");
        }
        return TokenCipher.joined(SMS_HEADER, packet);
    }
}
