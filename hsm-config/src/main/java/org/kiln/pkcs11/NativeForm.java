package org.kiln.pkcs11;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Templates and mechanisms as C structures for LP64 (Linux on x86-64 and aarch64): {@code CK_ULONG} of 8 octets,
 * natural alignment.
 *
 * <p>Windows packs these structures to one octet and has a {@code CK_ULONG} of 4; it is not supported.
 */
final class NativeForm {

    static final long ATTRIBUTE_SIZE = 24;
    private static final long ALIGNMENT = 8;
    private static final long MECHANISM_SIZE = 24;
    private static final long OAEP_SIZE = 40;
    private static final long ECDH_SIZE = 40;
    private static final long STRING_DATA_SIZE = 16;
    private static final long KDF_SIZE = 40;
    private static final long KDF_DATA_SIZE = 24;
    private static final long COUNTER_FORMAT_SIZE = 16;
    private static final long LENGTH_FORMAT_SIZE = 24;
    private static final long LUNA_MILENAGE_SIZE = 64;
    private static final long LUNA_TUAK_SIZE = 96;

    private NativeForm() {}

    /** One block of memory for all of it: a card takes some twenty templates. */
    static MemorySegment of(Template template, SegmentAllocator memory) {
        return filled(template, SegmentAllocator.slicingAllocator(memory.allocate(size(template), ALIGNMENT)));
    }

    private static long size(Template template) {
        long size = ATTRIBUTE_SIZE;
        for (Template.Attribute attribute : template.attributes()) {
            size += ATTRIBUTE_SIZE
                    + switch (attribute) {
                        case Template.Bool _, Template.Ulong _ -> ALIGNMENT;
                        case Template.Bytes(Cka _, byte[] value) -> value.length + ALIGNMENT;
                        case Template.Segment _ -> 0;
                        case Template.Nested(Cka _, Template value) -> size(value);
                    };
        }
        return size;
    }

    private static MemorySegment filled(Template template, SegmentAllocator memory) {
        List<Template.Attribute> attributes = template.attributes();
        MemorySegment form = memory.allocate(ATTRIBUTE_SIZE * Math.max(1, attributes.size()), ALIGNMENT);
        for (int i = 0; i < attributes.size(); i++) {
            Template.Attribute attribute = attributes.get(i);
            MemorySegment value = valueOf(attribute, memory);
            setAttribute(form, i, attribute.type(), value, value.byteSize());
        }
        return form;
    }

    static void setAttribute(MemorySegment form, int index, Cka type, MemorySegment value, long length) {
        long at = index * ATTRIBUTE_SIZE;
        form.set(ValueLayout.JAVA_LONG, at, type.code());
        form.set(ValueLayout.ADDRESS, at + 8, value);
        form.set(ValueLayout.JAVA_LONG, at + 16, length);
    }

    private static MemorySegment valueOf(Template.Attribute attribute, SegmentAllocator memory) {
        return switch (attribute) {
            case Template.Bool(Cka _, boolean value) ->
                memory.allocateFrom(ValueLayout.JAVA_BYTE, (byte) (value ? 1 : 0));
            case Template.Ulong(Cka _, long value) -> memory.allocateFrom(ValueLayout.JAVA_LONG, value);
            case Template.Bytes(Cka _, byte[] value) -> memory.allocateFrom(ValueLayout.JAVA_BYTE, value);
            case Template.Segment(Cka _, MemorySegment value) -> value;
            case Template.Nested(Cka _, Template value) -> filled(value, memory);
        };
    }

    /** A length and a pointer of a parameter; {@code NULL_PTR} for no octets, which some tokens insist on. */
    private static void setOctets(
            MemorySegment form, long lengthAt, long pointerAt, byte[] octets, SegmentAllocator memory) {
        MemorySegment copy =
                octets.length == 0 ? MemorySegment.NULL : memory.allocateFrom(ValueLayout.JAVA_BYTE, octets);
        form.set(ValueLayout.JAVA_LONG, lengthAt, octets.length);
        form.set(ValueLayout.ADDRESS, pointerAt, copy);
    }

