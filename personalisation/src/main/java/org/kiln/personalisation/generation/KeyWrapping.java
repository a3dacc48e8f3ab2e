package org.kiln.personalisation.generation;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.kiln.personalisation.order.OrderException;
import org.kiln.personalisation.profile.CardProfile;
import org.kiln.pkcs11.Mechanism;
import org.kiln.token.TokenException;
import org.kiln.token.TokenProfile;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.Content;
import org.kiln.transfer.batch.Protection;
import org.kiln.transfer.batch.Wrapping;

/** The token's mechanism for a way to wrap. */
final class KeyWrapping {

    private static final int BLOCK = 16;
    private static final byte PYSIM_IV_OCTET = 0x23;

    private KeyWrapping() {}

    /**
     * The mechanism.
     *
     * @param octets of the value to wrap
     * @throws TokenException if the family of tokens has none
     */
    static Mechanism mechanism(Wrapping wrapping, TokenProfile token, int octets) {
        return switch (wrapping) {
            case AES_KWP -> token.aesKeyWrapPadded();
            case AES_KW -> token.aesKeyWrap();
            case AES_CBC_IV_23 -> token.aesCbcWrap(pySimIv());
            case AES_ECB -> token.aesEcbWrap(octets);
            case DES3_ECB -> token.des3EcbWrap();
        };
    }

    private static byte[] pySimIv() {
        byte[] iv = new byte[BLOCK];
        Arrays.fill(iv, PYSIM_IV_OCTET);
        return iv;
    }

    /**
     * Checks that the token can wrap everything that a file has.
     *
     * @throws OrderException.Refused if it cannot: the message names the column
     */
    static void requireAll(CardProfile profile, List<Column> columns, TokenProfile token) {
        for (Column column : columns) {
            if (column.protection() == Protection.WRAPPED) {
                int octets = profile.octetsOf(column.name());
                Wrapping wrapping = Objects.requireNonNull(column.wrapping());
                try {
                    boolean taken = column.content() == Content.CODE || wrapping.takesKeyOf(octets);
                    if (!taken || mechanism(wrapping, token, octets).type() < 0) {
                        throw new TokenException("it does not take " + octets + " octets");
                    }
                } catch (TokenException e) {
                    throw new OrderException.Refused("column " + column.name() + " cannot be wrapped by " + wrapping
                            + " on this token: " + e.getMessage());
                }
            }
        }
    }
}
