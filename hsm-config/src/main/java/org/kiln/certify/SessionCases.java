package org.kiln.certify;

import static org.kiln.certify.Bench.differ;
import static org.kiln.certify.Bench.same;
import static org.kiln.certify.OperationCases.CIPHER;
import static org.kiln.certify.OperationCases.KEY;
import static org.kiln.certify.OperationCases.PLAIN;
import static org.kiln.certify.OperationCases.ZERO;
import static org.kiln.certify.OperationCases.user;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;

/** Sessions and objects that live as long as they should, and go on after a refusal. */
final class SessionCases {

    private static final int THREADS = 4;
    private static final int ROUNDS = 25;

    private SessionCases() {}

    static List<CertifyCase> all() {
        return List.of(
                user("an input that is no whole block is refused, and the session goes on", SessionCases::odd),
                user("a buffer too small is reported, and the session goes on", SessionCases::tooSmall),
                user("a destroyed key is gone", SessionCases::destroyed),
                user("a session's keys go with it", SessionCases::sessionObjects),
                user("private session keys go with the login", SessionCases::logout),
                user("a token key outlives its session and is found by its label", SessionCases::tokenObjects),
                user("sessions work at once, each with its own answers", SessionCases::concurrent));
    }

    private static void odd(Bench bench) {
        long key = bench.key(bench.scratch().aes(Cka.ENCRYPT), KEY);
        bench.refused("AES-ECB over 15 octets", () -> bench.encrypt(key, PLAIN.substring(2)));
        same("the next answer", CIPHER, bench.encrypt(key, PLAIN));
    }

    private static void tooSmall(Bench bench) {
        long key = bench.key(bench.scratch().aes(Cka.ENCRYPT), KEY);
        MemorySegment small = bench.room(8);
        bench.refused(
                "16 octets into 8",
                () -> bench.session().encrypt(bench.profile().aesEcb(), key, bench.octets(PLAIN), 16, small));
        same("the next answer", CIPHER, bench.encrypt(key, PLAIN));
    }

    private static void destroyed(Bench bench) {
        long key = bench.key(bench.scratch().aes(Cka.ENCRYPT), KEY);
        bench.session().destroyObject(key);
        bench.refused("using a destroyed key", () -> bench.encrypt(key, PLAIN));
    }

    private static void sessionObjects(Bench bench) {
        Template passing = bench.scratch()
                .fixedAes(Cka.ENCRYPT)
                .label(Scratch.LABEL + "-passing")
                .with(Cka.VALUE_LEN, 16L)
                .build();
        try (Session other = bench.open()) {
            other.generateKey(Mechanism.of(Ckm.AES_KEY_GEN), passing);
        }
        same(
                "the number of keys left",
                "0",
                Integer.toString(bench.session()
                        .findObjects(Template.builder()
                                .label(Scratch.LABEL + "-passing")
                                .build())
                        .length));
    }

    private static void logout(Bench bench) {
        Scratch hidden = new Scratch(true);
        long key = bench.key(hidden.aes(Cka.ENCRYPT), KEY);
        bench.becomeUser();
        bench.refused("using a private key of an earlier login", () -> bench.encrypt(key, PLAIN));
    }

    private static void tokenObjects(Bench bench) {
        try (Session other = bench.open()) {
            other.generateKey(
                    Mechanism.of(Ckm.AES_KEY_GEN), Scratch.lasting(Cka.ENCRYPT).build());
        }
        long[] found = bench.session()
                .findObjects(Template.builder().label(Scratch.LABEL).build());
        same("the number of keys found", "1", Integer.toString(found.length));
        differ("its answer and its input", bench.encrypt(found[0], ZERO), ZERO);
        bench.session().destroyObject(found[0]);
    }

    private static void concurrent(Bench bench) throws Exception {
        String expected = bench.encrypt(bench.key(bench.scratch().aes(Cka.ENCRYPT), KEY), PLAIN);
        List<Callable<Void>> work = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            work.add(() -> {
                try (Bench own = bench.beside()) {
                    for (int round = 0; round < ROUNDS; round++) {
                        long key = own.key(own.scratch().aes(Cka.ENCRYPT, Cka.WRAP, Cka.UNWRAP), KEY);
                        same("an answer", expected, own.encrypt(key, PLAIN));
                        OperationCases.unwrap(own);
                        own.session().destroyObject(key);
                    }
                }
                return null;
            });
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            for (Future<Void> done : threads.invokeAll(work)) {
                done.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }
}
