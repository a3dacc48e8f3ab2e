package org.kiln.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.kiln.token.ScratchToken;

/** Sessions that vanish, keys that vanish with the login, and everything at once. */
abstract class SessionContract extends RulesContract {

    /** As when a token is reset or its client reconnects: the handle is stale and Kiln does not know. */
    @Test
    void aSessionThatWasClosedUnderneathSaysSo() throws Exception {
        Session victim = openAs(Ck.CKU_USER);
        long key = importAes(KEY, Cka.ENCRYPT);
        Field handle = victim.getClass().getDeclaredField("handle");
        handle.setAccessible(true);
        long stale = handle.getLong(victim);
        victim.close();
        handle.setLong(victim, stale);
        MemorySegment room = arena.allocate(64);
        Ckr gone = Ckr.SESSION_HANDLE_INVALID;
        refused("C_EncryptInit", gone, () -> victim.encrypt(ECB, key, room, 16, room));
        refused("C_GenerateKey", gone, () -> victim.generateKey(MAKE_AES, READABLE));
        refused("C_FindObjectsInit", gone, () -> victim.findObjects(READABLE));
        refused("C_GenerateRandom", gone, () -> victim.generateRandom(room));
        refused("C_DeriveKey", gone, () -> victim.deriveKey(Mechanism.aesEcbData(new byte[16]), key, READABLE));
        refused("C_CloseSession", gone, victim::close);
        victim.close();
        assertThat(encrypted(key, PLAIN)).as("the other session goes on").isEqualTo(CIPHER);
    }

    static Stream<Arguments> usesOfAKey() {
        MemorySegment room = Arena.global().allocate(64);
        Mechanism wrap = ScratchToken.profile().aesKeyWrap();
        return Stream.of(
                use("encrypt", (s, key) -> s.encrypt(ECB, key, room, 16, room)),
                use("decrypt", (s, key) -> s.decrypt(ECB, key, room, 16, room)),
                use("sign", (s, key) -> s.sign(CMAC, key, room, 16, room)),
                use("wrap", (s, key) -> s.wrapKey(wrap, key, key, room)),
                use("unwrap", (s, key) -> s.unwrapKey(wrap, key, room, 24, READABLE)),
                use("derive", (s, key) -> s.deriveKey(Mechanism.aesEcbData(new byte[16]), key, READABLE)),
                use(
                        "copy",
                        (s, key) -> s.copyObject(
                                key, Template.builder().label("copy").build())),
                use("read", (s, key) -> s.getAttribute(key, Cka.LABEL, room)),
                use(
                        "change",
                        (s, key) -> s.setAttributes(
                                key, Template.builder().label("other").build())),
                use("destroy", Session::destroyObject));
    }

    @FunctionalInterface
    interface KeyUse {
        void run(Session session, long key);
    }

    private static Arguments use(String name, KeyUse use) {
        return Arguments.of(name, use);
    }

    /** The kind tells a lane to rebuild its handles and try again. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("usesOfAKey")
    void aKeyThatWentWithTheLoginIsStaleForEveryUse(String name, KeyUse use) {
        Template usable =
                with(SECRET_AES, Cka.PRIVATE, Cka.ENCRYPT, Cka.DECRYPT, Cka.SIGN, Cka.WRAP, Cka.UNWRAP, Cka.DERIVE);
        long key = session.generateKey(
                MAKE_AES, usable.toBuilder().with(Cka.VALUE_LEN, 16L).build());
        become(Ck.CKU_USER);
        assertThatThrownBy(() -> use.run(session, key))
                .isInstanceOfSatisfying(
                        Pkcs11Exception.class,
                        e -> assertThat(e.ckr().kind()).as(e.getMessage()).isEqualTo(Ckr.Kind.SESSION));
        assertThat(encrypted(importAes(KEY, Cka.ENCRYPT), PLAIN)).isEqualTo(CIPHER);
    }

    @Test
    void sixSessionsDoEveryOperationAtOnceEachWithItsOwnRightAnswers() throws Exception {
        int lanes = 6;
        CyclicBarrier start = new CyclicBarrier(lanes);
        List<Callable<Void>> work = new ArrayList<>();
        for (int lane = 0; lane < lanes; lane++) {
            int own = lane;
            work.add(() -> {
                try (Session opened = openAs(Ck.CKU_USER);
                        Arena memory = Arena.ofConfined()) {
                    Everything everything = new Everything(opened, memory, own);
                    start.await();
                    for (int round = 0; round < 40; round++) {
                        everything.once();
                    }
                }
                return null;
            });
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(lanes)) {
            for (Future<Void> done : threads.invokeAll(work, 2, TimeUnit.MINUTES)) {
                done.get();
            }
        }
        assertThat(session.findObjects(READABLE)).isEmpty();
    }

    /** SoftHSM refuses some of these searches, and leaves them open. */
    @Test
    void aSearchFindsItsObjectWhileOthersThatHaveLabelsGo() throws Exception {
        AtomicBoolean searching = new AtomicBoolean(true);
        try (Session sought = openAs(Ck.CKU_USER);
                Session going = openAs(Ck.CKU_USER);
                ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Future<Integer> coming = thread.submit(() -> {
                int count = 0;
                while (searching.get()) {
                    going.destroyObject(createLabelled(going, "going"));
                    count++;
                }
                return count;
            });
            try {
                long staying = createLabelled(sought, "staying");
                for (int search = 0; search < 3000; search++) {
                    assertThat(sought.findObjects(
                                    Template.builder().label("staying").build()))
                            .containsExactly(staying);
                }
            } finally {
                searching.set(false);
            }
            assertThat(coming.get()).isPositive();
        }
    }

