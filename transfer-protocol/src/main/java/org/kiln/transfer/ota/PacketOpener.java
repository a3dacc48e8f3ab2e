package org.kiln.transfer.ota;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import org.kiln.pkcs11.Session;

/**
 * Takes packets as a card does: form, keys, protection, ciphering, checksum, counter, in this order. It remembers the
 * counter of the last packet taken. Used by the thread that uses the session.
 */
public final class PacketOpener {

    private static final int OCTET = 0xFF;
    private static final long UNSIGNED_INT = 0xFFFF_FFFFL;

    private final PacketKeys keys;
    private final TokenCipher cipher;
    private final SecurityParameters least;
    private long counter;

    /**
     * @param keys their KIc deciphers, their KID authenticates
     * @param least how packets must be protected at least
     * @param counter the last one taken; of a new card, where its keyset begins
     */
    public PacketOpener(Session session, PacketKeys keys, SecurityParameters least, long counter) {
        this.keys = keys;
        cipher = new TokenCipher(session, keys);
        this.least = least;
        this.counter = counter;
    }

    /** The counter of the last packet taken. */
    public long counter() {
        return counter;
    }

    /**
     * Opens a packet, CPL first.
     *
     * @throws PacketRefusedException if a card would not take it
     * @throws org.kiln.pkcs11.Pkcs11Exception if the token refuses a key
     */
    public Command open(byte[] octets) throws PacketRefusedException {
        SecuredPacket packet = SecuredPacket.decode(octets);
        requireOurs(packet);
        byte[] body = packet.parameters().ciphered() ? deciphered(packet.body()) : packet.body();
        ByteBuffer in = ByteBuffer.wrap(body);
        long received = ((long) (in.get() & OCTET) << Integer.SIZE) | (in.getInt() & UNSIGNED_INT);
        int padding = in.get() & OCTET;
        byte[] checksum = new byte[packet.checksumOctets()];
        in.get(checksum);
        byte[] data = Arrays.copyOfRange(body, in.position(), body.length);
        if (packet.parameters().checksum()) {
            byte[] counters = Arrays.copyOf(body, SecuredPacket.COUNTERS);
            if (!MessageDigest.isEqual(checksum, cipher.checksum(packet.head(), counters, data))) {
                throw new PacketRefusedException(
                        ResponseStatus.CHECKSUM_FAILED, "the checksum is not that of the packet under this KID");
            }
        }
        requirePadding(packet, padding, data.length);
        take(packet.parameters().counterCheck(), received);
        return new Command(packet.parameters(), packet.tar(), received, Arrays.copyOf(data, data.length - padding));
    }

    private void requireOurs(SecuredPacket packet) throws PacketRefusedException {
        SecurityParameters parameters = packet.parameters();
        if (!parameters.protectsAs(least)) {
            throw new PacketRefusedException(
                    ResponseStatus.INSUFFICIENT_SECURITY_LEVEL, "the packet is protected less than is asked for");
        }
        if (parameters.ciphered()) {
            requireNamed("KIc", packet.kic());
        }
        if (parameters.checksum()) {
            requireNamed("KID", packet.kid());
            if (packet.checksumOctets() != keys.checksumOctets()) {
                throw unidentified("the checksum has " + packet.checksumOctets() + " octets, and these keys want "
                        + keys.checksumOctets());
            }
        }
    }

    private void requireNamed(String which, int octet) throws PacketRefusedException {
        if (PacketAlgorithm.in(octet).isEmpty()) {
            throw unidentified(which + " names an algorithm that is not taken: AES (2), 3DES with two (5) or three (9)"
                    + " keys are");
        }
        if (octet != keys.octet()) {
            throw unidentified(which + " names another keyset or algorithm than the card has");
        }
    }

    private static PacketRefusedException unidentified(String message) {
        return new PacketRefusedException(ResponseStatus.UNIDENTIFIED_SECURITY_ERROR, message);
    }

    private byte[] deciphered(byte[] body) throws PacketRefusedException {
        if (body.length % keys.algorithm().block() != 0) {
            throw new PacketRefusedException(
                    ResponseStatus.CIPHERING_ERROR, "what is ciphered is no whole number of blocks");
        }
        return cipher.decrypt(body);
    }

    private void requirePadding(SecuredPacket packet, int padding, int data) throws PacketRefusedException {
        int most = packet.parameters().ciphered() ? keys.algorithm().block() - 1 : 0;
        if (padding > Math.min(most, data)) {
            throw new PacketRefusedException(
                    ResponseStatus.CIPHERING_ERROR, "the padding counter is more than can have been padded");
        }
    }

    private void take(SecurityParameters.CounterCheck check, long received) throws PacketRefusedException {
        if (check.compareTo(SecurityParameters.CounterCheck.HIGHER) < 0) {
            return;
        }
        if (counter == Command.LAST_COUNTER) {
            throw new PacketRefusedException(
                    ResponseStatus.COUNTER_BLOCKED, "the counter is at its end: the card needs new keys");
        }
        if (received <= counter) {
            throw new PacketRefusedException(
                    ResponseStatus.COUNTER_LOW, "the counter is not higher than that of the last packet taken");
        }
        if (check == SecurityParameters.CounterCheck.NEXT && received != counter + 1) {
            throw new PacketRefusedException(ResponseStatus.COUNTER_HIGH, "the counter is not the next one");
        }
        counter = received;
    }
}
