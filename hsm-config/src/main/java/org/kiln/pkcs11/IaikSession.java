package org.kiln.pkcs11;

import static org.kiln.pkcs11.IaikCryptoki.OCTETS;
import static org.kiln.pkcs11.IaikCryptoki.call;
import static org.kiln.pkcs11.IaikCryptoki.run;
import static org.kiln.pkcs11.IaikCryptoki.withPin;

import iaik.pkcs.pkcs11.wrapper.CK_ATTRIBUTE;
import iaik.pkcs.pkcs11.wrapper.CK_DATE;
import iaik.pkcs.pkcs11.wrapper.CK_ECDH1_DERIVE_PARAMS;
import iaik.pkcs.pkcs11.wrapper.CK_KEY_DERIVATION_STRING_DATA;
import iaik.pkcs.pkcs11.wrapper.CK_MECHANISM;
import iaik.pkcs.pkcs11.wrapper.CK_RSA_PKCS_OAEP_PARAMS;
import iaik.pkcs.pkcs11.wrapper.PKCS11;
import iaik.pkcs.pkcs11.wrapper.PKCS11Exception;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.kiln.secret.Secret;

/**
 * A session of {@link IaikCryptoki}. Every array that may hold key octets is overwritten before a method returns.
 * A closed session forgets its handle, which a token may give to the next session.
 */
final class IaikSession implements Session {

    private static final int SEARCH_ROOM = 64;

    private final PKCS11 functions;
    private long handle;

    IaikSession(PKCS11 functions, long handle) {
        this.functions = functions;
        this.handle = handle;
    }

    @Override
    public long state() {
        return call("C_GetSessionInfo", () -> functions.C_GetSessionInfo(handle)).state;
    }

    @Override
    public void login(long userType, Secret secret) {
        withPin(secret, pin -> {
            try {
                functions.C_Login(handle, userType, pin, OCTETS);
            } catch (PKCS11Exception e) {
                if (e.getErrorCode() != Ckr.USER_ALREADY_LOGGED_IN.code()) {
                    throw new Pkcs11Exception("C_Login", e.getErrorCode());
                }
            }
        });
    }

    @Override
    public void logout() {
        run("C_Logout", () -> functions.C_Logout(handle));
    }

    @Override
    public void initPin(Secret secret) {
        withPin(secret, pin -> run("C_InitPIN", () -> functions.C_InitPIN(handle, pin, OCTETS)));
    }

    @Override
    public long createObject(Template template) {
        try (Form form = new Form(template)) {
            return call("C_CreateObject", () -> functions.C_CreateObject(handle, form.attributes, OCTETS));
        }
    }

    @Override
    public long copyObject(long object, Template changes) {
        try (Form form = new Form(changes)) {
            return call("C_CopyObject", () -> functions.C_CopyObject(handle, object, form.attributes, OCTETS));
        }
    }

    @Override
    public void destroyObject(long object) {
        run("C_DestroyObject", () -> functions.C_DestroyObject(handle, object));
    }

    @Override
    public long[] findObjects(Template template) {
        try (Form form = new Form(template)) {
            SearchStart.begin(
                    () -> run("C_FindObjectsInit", () -> functions.C_FindObjectsInit(handle, form.attributes, OCTETS)),
                    this::endSearch);
        }
        try {
            return drainSearch();
        } finally {
            endSearch();
        }
    }

    private void endSearch() {
        run("C_FindObjectsFinal", () -> functions.C_FindObjectsFinal(handle));
    }

    private long[] drainSearch() {
        long[] all = new long[0];
        while (true) {
            long[] found = call("C_FindObjects", () -> functions.C_FindObjects(handle, SEARCH_ROOM));
            if (found.length == 0) {
                return all;
            }
            all = Arrays.copyOf(all, all.length + found.length);
            System.arraycopy(found, 0, all, all.length - found.length, found.length);
        }
    }