    static MemorySegment of(Mechanism mechanism, Arena memory) {
        MemorySegment form = memory.allocate(MECHANISM_SIZE, 8);
        MemorySegment parameter = switch (mechanism.parameter()) {
            case Mechanism.None _ -> MemorySegment.NULL;
            case Mechanism.Iv(byte[] octets) -> memory.allocateFrom(ValueLayout.JAVA_BYTE, octets);
            case Mechanism.Oaep(long hash, long mgf) -> {
                MemorySegment oaep = memory.allocate(OAEP_SIZE, 8);
                oaep.set(ValueLayout.JAVA_LONG, 0, hash);
                oaep.set(ValueLayout.JAVA_LONG, 8, mgf);
                oaep.set(ValueLayout.JAVA_LONG, 16, Ck.CKZ_DATA_SPECIFIED);
                yield oaep;
            }
            case Mechanism.Ecdh(long kdf, byte[] sharedData, byte[] publicData) -> {
                MemorySegment ecdh = memory.allocate(ECDH_SIZE, 8);
                ecdh.set(ValueLayout.JAVA_LONG, 0, kdf);
                setOctets(ecdh, 8, 16, sharedData, memory);
                setOctets(ecdh, 24, 32, publicData, memory);
                yield ecdh;
            }
            case Mechanism.StringData(byte[] octets) -> {
                MemorySegment data = memory.allocate(STRING_DATA_SIZE, 8);
                setOctets(data, 8, 0, octets, memory);
                yield data;
            }
            case Mechanism.CounterKdf kdf -> counterKdf(kdf, memory);
            case Mechanism.LunaMilenage(long flags, byte[] ki, MemorySegment opc, long sqn, int amf) -> {
                MemorySegment luna = memory.allocate(LUNA_MILENAGE_SIZE, 8);
                setLunaKeys(luna, flags, ki, opc, memory);
                setSqnAmf(luna, 56, sqn, amf);
                yield luna;
            }
            case Mechanism.LunaTuak tuak -> {
                MemorySegment luna = memory.allocate(LUNA_TUAK_SIZE, 8);
                setLunaKeys(luna, tuak.flags(), tuak.wrappedKi(), tuak.topc(), memory);
                luna.set(ValueLayout.JAVA_LONG, 40, tuak.iterations());
                luna.set(ValueLayout.JAVA_LONG, 56, tuak.res());
                luna.set(ValueLayout.JAVA_LONG, 64, tuak.mac());
                luna.set(ValueLayout.JAVA_LONG, 72, tuak.ck());
                luna.set(ValueLayout.JAVA_LONG, 80, tuak.ik());
                setSqnAmf(luna, 88, tuak.sqn(), tuak.amf());
                yield luna;
            }
        };
        form.set(ValueLayout.JAVA_LONG, 0, mechanism.type());
        form.set(ValueLayout.ADDRESS, 8, parameter);
        form.set(ValueLayout.JAVA_LONG, 16, parameter.byteSize());
        return form;
    }

    private static MemorySegment counterKdf(Mechanism.CounterKdf kdf, Arena memory) {
        MemorySegment counter = memory.allocate(COUNTER_FORMAT_SIZE, 8);
        counter.set(ValueLayout.JAVA_LONG, 8, kdf.counterBits());
        MemorySegment length = memory.allocate(LENGTH_FORMAT_SIZE, 8);
        length.set(ValueLayout.JAVA_LONG, 0, Ck.CK_SP800_108_DKM_LENGTH_SUM_OF_KEYS);
        length.set(ValueLayout.JAVA_LONG, 16, kdf.lengthBits());
        MemorySegment fixed = memory.allocateFrom(ValueLayout.JAVA_BYTE, kdf.fixedInput());

        int parts = kdf.lengthBits() == 0 ? 2 : 3;
        MemorySegment data = memory.allocate(KDF_DATA_SIZE * parts, 8);
        setKdfData(data, 0, Ck.CK_SP800_108_ITERATION_VARIABLE, counter);
        setKdfData(data, 1, Ck.CK_SP800_108_BYTE_ARRAY, fixed);
        if (parts == 3) {
            setKdfData(data, 2, Ck.CK_SP800_108_DKM_LENGTH, length);
        }
        MemorySegment form = memory.allocate(KDF_SIZE, 8);
        form.set(ValueLayout.JAVA_LONG, 0, kdf.prf());
        form.set(ValueLayout.JAVA_LONG, 8, parts);
        form.set(ValueLayout.ADDRESS, 16, data);
        return form;
    }

    /** One {@code CK_PRF_DATA_PARAM}. */
    private static void setKdfData(MemorySegment form, int index, long type, MemorySegment value) {
        long at = index * KDF_DATA_SIZE;
        form.set(ValueLayout.JAVA_LONG, at, type);
        form.set(ValueLayout.ADDRESS, at + 8, value);
        form.set(ValueLayout.JAVA_LONG, at + 16, value.byteSize());
    }

    /** The beginning that both of Luna's structures share: flags, Ki, OPc or TOPc. */
    private static void setLunaKeys(MemorySegment form, long flags, byte[] ki, MemorySegment opc, Arena memory) {
        form.set(ValueLayout.JAVA_LONG, 0, flags);
        setOctets(form, 8, 16, ki, memory);
        form.set(ValueLayout.JAVA_LONG, 24, opc.byteSize());
        form.set(ValueLayout.ADDRESS, 32, opc);
    }

    private static void setSqnAmf(MemorySegment form, long at, long sqn, int amf) {
        for (int i = 0; i < 6; i++) {
            form.set(ValueLayout.JAVA_BYTE, at + i, (byte) (sqn >>> (40 - 8 * i)));
        }
        form.set(ValueLayout.JAVA_BYTE, at + 6, (byte) (amf >>> 8));
        form.set(ValueLayout.JAVA_BYTE, at + 7, (byte) amf);
    }
}
