package org.kiln.kms.suci;

import java.io.ByteArrayOutputStream;
import java.util.List;
import org.kiln.kms.keys.Curve;

/**
 * The content of EF_SUCI_Calc_Info (TS 31.102 clause 4.4.11.8), from which a UE conceals: the protection schemes by
 * priority, each with the place of its key in the list of home-network public keys.
 *
 * @param keys highest priority first
 * @param compressed whether points of profile B are written in 33 octets or 65
 * @param nullScheme whether the UE may send the identifier in the clear, at lowest priority
 */
public record SuciCalcInfo(List<SuciKey> keys, boolean compressed, boolean nullScheme) {

    private static final int SCHEME_LIST = 0xa0;
    private static final int KEY_LIST = 0xa1;
    private static final int KEY_IDENTIFIER = 0x80;
    private static final int KEY = 0x81;
    private static final int SHORT_LENGTH = 0x7f;
    private static final int ONE_OCTET_LENGTH = 0xff;

    public SuciCalcInfo {
        keys = List.copyOf(keys);
        if (keys.isEmpty()) {
            throw new SuciKeyException("no home-network key is given; make one with 'kiln suci-key create'");
        }
    }

    /** The public key of a profile B key as it is written here; that of profile A has one form. */
    public byte[] publicKey(SuciKey key) {
        return key.scheme() == ProtectionScheme.PROFILE_B && compressed ? Curve.compressed(key.point()) : key.point();
    }

    /** The file's octets. */
    public byte[] encode() {
        ByteArrayOutputStream schemes = new ByteArrayOutputStream();
        ByteArrayOutputStream publicKeys = new ByteArrayOutputStream();
        for (int i = 0; i < keys.size(); i++) {
            SuciKey key = keys.get(i);
            schemes.write(key.scheme().code());
            schemes.write(i + 1);
            object(publicKeys, KEY_IDENTIFIER, new byte[] {(byte) key.identifier()});
            object(publicKeys, KEY, publicKey(key));
        }
        if (nullScheme) {
            schemes.write(ProtectionScheme.NULL.code());
            schemes.write(0);
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        object(file, SCHEME_LIST, schemes.toByteArray());
        object(file, KEY_LIST, publicKeys.toByteArray());
        return file.toByteArray();
    }

    /** BER-TLV with one octet of tag (ISO/IEC 8825). */
    private static void object(ByteArrayOutputStream out, int tag, byte[] value) {
        out.write(tag);
        if (value.length > ONE_OCTET_LENGTH) {
            out.write(0x82);
            out.write(value.length >> 8);
        } else if (value.length > SHORT_LENGTH) {
            out.write(0x81);
        }
        out.write(value.length);
        out.writeBytes(value);
    }
}
