package org.kiln.kms.keys;

import java.util.List;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Session;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;
import org.kiln.transfer.tr31.TokenProtectionKey;
import org.kiln.transfer.tr31.Tr31;
import org.kiln.transfer.tr31.Tr31Header;

/**
 * Puts keys of cards into key blocks of ANSI X9.143 (TR-31) version D, under a partner's key of {@link Direction#KEY_BLOCKS}.
 * The host reads each key into locked memory for the making of its block, and wipes it: so only those that were made for the
 * host to read, and no other key of the token.
 *
 * <p>A block states the usage given, algorithm {@code A} or {@code T}, mode {@code N} (the standard has none for a key that is
 * a card's), and exportability {@code E}: its recipient may wrap it again for the machine that writes the card. It has no
 * optional blocks.
 */
public final class CardKeyBlocks {

    private static final String AES = "A";
    private static final String DES3 = "T";

    private final KeyRing ring;

    /** @param ring finds the protection keys */
    public CardKeyBlocks(KeyRing ring) {
        this.ring = ring;
    }

    /**
     * A key's block: upper-case letters and digits.
     *
     * @param protectionKey its label in the register
     * @param usage {@code 10} to {@code 99}
     * @param key an object that the host may read
     * @param octets of it
     * @throws KeyException if the token hides the key, or holds no such protection key
     */
    public String block(Session session, String protectionKey, String usage, boolean isDes, long key, int octets) {
        long kbpk = ring.secretKey(session, Direction.KEY_BLOCKS.object(protectionKey));
        try (Secret value = Secret.ofSize(octets)) {
            if (session.getAttribute(key, Cka.VALUE, value.expose(SecretAccess.granted())) != octets) {
                throw new KeyException(
                        "a card's key that is to be put into a key block cannot be read: the token hides it");
            }
            Tr31Header header = new Tr31Header(usage, isDes ? DES3 : AES, "N", "00", 'E', List.of());
            return Tr31.wrap(TokenProtectionKey.of(session, kbpk), header, value);
        }
    }
}
