package org.kiln.kms.keys;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Template;
import org.kiln.token.ScratchToken;

/**
 * ECDH derivation by the bare C functions, as an attacker would call them: Kiln's own binding has none. It works in a
 * session of its own, under the login that the process has; closing it destroys what it derived.
 */
final class RawDerivation implements AutoCloseable {

    private static final long ATTRIBUTE_OCTETS = 24;

    private final SymbolLookup module =
            SymbolLookup.libraryLookup(ScratchToken.profile().findModule(), Arena.global());
    private final long session;

    RawDerivation(long slot) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment opened = arena.allocate(ValueLayout.JAVA_LONG);
            long answer = call(
                    "C_OpenSession",
                    slot,
                    Ck.CKF_SERIAL_SESSION | Ck.CKF_RW_SESSION,
                    MemorySegment.NULL,
                    MemorySegment.NULL,
                    opened);
            if (answer != 0) {
                throw new IllegalStateException("C_OpenSession answered " + answer);
            }
            session = opened.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    /** What {@code C_DeriveKey} answered, and the key's handle if it answered 0. */
    record Derived(long answer, long key) {}

    /**
     * {@code CKM_ECDH1_DERIVE} with {@code CKD_NULL}.
     *
     * @param point the other side's public point, uncompressed
     * @param template of booleans and numbers
     */
    Derived derive(long privateKey, byte[] point, Template template) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment parameters = arena.allocate(40, 8);
            parameters.set(ValueLayout.JAVA_LONG, 0, Ck.CKD_NULL);
            parameters.set(ValueLayout.JAVA_LONG, 24, point.length);
            parameters.set(ValueLayout.ADDRESS, 32, arena.allocateFrom(ValueLayout.JAVA_BYTE, point));
            MemorySegment mechanism = arena.allocate(24, 8);
            mechanism.set(ValueLayout.JAVA_LONG, 0, Ckm.ECDH1_DERIVE);
            mechanism.set(ValueLayout.ADDRESS, 8, parameters);
            mechanism.set(ValueLayout.JAVA_LONG, 16, parameters.byteSize());
            MemorySegment derived = arena.allocate(ValueLayout.JAVA_LONG);
            long attributes = template.attributes().size();
            long answer = call(
                    "C_DeriveKey", session, mechanism, privateKey, attributes(arena, template), attributes, derived);
            return new Derived(answer, derived.get(ValueLayout.JAVA_LONG, 0));
        }
    }

    private long call(String name, Object... arguments) {
        MemoryLayout[] layouts = new MemoryLayout[arguments.length];
        for (int i = 0; i < layouts.length; i++) {
            layouts[i] = arguments[i] instanceof Long ? ValueLayout.JAVA_LONG : ValueLayout.ADDRESS;
        }
        MethodHandle function = Linker.nativeLinker()
                .downcallHandle(module.findOrThrow(name), FunctionDescriptor.of(ValueLayout.JAVA_LONG, layouts));
        try {
            return (long) function.invokeWithArguments(arguments);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static MemorySegment attributes(Arena arena, Template template) {
        MemorySegment all =
                arena.allocate(ATTRIBUTE_OCTETS * template.attributes().size(), 8);
        long at = 0;
        for (Template.Attribute attribute : template.attributes()) {
            MemorySegment value = switch (attribute) {
                case Template.Bool(Cka _, boolean flag) ->
                    arena.allocateFrom(ValueLayout.JAVA_BYTE, (byte) (flag ? 1 : 0));
                case Template.Ulong(Cka _, long number) -> arena.allocateFrom(ValueLayout.JAVA_LONG, number);
                default -> throw new IllegalArgumentException("booleans and numbers only");
            };
            all.set(ValueLayout.JAVA_LONG, at, attribute.type().code());
            all.set(ValueLayout.ADDRESS, at + 8, value);
            all.set(ValueLayout.JAVA_LONG, at + 16, value.byteSize());
            at += ATTRIBUTE_OCTETS;
        }
        return all;
    }

    @Override
    public void close() {
        call("C_CloseSession", session);
    }
}
