package org.kiln.kms.provisioning;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.TokenProfile;

/** Unwraps the values of a row under its transport key. */
final class ArrivingKeys {

    private final TokenProfile profile;

    ArrivingKeys(TokenProfile profile) {
        this.profile = profile;
    }

    /**
     * A value as a session object, which the caller destroys.
     *
     * @throws LoadFileException if it does not unwrap
     */
    long unwrap(Session session, LoadRow row, String column, long transportKey, byte[] wrapped, Template template) {
        Mechanism mechanism = switch (row.wrapping()) {
            case AES_KW -> profile.aesKeyUnwrap();
            case AES_KWP -> profile.aesKeyUnwrapPadded();
        };
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocateFrom(ValueLayout.JAVA_BYTE, wrapped);
            return session.unwrapKey(mechanism, transportKey, in, wrapped.length, template);
        } catch (Pkcs11Exception e) {
            if (e.ckr().kind() != Ckr.Kind.REQUEST && e.ckr() != Ckr.GENERAL_ERROR && e.ckr() != Ckr.FUNCTION_FAILED) {
                throw e;
            }
            throw new LoadFileException(
                    row.line(),
                    column,
                    "does not unwrap under transport key '" + row.transportKey()
                            + "': another key or another wrapping was used, or the value is damaged");
        }
    }

    /** Reads a value into {@code out}, which it fills, and which the caller wipes. */
    void read(
            Session session,
            LoadRow row,
            String column,
            long readingKey,
            byte[] wrapped,
            Template readable,
            MemorySegment out) {
        long object = unwrap(session, row, column, readingKey, wrapped, readable);
        try {
            if (session.getAttribute(object, Cka.VALUE, out) != out.byteSize()) {
                throw new LoadFileException(row.line(), column, "what unwraps has no " + out.byteSize() + " octets");
            }
        } finally {
            session.destroyObject(object);
        }
    }
}
