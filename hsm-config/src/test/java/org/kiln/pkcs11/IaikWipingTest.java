package org.kiln.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import iaik.pkcs.pkcs11.wrapper.CK_ATTRIBUTE;
import iaik.pkcs.pkcs11.wrapper.PKCS11;
import iaik.pkcs.pkcs11.wrapper.PKCS11Exception;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.kiln.secret.Secret;

/** Every heap array that carries a PIN or key octets to or from the wrapper holds zeros once the call is over. */
class IaikWipingTest {

    private static final byte[] SECRET = "sixteen octets!!".getBytes(StandardCharsets.US_ASCII);

    private final Arena arena = Arena.ofConfined();
    private final List<Object> seen = new ArrayList<>();
    private boolean refuse;
    private final Session session = new IaikSession(
            (PKCS11) Proxy.newProxyInstance(
                    getClass().getClassLoader(),
                    new Class<?>[] {PKCS11.class},
                    (_, method, arguments) -> answer(method, arguments)),
            1);

    @AfterEach
    void close() {
        arena.close();
    }

    /** In place of a token: notes the arrays, which hold the secret now, and gives the secret back. */
    private Object answer(Method method, Object[] arguments) throws PKCS11Exception {
        for (Object argument : arguments) {
            if (argument instanceof char[] || argument instanceof byte[]) {
                note(argument);
            } else if (argument instanceof CK_ATTRIBUTE[] template
                    && !method.getName().equals("C_GetAttributeValue")) {
                note(template[0].pValue);
            }
        }
        if (refuse && !method.getName().endsWith("Init")) {
            throw new PKCS11Exception(Ckr.DEVICE_ERROR.code());
        }
        byte[] result = SECRET.clone();
        if (method.getName().equals("C_GetAttributeValue")) {
            CK_ATTRIBUTE[] template = (CK_ATTRIBUTE[]) arguments[2];
            template[0].pValue = result;
            note(result);
        } else if (method.getReturnType() == byte[].class) {
            note(result);
            return result;
        }
        return method.getReturnType() == long.class ? 1L : null;
    }

    private void note(Object array) {
        if (array instanceof byte[] octets) {
            if (octets.length == 32) {
                System.arraycopy(SECRET, 0, octets, 0, SECRET.length);
            }
            assertThat(octets).startsWith(SECRET);
        } else {
            assertThat(new String((char[]) array)).isEqualTo(new String(SECRET, StandardCharsets.US_ASCII));
        }
        seen.add(array);
    }

    private void wiped(int arrays, Runnable call) {
        for (boolean refusing : List.of(false, true)) {
            refuse = refusing;
            seen.clear();
            if (refusing) {
                assertThatThrownBy(call::run).isInstanceOf(Pkcs11Exception.class);
                assertThat(seen).isNotEmpty();
            } else {
                call.run();
                assertThat(seen).hasSize(arrays);
            }
            for (Object array : seen) {
                assertThat(
                                array instanceof char[] pin
                                        ? new String(pin).getBytes(StandardCharsets.US_ASCII)
                                        : (byte[]) array)
                        .containsOnly(0);
            }
        }
    }

    private MemorySegment secret() {
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, SECRET);
    }

    @Test
    void pinsAreWiped() {
        try (Secret pin = Secret.takeFrom(SECRET.clone())) {
            wiped(1, () -> session.login(Ck.CKU_USER, pin));
            wiped(1, () -> session.initPin(pin));
        }
    }

    @Test
    void valuesFromOutsideTheHeapAreWiped() {
        Template template = Template.builder().with(Cka.VALUE, secret()).build();
        wiped(1, () -> session.createObject(template));
        wiped(1, () -> session.copyObject(1, template));
        wiped(1, () -> session.setAttributes(1, template));
    }

    @Test
    void inputsAndResultsAreWiped() {
        MemorySegment out = arena.allocate(16);
        Mechanism mechanism = Mechanism.of(Ckm.AES_ECB);
        wiped(2, () -> session.encrypt(mechanism, 1, secret(), 16, out));
        wiped(2, () -> session.decrypt(mechanism, 1, secret(), 16, out));
        wiped(2, () -> session.sign(mechanism, 1, secret(), 16, out));
        assertThat(out.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(SECRET);
    }

    @Test
    void anAttributeThatWasReadIsWiped() {
        MemorySegment out = arena.allocate(16);
        session.getAttribute(1, Cka.VALUE, out);
        assertThat(out.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(SECRET);
        assertThat((byte[]) seen.getFirst()).containsOnly(0);
        assertThatThrownBy(() -> session.getAttribute(1, Cka.VALUE, arena.allocate(8)))
                .hasMessageContaining("CKR_BUFFER_TOO_SMALL");
        assertThat((byte[]) seen.getLast()).as("where it did not fit").containsOnly(0);
    }

    @Test
    void randomIsWiped() {
        MemorySegment out = arena.allocate(32);
        wiped(1, () -> session.generateRandom(out));
        assertThat(Arrays.copyOf(out.toArray(ValueLayout.JAVA_BYTE), 16)).isEqualTo(SECRET);
    }
}
