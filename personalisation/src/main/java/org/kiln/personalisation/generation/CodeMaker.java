package org.kiln.personalisation.generation;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.kiln.kms.keys.KeyPolicy;
import org.kiln.personalisation.profile.CodeRule;
import org.kiln.pkcs11.Session;

/**
 * Makes a code in native memory, 8 octets as the card takes them, digits padded with FF (TS 102 221), and gives it to the
 * token to be wrapped.
 */
public final class CodeMaker {

    private static final byte PAD = (byte) 0xff;

    /** The largest multiple of ten that an octet holds; octets from it on would favour low digits and are drawn anew. */
    private static final int FAIR = 250;

    /** Octets drawn at a time: twice a code's digits, since some of them are not used. */
    private static final int DRAWN = 2 * CodeRule.OCTETS;

    private final KeyPolicy policy;
    private final Leaving leaving;

    public CodeMaker(KeyPolicy policy, Leaving leaving) {
        this.policy = policy;
        this.leaving = leaving;
    }

    /** A new code as an object of the session, which the caller destroys. */
    public long make(Session session, CodeRule rule) {
        return make(session, rule, leaving);
    }

    /** A new code that a file will have in the clear, and that may rest under the host storage key until then. */
    long makeForClearFile(Session session, CodeRule rule) {
        return make(session, rule, Leaving.UNDER_A_ONE_TIME_KEY);
    }

    private long make(Session session, CodeRule rule, Leaving under) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(CodeRule.OCTETS);
            try {
                fill(session, rule, value, arena);
                return session.createObject(
                        switch (under) {
                            case UNDER_TRUSTED_KEYS -> policy.newCode(value);
                            case UNDER_A_ONE_TIME_KEY -> policy.newUnboundCode(value);
                        });
            } finally {
                value.fill((byte) 0);
            }
        }
    }

    private static void fill(Session session, CodeRule rule, MemorySegment code, Arena arena) {
        switch (rule) {
            case CodeRule.Fixed(String digits) -> {
                code.fill(PAD);
                for (int i = 0; i < digits.length(); i++) {
                    code.set(ValueLayout.JAVA_BYTE, i, (byte) digits.charAt(i));
                }
            }
            case CodeRule.RandomDigits(int length) -> {
                code.fill(PAD);
                fillDigits(session, code, length, arena.allocate(DRAWN));
            }
            case CodeRule.RandomOctets() -> session.generateRandom(code);
            case CodeRule.RandomHex() -> fillHexadecimal(session, code, arena.allocate(CodeRule.OCTETS));
            case CodeRule.Disabled() -> throw new IllegalArgumentException("a disabled PIN has no value");
        }
    }

    private static void fillDigits(Session session, MemorySegment code, int length, MemorySegment random) {
        try {
            int made = 0;
            while (made < length) {
                session.generateRandom(random);
                for (long i = 0; i < random.byteSize() && made < length; i++) {
                    int octet = random.get(ValueLayout.JAVA_BYTE, i) & 0xff;
                    if (octet < FAIR) {
                        code.set(ValueLayout.JAVA_BYTE, made++, (byte) ('0' + octet % 10));
                    }
                }
            }
        } finally {
            random.fill((byte) 0);
        }
    }

    private static void fillHexadecimal(Session session, MemorySegment code, MemorySegment random) {
        try {
            session.generateRandom(random);
            for (int i = 0; i < CodeRule.OCTETS; i++) {
                int nibble = random.get(ValueLayout.JAVA_BYTE, i) & 0xf;
                code.set(ValueLayout.JAVA_BYTE, i, (byte) Character.toUpperCase(Character.forDigit(nibble, 16)));
            }
        } finally {
            random.fill((byte) 0);
        }
    }
}
