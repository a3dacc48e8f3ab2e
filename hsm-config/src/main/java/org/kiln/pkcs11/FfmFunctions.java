package org.kiln.pkcs11;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The raw layer: each Cryptoki function as a Java method that answers its {@code CK_RV}.
 *
 * <p>Downcall handles are made once per signature and are constants to the compiler; the function's address, read from
 * the module's {@code CK_FUNCTION_LIST}, is their first argument. Handle names spell the parameters: L a
 * {@code CK_ULONG} or handle, A a pointer, B a {@code CK_BBOOL}.
 */
final class FfmFunctions {

    private static final Linker LINKER = Linker.nativeLinker();

    private static final MethodHandle A = handle(ValueLayout.ADDRESS);
    private static final MethodHandle L = handle(ValueLayout.JAVA_LONG);
    private static final MethodHandle LA = handle(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS);
    private static final MethodHandle LL = handle(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG);
    private static final MethodHandle BAA = handle(ValueLayout.JAVA_BYTE, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
    private static final MethodHandle LAA = handle(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
    private static final MethodHandle LAL = handle(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG);
    private static final MethodHandle LLA = handle(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS);
    private static final MethodHandle LALA =
            handle(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS);
    private static final MethodHandle LLAL =
            handle(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG);
    private static final MethodHandle LAALA = handle(
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS);
    private static final MethodHandle LALAA = handle(
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS,
            ValueLayout.ADDRESS);
    private static final MethodHandle LLAAA = handle(
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS,
            ValueLayout.ADDRESS,
            ValueLayout.ADDRESS);
    private static final MethodHandle LLALA = handle(
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS);
    private static final MethodHandle LALLAA = handle(
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS,
            ValueLayout.ADDRESS);
    private static final MethodHandle LAALALAA = handle(
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS,
            ValueLayout.ADDRESS);
    private static final MethodHandle LALALA = handle(
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS);
    private static final MethodHandle LALALALA = handle(
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS);

    /** {@code CK_FUNCTION_LIST} begins with a two-octet version, padded to the size of a pointer. */
    private static final long FIRST_FUNCTION = 8;

    private final MemorySegment initialize;
    private final MemorySegment finalizeModule;
    private final MemorySegment getSlotList;
    private final MemorySegment getTokenInfo;
    private final MemorySegment getMechanismList;
    private final MemorySegment getMechanismInfo;
    private final MemorySegment initToken;
    private final MemorySegment initPIN;
    private final MemorySegment openSession;
    private final MemorySegment closeSession;
    private final MemorySegment getSessionInfo;
    private final MemorySegment login;
    private final MemorySegment logout;
    private final MemorySegment createObject;
    private final MemorySegment copyObject;
    private final MemorySegment destroyObject;
    private final MemorySegment getAttributeValue;
    private final MemorySegment setAttributeValue;
    private final MemorySegment findObjectsInit;
    private final MemorySegment findObjects;
    private final MemorySegment findObjectsFinal;
    private final MemorySegment encryptInit;
    private final MemorySegment encrypt;
    private final MemorySegment decryptInit;
    private final MemorySegment decrypt;
    private final MemorySegment signInit;
    private final MemorySegment sign;
    private final MemorySegment generateKey;
    private final MemorySegment generateKeyPair;
    private final MemorySegment wrapKey;
    private final MemorySegment unwrapKey;
    private final MemorySegment deriveKey;
    private final MemorySegment generateRandom;

    /** Reads the function pointers from a {@code CK_FUNCTION_LIST}, in the order of PKCS#11 2.40. */
    FfmFunctions(MemorySegment functionList) {
        initialize = pointer(functionList, 0);
        finalizeModule = pointer(functionList, 1);
        getSlotList = pointer(functionList, 4);
        getTokenInfo = pointer(functionList, 6);
        getMechanismList = pointer(functionList, 7);
        getMechanismInfo = pointer(functionList, 8);
        initToken = pointer(functionList, 9);
        initPIN = pointer(functionList, 10);
        openSession = pointer(functionList, 12);
        closeSession = pointer(functionList, 13);
        getSessionInfo = pointer(functionList, 15);
        login = pointer(functionList, 18);
        logout = pointer(functionList, 19);
        createObject = pointer(functionList, 20);
        copyObject = pointer(functionList, 21);
        destroyObject = pointer(functionList, 22);
        getAttributeValue = pointer(functionList, 24);
        setAttributeValue = pointer(functionList, 25);
        findObjectsInit = pointer(functionList, 26);
        findObjects = pointer(functionList, 27);
        findObjectsFinal = pointer(functionList, 28);
        encryptInit = pointer(functionList, 29);
        encrypt = pointer(functionList, 30);
        decryptInit = pointer(functionList, 33);
        decrypt = pointer(functionList, 34);
        signInit = pointer(functionList, 42);
        sign = pointer(functionList, 43);
        generateKey = pointer(functionList, 58);
        generateKeyPair = pointer(functionList, 59);
        wrapKey = pointer(functionList, 60);
        unwrapKey = pointer(functionList, 61);
        deriveKey = pointer(functionList, 62);
        generateRandom = pointer(functionList, 64);
    }

    private static MemorySegment pointer(MemorySegment functionList, int index) {
        return functionList.get(ValueLayout.ADDRESS, FIRST_FUNCTION + index * ValueLayout.ADDRESS.byteSize());
    }

    private static MethodHandle handle(MemoryLayout... parameters) {
        return LINKER.downcallHandle(FunctionDescriptor.of(ValueLayout.JAVA_LONG, parameters));
    }

    long initialize(MemorySegment arguments) {
        try {
            return (long) A.invokeExact(initialize, arguments);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long finalizeModule() {
        try {
            return (long) A.invokeExact(finalizeModule, MemorySegment.NULL);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long getSlotList(boolean tokenPresent, MemorySegment slots, MemorySegment count) {
        try {
            return (long) BAA.invokeExact(getSlotList, (byte) (tokenPresent ? 1 : 0), slots, count);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long getTokenInfo(long slot, MemorySegment info) {
        try {
            return (long) LA.invokeExact(getTokenInfo, slot, info);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long getMechanismList(long slot, MemorySegment mechanisms, MemorySegment count) {
        try {
            return (long) LAA.invokeExact(getMechanismList, slot, mechanisms, count);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long getMechanismInfo(long slot, long mechanism, MemorySegment info) {
        try {
            return (long) LLA.invokeExact(getMechanismInfo, slot, mechanism, info);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long initToken(long slot, MemorySegment pin, long pinLength, MemorySegment label) {
        try {
            return (long) LALA.invokeExact(initToken, slot, pin, pinLength, label);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long initPIN(long session, MemorySegment pin, long pinLength) {
        try {
            return (long) LAL.invokeExact(initPIN, session, pin, pinLength);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long openSession(long slot, long flags, MemorySegment session) {
        try {
            return (long) LLAAA.invokeExact(openSession, slot, flags, MemorySegment.NULL, MemorySegment.NULL, session);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long closeSession(long session) {
        try {
            return (long) L.invokeExact(closeSession, session);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long getSessionInfo(long session, MemorySegment info) {
        try {
            return (long) LA.invokeExact(getSessionInfo, session, info);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long login(long session, long userType, MemorySegment pin, long pinLength) {
        try {
            return (long) LLAL.invokeExact(login, session, userType, pin, pinLength);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long logout(long session) {
        try {
            return (long) L.invokeExact(logout, session);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long createObject(long session, MemorySegment template, long attributes, MemorySegment object) {
        try {
            return (long) LALA.invokeExact(createObject, session, template, attributes, object);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long copyObject(long session, long object, MemorySegment template, long attributes, MemorySegment copy) {
        try {
            return (long) LLALA.invokeExact(copyObject, session, object, template, attributes, copy);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long destroyObject(long session, long object) {
        try {
            return (long) LL.invokeExact(destroyObject, session, object);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long getAttributeValue(long session, long object, MemorySegment template, long attributes) {
        try {
            return (long) LLAL.invokeExact(getAttributeValue, session, object, template, attributes);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long setAttributeValue(long session, long object, MemorySegment template, long attributes) {
        try {
            return (long) LLAL.invokeExact(setAttributeValue, session, object, template, attributes);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long findObjectsInit(long session, MemorySegment template, long attributes) {
        try {
            return (long) LAL.invokeExact(findObjectsInit, session, template, attributes);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long findObjects(long session, MemorySegment objects, long room, MemorySegment count) {
        try {
            return (long) LALA.invokeExact(findObjects, session, objects, room, count);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long findObjectsFinal(long session) {
        try {
            return (long) L.invokeExact(findObjectsFinal, session);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long encryptInit(long session, MemorySegment mechanism, long key) {
        try {
            return (long) LAL.invokeExact(encryptInit, session, mechanism, key);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long encrypt(long session, MemorySegment in, long inLength, MemorySegment out, MemorySegment outLength) {
        try {
            return (long) LALAA.invokeExact(encrypt, session, in, inLength, out, outLength);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long decryptInit(long session, MemorySegment mechanism, long key) {
        try {
            return (long) LAL.invokeExact(decryptInit, session, mechanism, key);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long decrypt(long session, MemorySegment in, long inLength, MemorySegment out, MemorySegment outLength) {
        try {
            return (long) LALAA.invokeExact(decrypt, session, in, inLength, out, outLength);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long signInit(long session, MemorySegment mechanism, long key) {
        try {
            return (long) LAL.invokeExact(signInit, session, mechanism, key);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long sign(long session, MemorySegment in, long inLength, MemorySegment out, MemorySegment outLength) {
        try {
            return (long) LALAA.invokeExact(sign, session, in, inLength, out, outLength);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long generateKey(
            long session, MemorySegment mechanism, MemorySegment template, long attributes, MemorySegment key) {
        try {
            return (long) LAALA.invokeExact(generateKey, session, mechanism, template, attributes, key);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long generateKeyPair(
            long session,
            MemorySegment mechanism,
            MemorySegment publicTemplate,
            long publicAttributes,
            MemorySegment privateTemplate,
            long privateAttributes,
            MemorySegment publicKey,
            MemorySegment privateKey) {
        try {
            return (long) LAALALAA.invokeExact(
                    generateKeyPair,
                    session,
                    mechanism,
                    publicTemplate,
                    publicAttributes,
                    privateTemplate,
                    privateAttributes,
                    publicKey,
                    privateKey);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long wrapKey(
            long session,
            MemorySegment mechanism,
            long wrappingKey,
            long key,
            MemorySegment out,
            MemorySegment outLength) {
        try {
            return (long) LALLAA.invokeExact(wrapKey, session, mechanism, wrappingKey, key, out, outLength);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long unwrapKey(
            long session,
            MemorySegment mechanism,
            long unwrappingKey,
            MemorySegment wrapped,
            long wrappedLength,
            MemorySegment template,
            long attributes,
            MemorySegment key) {
        try {
            return (long) LALALALA.invokeExact(
                    unwrapKey, session, mechanism, unwrappingKey, wrapped, wrappedLength, template, attributes, key);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long deriveKey(
            long session,
            MemorySegment mechanism,
            long baseKey,
            MemorySegment template,
            long attributes,
            MemorySegment key) {
        try {
            return (long) LALALA.invokeExact(deriveKey, session, mechanism, baseKey, template, attributes, key);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    long generateRandom(long session, MemorySegment out, long length) {
        try {
            return (long) LAL.invokeExact(generateRandom, session, out, length);
        } catch (Throwable t) {
            throw unreachable(t);
        }
    }

    private static RuntimeException unreachable(Throwable t) {
        if (t instanceof RuntimeException misuse) {
            return misuse;
        }
        return new IllegalStateException("a downcall threw", t);
    }
}
