package org.kiln.personalisation.generation;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.kiln.kms.aka.Opc;
import org.kiln.kms.aka.Tuak;
import org.kiln.kms.keys.KeyPolicy;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.kms.subscriber.Engine;
import org.kiln.personalisation.profile.Authentication;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.LockedMemory;
import org.kiln.token.TokenProfile;

/**
 * Makes Ki and OPc, or TOPc. A Ki stays hidden in the token, unless its network's engine is the guarded host: then the
 * host reads it, into locked memory that is wiped, to compute TOPc; and both once more for each file that has them in key
 * blocks.
 */
public final class SubscriberKeyMaker {

    private static final Mechanism AES_KEY_GEN = Mechanism.of(Ckm.AES_KEY_GEN);
    private static final int OPC = 16;
    private static final int TOPC = 32;

    private final Algorithm algorithm;
    private final Engine engine;
    private final TokenProfile token;
    private final StorageKeys storage;
    private final KeyPolicy policy;
    private final MemorySegment operatorConstant;
    private final Template template;
    private final int keyOctets;

    /**
     * @param operatorConstant OP or TOP; empty where the algorithm has none
     * @param leaving under which keys Ki is to leave the token
     */
    public SubscriberKeyMaker(
            Authentication authentication,
            Engine engine,
            TokenProfile token,
            StorageKeys storage,
            MemorySegment operatorConstant,
            Leaving leaving) {
        algorithm = authentication.parsedAlgorithm();
        this.engine = engine;
        this.token = token;
        this.storage = storage;
        this.operatorConstant = operatorConstant;
        keyOctets = authentication.octetsOfKey();
        policy = new KeyPolicy(token.privateSessionObjects());
        template = engine == Engine.GUARDED_HOST
                ? policy.newReadableSubscriberKey(keyOctets)
                : switch (leaving) {
                    case UNDER_TRUSTED_KEYS -> policy.newSubscriberKey(keyOctets);
                    case UNDER_A_ONE_TIME_KEY -> policy.newDeviceKey(keyOctets, Cka.ENCRYPT);
                };
    }

    /** Sees Ki, and OPc if there is one, while they are objects of the session. */
    public interface Sight {
        void ki(long object);

        void opc(long object);
    }

    /** What the store keeps. */
    public record Stored(WrappedKey ki, WrappedKey opc) {}

    /** Makes both; {@code sight} sees them while they exist. */
    public Stored make(Session session, Sight sight) {
        long ki = session.generateKey(AES_KEY_GEN, template);
        try {
            sight.ki(ki);
            WrappedKey storedKi =
                    engine == Engine.GUARDED_HOST ? storage.shelve(session, ki) : storage.hide(session, ki);
            return new Stored(storedKi, opc(session, ki, sight));
        } finally {
            session.destroyObject(ki);
        }
    }

    private WrappedKey opc(Session session, long ki, Sight sight) {
        return switch (algorithm.opcOctets()) {
            case 0 -> WrappedKey.NONE;
            case OPC -> milenage(session, ki, sight);
            default -> tuak(session, ki, sight);
        };
    }

    private WrappedKey milenage(Session session, long ki, Sight sight) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment opc = arena.allocate(OPC, 8);
            try {
                Opc.compute(
                        (in, length, out) -> session.encrypt(token.aesEcb(), ki, in, length, out),
                        operatorConstant,
                        opc);
                return shelved(session, opc, sight);
            } finally {
                opc.fill((byte) 0);
            }
        }
    }

    private WrappedKey tuak(Session session, long ki, Sight sight) {
        synchronized (GuardedPage.MEMORY) {
            MemorySegment memory = GuardedPage.MEMORY;
            MemorySegment k = memory.asSlice(0, keyOctets);
            MemorySegment topc = memory.asSlice(TOPC, TOPC);
            try {
                storage.readNewKi(session, ki, k);
                new Tuak(memory.asSlice(2L * TOPC, Tuak.WORKSPACE))
                        .with(((Algorithm.Tuak) algorithm).chosen())
                        .topc(k, operatorConstant, topc);
                return shelved(session, topc, sight);
            } finally {
                memory.fill((byte) 0);
            }
        }
    }

    private WrappedKey shelved(Session session, MemorySegment opc, Sight sight) {
        long object =
                session.createObject(engine == Engine.GUARDED_HOST ? policy.newReadableOpc(opc) : policy.newOpc(opc));
        try {
            sight.opc(object);
        } finally {
            session.destroyObject(object);
        }
        return storage.shelveOpc(session, opc);
    }

    /** One page for all lanes, locked when the first card of the guarded host is made. */
    private static final class GuardedPage {
        private static final MemorySegment MEMORY = LockedMemory.allocate(2L * TOPC + Tuak.WORKSPACE);
    }
}
