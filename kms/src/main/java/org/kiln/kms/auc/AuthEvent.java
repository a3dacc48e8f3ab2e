package org.kiln.kms.auc;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.kiln.transfer.numbering.Supi;

/**
 * What an AUSF confirms of an authentication ({@code AuthEvent} of TS 29.503).
 *
 * @param nfInstanceId which AUSF, a UUID
 * @param success whether the subscriber was authenticated
 * @param timeStamp when, as RFC 3339 writes it
 * @param authType such as {@code 5G_AKA}
 * @param servingNetworkName such as {@code 5G:mnc001.mcc001.3gppnetwork.org}
 */
public record AuthEvent(
        String nfInstanceId, boolean success, String timeStamp, String authType, String servingNetworkName) {

    private static final int ID_OCTETS = 16;

    /** Names the event of this subscriber; the same event confirmed again has the same name. */
    String id(Supi supi) {
        String all = String.join(
                "\n", supi.value(), nfInstanceId, Boolean.toString(success), timeStamp, authType, servingNetworkName);
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(all.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, ID_OCTETS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
