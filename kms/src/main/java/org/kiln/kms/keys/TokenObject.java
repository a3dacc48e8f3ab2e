package org.kiln.kms.keys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;

/**
 * A key of the token as its attributes describe it.
 *
 * @param flags those boolean attributes that are true
 * @param unwrapTemplate types of the attributes in {@code CKA_UNWRAP_TEMPLATE}
 * @param deriveTemplate likewise in {@code CKA_DERIVE_TEMPLATE}
 */
record TokenObject(
        long handle,
        long objectClass,
        String label,
        Set<Cka> flags,
        Set<Long> unwrapTemplate,
        Set<Long> deriveTemplate,
        Optional<LocalDate> endDate) {

    private static final List<Cka> FLAGS = List.of(
            Cka.PRIVATE,
            Cka.TRUSTED,
            Cka.SENSITIVE,
            Cka.EXTRACTABLE,
            Cka.MODIFIABLE,
            Cka.WRAP_WITH_TRUSTED,
            Cka.ENCRYPT,
            Cka.DECRYPT,
            Cka.WRAP,
            Cka.UNWRAP,
            Cka.SIGN,
            Cka.DERIVE);

    private static final int LONGEST_LABEL = 256;
    private static final int MOST_TEMPLATE_ENTRIES = 32;
    private static final int ATTRIBUTE_OCTETS = 24;
    private static final int DATE_OCTETS = 8;

    static TokenObject read(Session session, long handle) {
        try (Arena arena = Arena.ofConfined()) {
            Set<Cka> flags = EnumSet.noneOf(Cka.class);
            for (Cka flag : FLAGS) {
                MemorySegment value = arena.allocate(1);
                if (session.getAttribute(handle, flag, value) == 1 && value.get(ValueLayout.JAVA_BYTE, 0) != 0) {
                    flags.add(flag);
                }
            }
            MemorySegment objectClass = arena.allocate(ValueLayout.JAVA_LONG);
            session.getAttribute(handle, Cka.CLASS, objectClass);
            return new TokenObject(
                    handle,
                    objectClass.get(ValueLayout.JAVA_LONG, 0),
                    text(session, handle, Cka.LABEL, arena.allocate(LONGEST_LABEL)),
                    flags,
                    template(session, handle, Cka.UNWRAP_TEMPLATE, arena),
                    template(session, handle, Cka.DERIVE_TEMPLATE, arena),
                    endDate(session, handle, arena.allocate(DATE_OCTETS)));
        }
    }

    /** SoftHSM answers CKR_GENERAL_ERROR for the dates of private objects: no date is told. */
    private static Optional<LocalDate> endDate(Session session, long handle, MemorySegment value) {
        try {
            return date(text(session, handle, Cka.END_DATE, value));
        } catch (Pkcs11Exception e) {
            if (e.ckr() == Ckr.GENERAL_ERROR) {
                return Optional.empty();
            }
            throw e;
        }
    }

    static String label(Session session, long handle) {
        try (Arena arena = Arena.ofConfined()) {
            return text(session, handle, Cka.LABEL, arena.allocate(LONGEST_LABEL));
        }
    }

    private static String text(Session session, long handle, Cka attribute, MemorySegment value) {
        long length = session.getAttribute(handle, attribute, value);
        return length <= 0
                ? ""
                : new String(value.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    private static Optional<LocalDate> date(String yyyymmdd) {
        try {
            return yyyymmdd.isEmpty()
                    ? Optional.empty()
                    : Optional.of(LocalDate.parse(yyyymmdd, DateTimeFormatter.BASIC_ISO_DATE));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** The token fills in types and lengths where the entries have no room for values. */
    private static Set<Long> template(Session session, long handle, Cka attribute, Arena arena) {
        MemorySegment entries = arena.allocate((long) MOST_TEMPLATE_ENTRIES * ATTRIBUTE_OCTETS, 8);
        long length = session.getAttribute(handle, attribute, entries);
        Set<Long> types = new HashSet<>();
        if (length != Ck.UNAVAILABLE) {
            for (long at = 0; at < length; at += ATTRIBUTE_OCTETS) {
                types.add(entries.get(ValueLayout.JAVA_LONG, at));
            }
        }
        return types;
    }

    boolean has(Cka flag) {
        return flags.contains(flag);
    }

    boolean isSecretKey() {
        return objectClass == Ck.CKO_SECRET_KEY;
    }

    /** Whether it wraps or unwraps keys. */
    boolean isKek() {
        return isSecretKey() && (has(Cka.WRAP) || has(Cka.UNWRAP));
    }

    /** Whether what it unwraps is forced to stay hidden. */
    boolean forcesHidden() {
        return unwrapTemplate.contains(Cka.SENSITIVE.code()) && unwrapTemplate.contains(Cka.WRAP_WITH_TRUSTED.code());
    }

    /** Whether it is a private key that agrees on secrets which nothing forces to stay hidden. */
    boolean derivesReadable() {
        return objectClass == Ck.CKO_PRIVATE_KEY && has(Cka.DERIVE) && !deriveTemplate.contains(Cka.SENSITIVE.code());
    }

    /** Whether what it unwraps is forced to be of one type. */
    boolean forcesType() {
        return unwrapTemplate.contains(Cka.KEY_TYPE.code());
    }
}