    @Override
    public long getAttribute(long object, Cka type, MemorySegment out) {
        CK_ATTRIBUTE[] one = {attribute(type.code(), null)};
        try {
            functions.C_GetAttributeValue(handle, object, one, OCTETS);
        } catch (PKCS11Exception e) {
            if (e.getErrorCode() == Ckr.ATTRIBUTE_SENSITIVE.code()
                    || e.getErrorCode() == Ckr.ATTRIBUTE_TYPE_INVALID.code()) {
                return Ck.UNAVAILABLE;
            }
            throw new Pkcs11Exception("C_GetAttributeValue", e.getErrorCode());
        }
        byte[] value = octets(one[0].pValue);
        try {
            return out.address() == 0 ? value.length : give("C_GetAttributeValue", value, out);
        } finally {
            Arrays.fill(value, (byte) 0);
        }
    }

    @Override
    public void setAttributes(long object, Template template) {
        try (Form form = new Form(template)) {
            run("C_SetAttributeValue", () -> functions.C_SetAttributeValue(handle, object, form.attributes, OCTETS));
        }
    }

    @Override
    public long generateKey(Mechanism mechanism, Template template) {
        try (Form form = new Form(template)) {
            return call(
                    "C_GenerateKey", () -> functions.C_GenerateKey(handle, form(mechanism), form.attributes, OCTETS));
        }
    }

    @Override
    public KeyPairHandles generateKeyPair(Mechanism mechanism, Template publicTemplate, Template privateTemplate) {
        try (Form publicForm = new Form(publicTemplate);
                Form privateForm = new Form(privateTemplate)) {
            long[] pair = call(
                    "C_GenerateKeyPair",
                    () -> functions.C_GenerateKeyPair(
                            handle, form(mechanism), publicForm.attributes, privateForm.attributes, OCTETS));
            return new KeyPairHandles(pair[0], pair[1]);
        }
    }

    @Override
    public int wrapKey(Mechanism mechanism, long wrappingKey, long key, MemorySegment out) {
        byte[] wrapped =
                call("C_WrapKey", () -> functions.C_WrapKey(handle, form(mechanism), wrappingKey, key, OCTETS));
        return give("C_WrapKey", wrapped, out);
    }

    @Override
    public long unwrapKey(
            Mechanism mechanism, long unwrappingKey, MemorySegment wrapped, int wrappedLength, Template template) {
        byte[] blob = copy(wrapped, wrappedLength);
        try (Form form = new Form(template)) {
            return call(
                    "C_UnwrapKey",
                    () -> functions.C_UnwrapKey(handle, form(mechanism), unwrappingKey, blob, form.attributes, OCTETS));
        }
    }

    @Override
    public long deriveKey(Mechanism mechanism, long baseKey, Template template) {
        try (Form form = new Form(template)) {
            return call(
                    "C_DeriveKey",
                    () -> functions.C_DeriveKey(handle, form(mechanism), baseKey, form.attributes, OCTETS));
        }
    }

    @Override
    public int encrypt(Mechanism mechanism, long key, MemorySegment in, int inLength, MemorySegment out) {
        Objects.checkFromIndexSize(0, inLength, in.byteSize());
        run("C_EncryptInit", () -> functions.C_EncryptInit(handle, form(mechanism), key, OCTETS));
        return inLength == 0
                ? finishEmpty("C_EncryptFinal", functions::C_EncryptFinal, out)
                : finish("C_Encrypt", functions::C_Encrypt, in, inLength, out);
    }

    @Override
    public int decrypt(Mechanism mechanism, long key, MemorySegment in, int inLength, MemorySegment out) {
        Objects.checkFromIndexSize(0, inLength, in.byteSize());
        run("C_DecryptInit", () -> functions.C_DecryptInit(handle, form(mechanism), key, OCTETS));
        return inLength == 0
                ? finishEmpty("C_DecryptFinal", functions::C_DecryptFinal, out)
                : finish("C_Decrypt", functions::C_Decrypt, in, inLength, out);
    }

