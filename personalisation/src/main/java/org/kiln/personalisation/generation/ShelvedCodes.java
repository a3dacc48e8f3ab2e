package org.kiln.personalisation.generation;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.personalisation.output.ClearCodes;
import org.kiln.personalisation.profile.CodeRule;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;
import org.kiln.transfer.batch.StagingCipher;

/** Reads codes from under the host storage key, for the files that have them in the clear. */
public final class ShelvedCodes implements ClearCodes {

    private static final byte PAD = (byte) 0xff;

    private final TokenCluster tokens;
    private final StorageKeys storage;

    public ShelvedCodes(TokenCluster tokens, StorageKeys storage) {
        this.tokens = tokens;
        this.storage = storage;
    }

    /** As pySim takes it: digits or letters without their filling, else 16 hexadecimal digits. */
    @Override
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

    @Override
    public StagingCipher newCipher() {
        Secret key = Secret.ofSize(StagingCipher.KEY_OCTETS);
        try {
            tokens.callOnFirst(session -> {
                session.generateRandom(key.expose(SecretAccess.granted()));
                return key;
            });
        } catch (RuntimeException e) {
            key.close();
            throw e;
        }
        return new StagingCipher(key);
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
