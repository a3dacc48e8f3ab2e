package org.kiln.pkcs11;

import static org.kiln.pkcs11.FfmCryptoki.check;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;

/**
 * A session of {@link FfmCryptoki}. It owns the structures it passes to the token, so that a repeated call with the
 * same mechanism and template objects allocates nothing.
 *
 * <p>A closed session forgets its handle, which a token may give to the next session.
 */
final class FfmSession implements Session {

    /** How many templates a session keeps in native form; callers on the fast path use a handful of constants. */
    private static final int CACHED_FORMS = 64;

    private final FfmFunctions functions;
    private long handle;
    private final Arena memory = Arena.ofAuto();
    private final MemorySegment length = memory.allocate(ValueLayout.JAVA_LONG);
    private final MemorySegment object = memory.allocate(ValueLayout.JAVA_LONG);
    private final MemorySegment otherObject = memory.allocate(ValueLayout.JAVA_LONG);
    private final MemorySegment info = memory.allocate(32, 8);
    private final MemorySegment attribute = memory.allocate(NativeForm.ATTRIBUTE_SIZE, 8);
    private final Map<Template, MemorySegment> templates = new HashMap<>();
    private final Map<Mechanism, MemorySegment> mechanisms = new HashMap<>();

    FfmSession(FfmFunctions functions, long handle) {
        this.functions = functions;
        this.handle = handle;
    }

    @Override
    public long state() {
        check("C_GetSessionInfo", functions.getSessionInfo(handle, info));
        return info.get(ValueLayout.JAVA_LONG, 8);
    }

    @Override
    public void login(long userType, Secret pin) {
        long answer = functions.login(handle, userType, pin.expose(SecretAccess.granted()), pin.size());
        if (answer != Ckr.USER_ALREADY_LOGGED_IN.code()) {
            check("C_Login", answer);
        }
    }

    @Override
    public void logout() {
        check("C_Logout", functions.logout(handle));
    }

    @Override
    public void initPin(Secret pin) {
        check("C_InitPIN", functions.initPIN(handle, pin.expose(SecretAccess.granted()), pin.size()));
    }

    @Override
    public long createObject(Template template) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment form = NativeForm.of(template, call);
            check("C_CreateObject", functions.createObject(handle, form, count(template), object));
            return object.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    @Override
    public long copyObject(long source, Template changes) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment form = NativeForm.of(changes, call);
            check("C_CopyObject", functions.copyObject(handle, source, form, count(changes), object));
            return object.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    @Override
    public void destroyObject(long target) {
        check("C_DestroyObject", functions.destroyObject(handle, target));
    }

