package org.kiln.personalisation.identity;

import java.util.Map;

/**
 * The keys of one device, wrapped, by the names that card files give them.
 *
 * @param wrapping how they are wrapped: a {@link org.kiln.kms.keys.OneTimeKey.Method}, or {@code AES_KWP}
 * @param sent what the device needs to come by the one-time key, in hexadecimal; the transport key's label for a platform
 * @param keys AES-KWP (RFC 5649) in hexadecimal: {@code KI}, {@code OPC}, and those of the keysets
 * @param checkValues of the keys, as the profile wants them
 * @param counters of SCP80 keysets, in hexadecimal
 */
public record Credential(
        String wrapping,
        String sent,
        Map<String, String> keys,
        Map<String, String> checkValues,
        Map<String, String> counters) {

    @Override
    public String toString() {
        return "Credential[" + wrapping + "]";
    }
}