    private static long createLabelled(Session session, String label) {
        try (Arena memory = Arena.ofConfined()) {
            return session.createObject(with(READABLE).toBuilder()
                    .label(label)
                    .with(Cka.VALUE, memory.allocateFrom(ValueLayout.JAVA_BYTE, HEX.parseHex(KEY)))
                    .build());
        }
    }

    /** One thread's round through the operations; its keys bear its number, so that another's answer would show. */
    private static final class Everything {

        private final Session own;
        private final Arena memory;
        private final String key;
        private final String label;

        Everything(Session own, Arena memory, int lane) {
            this.own = own;
            this.memory = memory;
            key = "%02x".formatted(lane) + KEY.substring(2);
            label = "lane " + lane;
        }

        void once() {
            long made = own.createObject(
                    with(READABLE, Cka.ENCRYPT, Cka.DECRYPT, Cka.SIGN, Cka.WRAP, Cka.UNWRAP, Cka.DERIVE).toBuilder()
                            .label(label)
                            .with(Cka.VALUE, memory.allocateFrom(ValueLayout.JAVA_BYTE, HEX.parseHex(key)))
                            .build());
            assertThat(own.findObjects(Template.builder().label(label).build())).containsExactly(made);
            MemorySegment plain = memory.allocateFrom(ValueLayout.JAVA_BYTE, HEX.parseHex(PLAIN));
            MemorySegment out = memory.allocate(32);
            assertThat(own.encrypt(ECB, made, plain, 16, out)).isEqualTo(16);
            String cipher = hex(out, 16);
            MemorySegment back = memory.allocate(16);
            own.decrypt(ECB, made, out, 16, back);
            assertThat(hex(back)).isEqualTo(PLAIN);
            own.sign(CMAC, made, plain, 16, out);
            String mac = hex(out, 16);
            own.sign(CMAC, made, plain, 16, back);
            assertThat(hex(back)).isEqualTo(mac).isNotEqualTo(cipher);

            int length = own.wrapKey(ScratchToken.profile().aesKeyWrapPadded(), made, made, out);
            long unwrapped = own.unwrapKey(ScratchToken.profile().aesKeyUnwrapPadded(), made, out, length, READABLE);
            assertThat(value(unwrapped)).isEqualTo(key);
            long derived = own.deriveKey(
                    Mechanism.aesEcbData(HEX.parseHex(PLAIN)),
                    made,
                    READABLE.toBuilder().with(Cka.VALUE_LEN, 16L).build());
            assertThat(value(derived)).isEqualTo(cipher);
            long copy = own.copyObject(
                    derived, Template.builder().label(label + " copy").build());
            assertThat(value(copy)).isEqualTo(cipher);
            own.setAttributes(copy, Template.builder().label(label + " other").build());
            long generated = own.generateKey(
                    MAKE_AES, READABLE.toBuilder().with(Cka.VALUE_LEN, 16L).build());
            assertThat(value(generated)).isNotEqualTo(key).isNotEqualTo(cipher);
            own.generateRandom(out);
            refused("C_Encrypt", Ckr.DATA_LEN_RANGE, () -> own.encrypt(ECB, made, plain, 15, out));
            for (long object : new long[] {made, unwrapped, derived, copy, generated}) {
                own.destroyObject(object);
            }
        }

        private String value(long object) {
            MemorySegment value = memory.allocate(16);
            own.getAttribute(object, Cka.VALUE, value);
            return hex(value);
        }
    }

    /** Nothing but wrong answers may come of a call that has no room; the next call has it. */
    @Test
    void aCallThatHadNoRoomIsRepeatedWithRoom() {
        long key = importAes(KEY, Cka.ENCRYPT, Cka.WRAP);
        MemorySegment in = octets(PLAIN + PLAIN);
        for (int room = 0; room < 32; room += 8) {
            MemorySegment small = arena.allocate(room);
            Consumer<MemorySegment> encrypt = out -> session.encrypt(ECB, key, in, 32, out);
            assertThatThrownBy(() -> encrypt.accept(small))
                    .isInstanceOfSatisfying(
                            Pkcs11Exception.class, e -> assertThat(e.ckr()).isEqualTo(Ckr.BUFFER_TOO_SMALL));
            MemorySegment enough = arena.allocate(32);
            encrypt.accept(enough);
            assertThat(hex(enough)).isEqualTo(CIPHER + CIPHER);
        }
    }
}
