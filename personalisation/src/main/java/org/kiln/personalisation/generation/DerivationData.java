package org.kiln.personalisation.generation;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.kiln.personalisation.profile.Keyset;
import org.kiln.pkcs11.Mechanism;
import org.kiln.transfer.numbering.Iccid;

/**
 * What tells one derived key from every other, and how a token derives by it.
 *
 * <p>EF.ICCID (10 octets), the channel (80, 02, 03 or 81), the key version, the key's place in its set from 1, and the
 * octets of the key. By {@link Keyset.Derivation#SP800_108} these 14 octets are the context; by
 * {@link Keyset.Derivation#AES_DATA} the number of the block from 1 and FF make a block of them, one for a key of 16
 * octets, two for a key of 32.
 */
final class DerivationData {

    private static final byte[] LABEL = "Kiln card key".getBytes(StandardCharsets.US_ASCII);
    private static final int BLOCK = 16;
    private static final int CONTEXT = 14;
    private static final byte END = (byte) 0xff;

    private DerivationData() {}

    /** How the key at a place of a card's keyset is derived. */
    static Mechanism of(Iccid iccid, Keyset keyset, int place) {
        byte[] context = Arrays.copyOf(iccid.coded(), CONTEXT);
        context[10] = channel(keyset.channel());
        context[11] = (byte) keyset.keyVersion();
        context[12] = (byte) place;
        context[13] = (byte) keyset.algorithm().octets();
        return by(keyset, context);
    }

    /** The same mechanism with the data of no card: its ICCID is nothing but filling, its place 0. */
    static Mechanism trial(Keyset keyset) {
        byte[] context = new byte[CONTEXT];
        Arrays.fill(context, 0, Iccid.CODED_LENGTH, END);
        return by(keyset, context);
    }

    private static Mechanism by(Keyset keyset, byte[] context) {
        return switch (keyset.derivationMethod()) {
            case AES_DATA ->
                Mechanism.aesEcbData(blocks(context, keyset.algorithm().octets()));
            case SP800_108 -> Mechanism.counterKdf(LABEL, context);
        };
    }

    private static byte[] blocks(byte[] context, int octets) {
        byte[] data = new byte[octets];
        for (int block = 0; block < octets / BLOCK; block++) {
            int at = block * BLOCK;
            System.arraycopy(context, 0, data, at, CONTEXT);
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
