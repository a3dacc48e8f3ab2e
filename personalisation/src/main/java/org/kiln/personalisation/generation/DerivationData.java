package org.kiln.personalisation.generation;

import org.kiln.personalisation.profile.Keyset;
import org.kiln.transfer.numbering.Iccid;

/**
 * What tells one derived key from every other: a block of 16 octets for a key of 16, two for a key of 32.
 *
 * <p>EF.ICCID (10 octets), the channel (80, 02, 03 or 81), the key version, the key's place in its set from 1, the octets of
 * the key, the number of the block from 1, and FF.
 */
final class DerivationData {

    private static final int BLOCK = 16;
    private static final byte END = (byte) 0xff;

    private DerivationData() {}

    static byte[] of(Iccid iccid, Keyset keyset, int place) {
        int octets = keyset.algorithm().octets();
        byte[] data = new byte[octets];
        for (int block = 0; block < octets / BLOCK; block++) {
            int at = block * BLOCK;
            System.arraycopy(iccid.coded(), 0, data, at, Iccid.CODED_LENGTH);
            data[at + 10] = channel(keyset.channel());
            data[at + 11] = (byte) keyset.keyVersion();
            data[at + 12] = (byte) place;
            data[at + 13] = (byte) octets;
            data[at + 14] = (byte) (block + 1);
            data[at + 15] = END;
        }
        return data;
    }

    private static byte channel(Keyset.Channel channel) {
        return switch (channel) {
            case SCP80 -> (byte) 0x80;
            case SCP02 -> 0x02;
            case SCP03 -> 0x03;
            case SCP81 -> (byte) 0x81;
        };
    }
}
