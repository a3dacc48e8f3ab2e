package org.kiln.transfer.recipient;

import java.util.Set;
import java.util.regex.Pattern;
import org.kiln.pkcs11.Cka;
import org.kiln.transfer.batch.Content;

/**
 * What a batch's keys for secured packets ({@code KIC1}, {@code KID1} …) may do in the recipient's token, beside having
 * their check values compared; see {@code org.kiln.transfer.ota}.
 */
public enum OtaUse {
    /** Nothing. */
    NONE,
    /** What a platform does: KIc enciphers, KID authenticates. */
    PLATFORM,
    /** What a card does, for whoever tries its keys: KIc deciphers, KID authenticates. */
    CARD;

    private static final Pattern KIC = Pattern.compile("KIC[0-9]+(_[A-Z0-9]+)?");
    private static final Pattern KID = Pattern.compile("KID[0-9]+(_[A-Z0-9]+)?");

    /** The rights of the values in a column of this name. Tokens make the checksum of 3DES by enciphering. */
    Set<Cka> rights(String column, Content content) {
        if (this != NONE && content.isKey()) {
            if (KIC.matcher(column).matches()) {
                return Set.of(this == PLATFORM ? Cka.ENCRYPT : Cka.DECRYPT);
            }
            if (KID.matcher(column).matches()) {
                return Set.of(content == Content.DES_KEY ? Cka.ENCRYPT : Cka.SIGN);
            }
        }
        return Set.of();
    }
}
