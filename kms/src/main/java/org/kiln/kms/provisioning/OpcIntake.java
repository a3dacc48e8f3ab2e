package org.kiln.kms.provisioning;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.aka.Opc;
import org.kiln.kms.aka.Tuak;
import org.kiln.kms.keys.KeyException;
import org.kiln.kms.keys.KeyPolicy;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.pkcs11.Session;
import org.kiln.token.LockedMemory;
import org.kiln.token.TokenProfile;

/** Takes OPc and TOPc under the OPc key, computes them where a row gives OP or TOP, and compares if it has both. */
final class OpcIntake {

    private static final int OP = 16;
    private static final int TOP = 32;

    private final StorageKeys storageKeys;
    private final TokenProfile profile;
    private final KeyPolicy policy;
    private final ArrivingKeys arriving;

    OpcIntake(StorageKeys storageKeys, TokenProfile profile, KeyPolicy policy, ArrivingKeys arriving) {
        this.storageKeys = storageKeys;
        this.profile = profile;
        this.policy = policy;
        this.arriving = arriving;
    }

    /**
     * OPc, or TOPc, of a subscriber whose Ki stays in the token.
     *
     * @param ki his Ki, which encrypts
     */
    WrappedKey inToken(Session session, LoadRow row, long readingKey, long ki) {
        if (!row.opc().hasConstant()) {
            return shelved(session, row, readingKey);
        }
        if (row.algorithm() instanceof Algorithm.Tuak) {
            throw new LoadFileException(
                    row.line(), LoadRow.ETOP, "TOPc cannot be computed where the token hides Ki; give etopc alone");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(2L * OP, 8);
            MemorySegment op = memory.asSlice(0, OP);
            MemorySegment opc = memory.asSlice(OP, OP);
            try {
                readOp(session, row, readingKey, op);
                Opc.compute((in, length, out) -> session.encrypt(profile.aesEcb(), ki, in, length, out), op, opc);
                return compared(session, row, readingKey, opc, "OP");
            } finally {
                memory.fill((byte) 0);
            }
        }
    }

    private void readOp(Session session, LoadRow row, long readingKey, MemorySegment op) {
        if (row.opc().operator().isEmpty()) {
            read(session, row, LoadRow.EOP, readingKey, row.opc().wrappedConstant(), op);
            return;
        }
        try {
            storageKeys.readOperatorConstant(session, row.opc().operator(), op);
        } catch (KeyException e) {
            throw new LoadFileException(row.line(), LoadRow.OP, String.valueOf(e.getMessage()));
        }
    }

    /** TOPc of a subscriber whose Ki the host reads; {@link WrappedKey#NONE} where the algorithm has none. */
    WrappedKey onHost(Session session, LoadRow row, long readingKey) {
        if (!row.opc().hasConstant()) {
            return row.opc().isGiven() ? shelved(session, row, readingKey) : WrappedKey.NONE;
        }
        MemorySegment memory = GuardedPage.MEMORY;
        synchronized (OpcIntake.class) {
            MemorySegment k = memory.asSlice(0, row.eki().length - 8L);
            MemorySegment top = memory.asSlice(TOP, TOP);
            MemorySegment topc = memory.asSlice(2L * TOP, TOP);
            try {
                read(session, row, "eki", readingKey, row.eki(), k);
                read(session, row, LoadRow.ETOP, readingKey, row.opc().wrappedConstant(), top);
                new Tuak(memory.asSlice(3L * TOP))
                        .with(((Algorithm.Tuak) row.algorithm()).chosen())
                        .topc(k, top, topc);
                return compared(session, row, readingKey, topc, "TOP");
            } finally {
                memory.fill((byte) 0);
            }
        }
    }

    /** One page for all imports, locked when the first TOP arrives. */
    private static final class GuardedPage {
        private static final MemorySegment MEMORY = LockedMemory.allocate(3L * TOP + Tuak.WORKSPACE);
    }

    /** Shelves what was computed, if it is what the row gives, or the row gives nothing. */
    private WrappedKey compared(
            Session session, LoadRow row, long readingKey, MemorySegment computed, String constant) {
        if (row.opc().isGiven()) {
            requireEqual(session, row, readingKey, computed, constant);
        }
        return storageKeys.shelveOpc(session, computed);
    }

    private void requireEqual(Session session, LoadRow row, long readingKey, MemorySegment computed, String constant) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment given = arena.allocate(computed.byteSize(), 8);
            try {
                read(session, row, column(row), readingKey, row.opc().wrapped(), given);
                int difference = 0;
                for (long i = 0; i < computed.byteSize(); i++) {
                    difference |= given.get(ValueLayout.JAVA_BYTE, i) ^ computed.get(ValueLayout.JAVA_BYTE, i);
                }
                if (difference != 0) {
                    throw new LoadFileException(row.line(), column(row), new AkaException.OpcMismatch(constant));
                }
            } finally {
                given.fill((byte) 0);
            }
        }
    }

    private void read(Session session, LoadRow row, String column, long readingKey, byte[] wrapped, MemorySegment out) {
        arriving.read(session, row, column, readingKey, wrapped, policy.readableByHost(), out);
    }

    private WrappedKey shelved(Session session, LoadRow row, long readingKey) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment opc = arena.allocate(row.algorithm().opcOctets(), 8);
            try {
                read(session, row, column(row), readingKey, row.opc().wrapped(), opc);
                return storageKeys.shelveOpc(session, opc);
            } finally {
                opc.fill((byte) 0);
            }
        }
    }

    private static String column(LoadRow row) {
        return row.algorithm() instanceof Algorithm.Tuak ? LoadRow.ETOPC : LoadRow.EOPC;
    }
}
