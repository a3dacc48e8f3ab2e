package org.kiln.secret;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Secrets that come by environment variables: {@code KILN_…PIN}, {@code KILN_…PASSWORD}. The first use of this class moves all of
 * them into locked memory and overwrites them where the system handed them over, so that neither {@code /proc/PID/environ} nor a
 * child has them; {@link System#getenv} does not either, if nobody asked it before. Hence {@link #hide} is the first thing that
 * a program does.
 */
public final class SecretEnvironment {

    private static final Pattern SECRET = Pattern.compile("KILN_([A-Z0-9]+_)*(PIN|PASSWORD)");
    private static final long LONGEST_ENTRY = 128 * 1024;

    private static final Map<String, Secret> TAKEN = take();

    private SecretEnvironment() {}

    /** Takes the secrets out of the environment. */
    public static void hide() {
        Objects.requireNonNull(TAKEN);
    }

    /**
     * The secret that a variable held when the process began; the caller closes it.
     *
     * @return empty if the variable was not set, or set to nothing
     */
    public static Optional<Secret> read(String variable) {
        Secret taken = TAKEN.get(variable);
        if (taken != null) {
            return Optional.of(Secret.copyOf(taken.expose(SecretAccess.granted()), taken.size()));
        }
        return Optional.ofNullable(System.getenv(variable))
                .filter(value -> !value.isEmpty())
                .map(value -> Secret.takeFrom(value.toCharArray()));
    }

    /** Whether {@link #read} would give one. */
    public static boolean has(String variable) {
        return TAKEN.containsKey(variable)
                || !Objects.requireNonNullElse(System.getenv(variable), "").isEmpty();
    }

    private static Map<String, Secret> take() {
        Map<String, Secret> taken = new HashMap<>();
        LibC.variable("environ").ifPresent(pointer -> {
            MemorySegment entries = pointer.reinterpret(ValueLayout.ADDRESS.byteSize())
                    .get(ValueLayout.ADDRESS, 0)
                    .reinterpret(Long.MAX_VALUE);
            for (long i = 0; !entries.getAtIndex(ValueLayout.ADDRESS, i).equals(MemorySegment.NULL); i++) {
                take(entries.getAtIndex(ValueLayout.ADDRESS, i).reinterpret(LONGEST_ENTRY), taken);
            }
        });
        return Map.copyOf(taken);
    }

    /** @param entry {@code NAME=value}, ended by a zero octet */
    private static void take(MemorySegment entry, Map<String, Secret> taken) {
        long equals = indexOf(entry, '=');
        long end = indexOf(entry, '\0');
        if (equals >= end) {
            return;
        }
        String name = new String(entry.asSlice(0, equals).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
        MemorySegment value = entry.asSlice(equals + 1, end - equals - 1);
        if (value.byteSize() > 0 && SECRET.matcher(name).matches()) {
            taken.put(name, Secret.copyOf(value, value.byteSize()));
            value.fill((byte) 0);
        }
    }

    private static long indexOf(MemorySegment entry, char octet) {
        long at = 0;
        while (entry.get(ValueLayout.JAVA_BYTE, at) != octet && entry.get(ValueLayout.JAVA_BYTE, at) != 0) {
            at++;
        }
        return at;
    }
}
