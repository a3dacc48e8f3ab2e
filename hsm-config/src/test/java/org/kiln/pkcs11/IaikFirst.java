package org.kiln.pkcs11;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import org.kiln.secret.Secret;
import org.kiln.token.JcaToken;
import org.kiln.token.ScratchToken;
import org.kiln.token.SoftHsm;

/** A process of its own, in which the wrapper is the first to initialise the module and the others come after. */
final class IaikFirst {

    static final String SHARED = "the three bindings share the module";

    private IaikFirst() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws Exception {
        ScratchToken.configurationFolder();
        Path module = ScratchToken.profile().findModule();
        Cryptoki iaik = IaikCryptoki.load(module);
        try (Secret so = ScratchToken.soPin();
                Secret pin = ScratchToken.userPin()) {
            long slot = SoftHsm.createToken(iaik, "iaik-first", so, pin).slot();
            Session first = iaik.openSession(slot, true);
            first.login(Ck.CKU_USER, pin);
            long key = first.generateKey(
                    Mechanism.of(Ckm.AES_KEY_GEN),
                    Template.builder()
                            .with(Cka.TOKEN, false)
                            .with(Cka.VALUE_LEN, 16L)
                            .build());
            try (Session second = FfmCryptoki.load(module).openSession(slot, true)) {
                second.login(Ck.CKU_USER, pin);
                JcaToken jca = JcaToken.open("iaik-first", module, slot, pin);
                System.gc();
                if (Arrays.equals(encrypted(first, key), encrypted(second, key))
                        && jca.keyStore().size() == 0) {
                    System.out.println(SHARED);
                }
            }
        }
    }

    private static byte[] encrypted(Session session, long key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(16);
            session.encrypt(Mechanism.of(Ckm.AES_ECB), key, block, 16, block);
            return block.toArray(ValueLayout.JAVA_BYTE);
        }
    }
}