    @Override
    public int sign(Mechanism mechanism, long key, MemorySegment in, int inLength, MemorySegment out) {
        Objects.checkFromIndexSize(0, inLength, in.byteSize());
        run("C_SignInit", () -> functions.C_SignInit(handle, form(mechanism), key, OCTETS));
        return inLength == 0
                ? finishEmpty("C_SignFinal", functions::C_SignFinal, out)
                : finish("C_Sign", functions::C_Sign, in, inLength, out);
    }

    /** The second half of encrypt, decrypt and sign, which share one signature. */
    @FunctionalInterface
    private interface Finish {
        byte[] call(long session, byte[] in) throws PKCS11Exception;
    }

    /** The wrapper gives the token all the room it asks for, so the operation is over before a short {@code out} shows. */
    private int finish(String function, Finish finish, MemorySegment in, int inLength, MemorySegment out) {
        byte[] input = copy(in, inLength);
        try {
            return give(function, call(function, () -> finish.call(handle, input)), out);
        } finally {
            Arrays.fill(input, (byte) 0);
        }
    }

    /** The same for an empty message. */
    @FunctionalInterface
    private interface FinishEmpty {
        byte[] call(long session) throws PKCS11Exception;
    }

    /** The wrapper passes an empty array as {@code NULL_PTR}, which SoftHSM refuses; ending without a part is the same. */
    private int finishEmpty(String function, FinishEmpty finish, MemorySegment out) {
        return give(function, call(function, () -> finish.call(handle)), out);
    }

    @Override
    public void generateRandom(MemorySegment out) {
        byte[] random = new byte[Math.toIntExact(out.byteSize())];
        try {
            run("C_GenerateRandom", () -> functions.C_GenerateRandom(handle, random));
            give("C_GenerateRandom", random, out);
        } finally {
            Arrays.fill(random, (byte) 0);
        }
    }

    @Override
    public void close() {
        if (handle != Ck.CK_INVALID_HANDLE) {
            long closing = handle;
            handle = Ck.CK_INVALID_HANDLE;
            run("C_CloseSession", () -> functions.C_CloseSession(closing));
        }
    }

    private static byte[] copy(MemorySegment in, int length) {
        return in.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }

    /** Moves what the wrapper returned to where the caller wants it, and wipes the array. */
    private static int give(String function, byte[] result, MemorySegment out) {
        try {
            if (result.length > out.byteSize()) {
                throw new Pkcs11Exception(function, Ckr.BUFFER_TOO_SMALL.code());
            }
            MemorySegment.copy(result, 0, out, ValueLayout.JAVA_BYTE, 0, result.length);
            return result.length;
        } finally {
            Arrays.fill(result, (byte) 0);
        }
    }

    private static CK_MECHANISM form(Mechanism mechanism) {
        CK_MECHANISM form = new CK_MECHANISM();
        form.mechanism = mechanism.type();
        switch (mechanism.parameter()) {
            case Mechanism.None _ -> {}
            case Mechanism.Iv(byte[] iv) -> form.pParameter = iv;
            case Mechanism.Oaep(long hash, long mgf) -> {
                CK_RSA_PKCS_OAEP_PARAMS oaep = new CK_RSA_PKCS_OAEP_PARAMS();
                oaep.hashAlg = hash;
                oaep.mgf = mgf;
                oaep.source = Ck.CKZ_DATA_SPECIFIED;
                form.pParameter = oaep;
            }
            case Mechanism.Ecdh(long kdf, byte[] sharedData, byte[] publicData) -> {
                CK_ECDH1_DERIVE_PARAMS ecdh = new CK_ECDH1_DERIVE_PARAMS();
                ecdh.kdf = kdf;
                ecdh.pSharedData = sharedData.length == 0 ? null : sharedData;
                ecdh.pPublicData = publicData;
                form.pParameter = ecdh;
            }
            case Mechanism.StringData(byte[] octets) -> {
                CK_KEY_DERIVATION_STRING_DATA data = new CK_KEY_DERIVATION_STRING_DATA();
                data.pData = octets;
                form.pParameter = data;
            }
            case Mechanism.CounterKdf _ ->
                throw new UnsupportedOperationException(
                        "the IAIK wrapper has no form for the parameters of SP 800-108: set"
                                + " hsm.binding to ffm, or derive by AES_DATA");
            case Mechanism.OneCall _ ->
                throw new UnsupportedOperationException(
                        "the IAIK wrapper passes no vendor's parameters for vectors: set"
                                + " hsm.binding to ffm, or leave auc.vendorMechanisms empty");
        }
        return form;
    }