    @Override
    public long[] findObjects(Template template) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment form = NativeForm.of(template, call);
            SearchStart.begin(
                    () -> check("C_FindObjectsInit", functions.findObjectsInit(handle, form, count(template))),
                    this::endSearch);
            try {
                return drainSearch(call);
            } finally {
                endSearch();
            }
        }
    }

    private void endSearch() {
        check("C_FindObjectsFinal", functions.findObjectsFinal(handle));
    }

    private long[] drainSearch(SegmentAllocator call) {
        int room = 64;
        MemorySegment found = call.allocate(ValueLayout.JAVA_LONG, room);
        long[] all = new long[0];
        while (true) {
            check("C_FindObjects", functions.findObjects(handle, found, room, length));
            int count = (int) length.get(ValueLayout.JAVA_LONG, 0);
            if (count == 0) {
                return all;
            }
            all = Arrays.copyOf(all, all.length + count);
            MemorySegment.copy(found, ValueLayout.JAVA_LONG, 0, all, all.length - count, count);
        }
    }

    @Override
    public long getAttribute(long target, Cka type, MemorySegment out) {
        NativeForm.setAttribute(attribute, 0, type, out, out.byteSize());
        long answer = functions.getAttributeValue(handle, target, attribute, 1);
        if (answer == Ckr.ATTRIBUTE_SENSITIVE.code() || answer == Ckr.ATTRIBUTE_TYPE_INVALID.code()) {
            return Ck.UNAVAILABLE;
        }
        check("C_GetAttributeValue", answer);
        return attribute.get(ValueLayout.JAVA_LONG, 16);
    }

    @Override
    public void setAttributes(long target, Template template) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment form = NativeForm.of(template, call);
            check("C_SetAttributeValue", functions.setAttributeValue(handle, target, form, count(template)));
        }
    }

    @Override
    public long generateKey(Mechanism mechanism, Template template) {
        check("C_GenerateKey", functions.generateKey(handle, form(mechanism), form(template), count(template), object));
        return object.get(ValueLayout.JAVA_LONG, 0);
    }

    @Override
    public KeyPairHandles generateKeyPair(Mechanism mechanism, Template publicTemplate, Template privateTemplate) {
        check(
                "C_GenerateKeyPair",
                functions.generateKeyPair(
                        handle,
                        form(mechanism),
                        form(publicTemplate),
                        count(publicTemplate),
                        form(privateTemplate),
                        count(privateTemplate),
                        object,
                        otherObject));
        return new KeyPairHandles(object.get(ValueLayout.JAVA_LONG, 0), otherObject.get(ValueLayout.JAVA_LONG, 0));
    }

    @Override
    public int wrapKey(Mechanism mechanism, long wrappingKey, long key, MemorySegment out) {
        length.set(ValueLayout.JAVA_LONG, 0, out.byteSize());
        check("C_WrapKey", functions.wrapKey(handle, form(mechanism), wrappingKey, key, out, length));
        return writtenLength();
    }

    @Override
    public long unwrapKey(
            Mechanism mechanism, long unwrappingKey, MemorySegment wrapped, int wrappedLength, Template template) {
        Objects.checkFromIndexSize(0, wrappedLength, wrapped.byteSize());
        check(
                "C_UnwrapKey",
                functions.unwrapKey(
                        handle,
                        form(mechanism),
                        unwrappingKey,
                        wrapped,
                        wrappedLength,
                        form(template),
                        count(template),
                        object));
        return object.get(ValueLayout.JAVA_LONG, 0);
    }

    /** The parameter is another at each call, so its form is not kept. */
    @Override
    public long deriveKey(Mechanism mechanism, long baseKey, Template template) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment parameter = NativeForm.of(mechanism, call);
            check(
                    "C_DeriveKey",
                    functions.deriveKey(handle, parameter, baseKey, form(template), count(template), object));
            return object.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    @Override
    public int encrypt(Mechanism mechanism, long key, MemorySegment in, int inLength, MemorySegment out) {
        Objects.checkFromIndexSize(0, inLength, in.byteSize());
        check("C_EncryptInit", functions.encryptInit(handle, form(mechanism), key));
        return finish("C_Encrypt", functions::encrypt, in, inLength, out);
    }

    @Override
    public int decrypt(Mechanism mechanism, long key, MemorySegment in, int inLength, MemorySegment out) {
        Objects.checkFromIndexSize(0, inLength, in.byteSize());
        check("C_DecryptInit", functions.decryptInit(handle, form(mechanism), key));
        return finish("C_Decrypt", functions::decrypt, in, inLength, out);
    }

    @Override
    public int sign(Mechanism mechanism, long key, MemorySegment in, int inLength, MemorySegment out) {
        Objects.checkFromIndexSize(0, inLength, in.byteSize());
        if (mechanism.parameter() instanceof Mechanism.OneCall) {
            try (Arena call = Arena.ofConfined()) {
                check("C_SignInit", functions.signInit(handle, NativeForm.of(mechanism, call), key));
                return finish("C_Sign", functions::sign, in, inLength, out);
            }
        }
        check("C_SignInit", functions.signInit(handle, form(mechanism), key));
        return finish("C_Sign", functions::sign, in, inLength, out);
    }

    /** The second half of encrypt, decrypt and sign, which share one signature. */
    @FunctionalInterface
    private interface Finish {
        long call(long session, MemorySegment in, long inLength, MemorySegment out, MemorySegment outLength);
    }

    private int finish(String function, Finish finish, MemorySegment in, int inLength, MemorySegment out) {
        length.set(ValueLayout.JAVA_LONG, 0, out.byteSize());
        long answer = finish.call(handle, in, inLength, out, length);
        if (answer == Ckr.BUFFER_TOO_SMALL.code()) {
            endOperation(function, finish, in, inLength);
        }
        check(function, answer);
        return writtenLength();
    }

    /** A buffer that was too small leaves the operation active: run it to its end, and wipe what it gave. */
    private void endOperation(String function, Finish finish, MemorySegment in, int inLength) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment rest = call.allocate(length.get(ValueLayout.JAVA_LONG, 0));
            check(function, finish.call(handle, in, inLength, rest, length));
            rest.fill((byte) 0);
        }
    }

    @Override
    public void generateRandom(MemorySegment out) {
        check("C_GenerateRandom", functions.generateRandom(handle, out, out.byteSize()));
    }

    @Override
    public void close() {
        if (handle != Ck.CK_INVALID_HANDLE) {
            long closing = handle;
            handle = Ck.CK_INVALID_HANDLE;
            check("C_CloseSession", functions.closeSession(closing));
        }
    }

    private int writtenLength() {
        return (int) length.get(ValueLayout.JAVA_LONG, 0);
    }

    private static int count(Template template) {
        return template.attributes().size();
    }

    private MemorySegment form(Template template) {
        MemorySegment form = templates.get(template);
        if (form == null) {
            boolean keep = templates.size() < CACHED_FORMS;
            form = NativeForm.of(template, keep ? memory : Arena.ofAuto());
            if (keep) {
                templates.put(template, form);
            }
        }
        return form;
    }

    private MemorySegment form(Mechanism mechanism) {
        MemorySegment form = mechanisms.get(mechanism);
        if (form == null) {
            boolean keep = mechanisms.size() < CACHED_FORMS;
            form = NativeForm.of(mechanism, keep ? memory : Arena.ofAuto());
            if (keep) {
                mechanisms.put(mechanism, form);
            }
        }
        return form;
    }
}
