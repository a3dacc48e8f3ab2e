package org.kiln.personalisation.generation;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.personalisation.profile.CodeRule;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;

/** Reads codes from under the host storage key, for the files that have them in the clear. */
public final class ShelvedCodes {

    private static final byte PAD = (byte) 0xff;

    private final TokenCluster tokens;
    private final StorageKeys storage;

    public ShelvedCodes(TokenCluster tokens, StorageKeys storage) {
        this.tokens = tokens;
        this.storage = storage;
    }

    /** A code as pySim takes it: digits or letters without their filling, else 16 hexadecimal digits. */
    public String read(WrappedKey code) {
        try (Secret value = Secret.ofSize(CodeRule.OCTETS)) {
            MemorySegment octets = value.expose(SecretAccess.granted());
            tokens.callOnFirst(session -> {
                storage.readShelved(session, code, octets);
                return code;
            });
            return text(octets);
        }
    }

    private static String text(MemorySegment code) {
        byte[] octets = code.toArray(ValueLayout.JAVA_BYTE);
        try {
            int length = octets.length;
            while (length > 0 && octets[length - 1] == PAD) {
                length--;
            }
            return length > 0 && areDigitsOrLetters(octets, length)
                    ? new String(octets, 0, length, StandardCharsets.US_ASCII)
                    : HexFormat.of().withUpperCase().formatHex(octets);
        } finally {
            Arrays.fill(octets, (byte) 0);
        }
    }

    private static boolean areDigitsOrLetters(byte[] octets, int length) {
        for (int i = 0; i < length; i++) {
            if (!isDigitOrLetter(octets[i])) {
                return false;
            }
        }
        return true;
    }

    private static boolean isDigitOrLetter(byte octet) {
        return (octet >= '0' && octet <= '9') || (octet >= 'A' && octet <= 'Z') || (octet >= 'a' && octet <= 'z');
    }
}
