package org.kiln.transfer.ota;

import java.util.Arrays;
import java.util.Optional;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;

/**
 * How packets are enciphered and authenticated: the low nibble of KIc and KID (TS 102 225 clauses 5.1.2 and 5.1.3). Single
 * DES (1) and algorithms that both sides know without being told (0) are not among them.
 */
public enum PacketAlgorithm {
    /** AES in CBC mode; the first 4 or 8 octets of its CMAC. */
    AES(0x2, 16, Ckm.AES_CBC),
    /** 3DES with two keys in CBC mode; the last block of its CBC over what is to be authenticated. */
    DES3_2KEY(0x5, 8, Ckm.DES3_CBC),
    /** 3DES with three keys, likewise. */
    DES3_3KEY(0x9, 8, Ckm.DES3_CBC);

    private static final int NIBBLE = 0xF;

    private final int code;
    private final int block;

    @SuppressWarnings("ImmutableEnumChecker") // its octets never leave this package
    private final Mechanism cbc;

    PacketAlgorithm(int code, int block, long cbc) {
        this.code = code;
        this.block = block;
        this.cbc = Mechanism.withIv(cbc, new byte[block]);
    }

    /** The algorithm that an octet KIc or KID names; empty if Kiln does not take it. */
    static Optional<PacketAlgorithm> in(int octet) {
        return Arrays.stream(values())
                .filter(algorithm -> algorithm.code == (octet & NIBBLE))
                .findFirst();
    }

    /** The low nibble. */
    public int code() {
        return code;
    }

    /** Octets of a block. */
    public int block() {
        return block;
    }

    /** CBC under an IV of zeros. */
    Mechanism cbc() {
        return cbc;
    }
}