    private static CK_ATTRIBUTE attribute(long type, @Nullable Object value) {
        CK_ATTRIBUTE attribute = new CK_ATTRIBUTE();
        attribute.type = type;
        attribute.pValue = value;
        return attribute;
    }

    /** The octets that the token gave, before the wrapper made a Java object of them; none for an empty value. */
    private static byte[] octets(@Nullable Object value) {
        return switch (value) {
            case null -> new byte[0];
            case byte[] octets -> octets;
            case Boolean bool -> new byte[] {(byte) (bool ? 1 : 0)};
            case Long number -> words(number);
            case char[] characters -> narrow(characters);
            case CK_DATE date ->
                narrow((new String(date.year) + new String(date.month) + new String(date.day)).toCharArray());
            case CK_ATTRIBUTE[] template -> words(entries(template));
            default -> throw new IllegalStateException("the wrapper made a " + value.getClass() + " of an attribute");
        };
    }

    private static byte[] narrow(char[] characters) {
        byte[] octets = new byte[characters.length];
        for (int i = 0; i < octets.length; i++) {
            octets[i] = (byte) characters[i];
        }
        return octets;
    }

    /** {@code CK_ATTRIBUTE}s with type and length and no value, as a token answers where there is no room for values. */
    private static long[] entries(CK_ATTRIBUTE[] template) {
        long[] entries = new long[3 * template.length];
        for (int i = 0; i < template.length; i++) {
            entries[3 * i] = template[i].type;
            entries[3 * i + 2] = octets(template[i].pValue).length;
        }
        return entries;
    }

    private static byte[] words(long... values) {
        ByteBuffer octets = ByteBuffer.allocate(Long.BYTES * values.length).order(ByteOrder.nativeOrder());
        for (long value : values) {
            octets.putLong(value);
        }
        return octets.array();
    }

    /** A template as the wrapper takes it. Closing it wipes the copies of values that came from outside the heap. */
    private static final class Form implements AutoCloseable {

        private final List<byte[]> copies = new ArrayList<>();
        private final CK_ATTRIBUTE[] attributes;

        Form(Template template) {
            attributes = attributes(template);
        }

        private CK_ATTRIBUTE[] attributes(Template template) {
            return template.attributes().stream()
                    .map(attribute -> attribute(attribute.type().code(), value(attribute)))
                    .toArray(CK_ATTRIBUTE[]::new);
        }

        private Object value(Template.Attribute attribute) {
            return switch (attribute) {
                case Template.Bool(Cka _, boolean value) -> value;
                case Template.Ulong(Cka _, long value) -> value;
                case Template.Bytes(Cka _, byte[] value) -> value;
                case Template.Segment(Cka _, MemorySegment value) -> {
                    byte[] copy = value.toArray(ValueLayout.JAVA_BYTE);
                    copies.add(copy);
                    yield copy;
                }
                case Template.Nested(Cka _, Template value) -> attributes(value);
            };
        }

        @Override
        public void close() {
            copies.forEach(copy -> Arrays.fill(copy, (byte) 0));
        }
    }
}
