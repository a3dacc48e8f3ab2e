package org.kiln.kms.provisioning;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;
import java.util.stream.Collectors;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.kms.keys.KeyPolicy;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.sqn.SeqClock;
import org.kiln.kms.sqn.Sqn;
import org.kiln.kms.sqn.TimeBasedSequence;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.TokenProfile;

/** Takes a subscriber's keys from under a transport key to under the storage keys, inside the token. */
final class KeyIntake {

    private final Set<String> incoming;
    private final KeyRing ring;
    private final StorageKeys storageKeys;
    private final TokenProfile profile;
    private final Template arrivingKi;
    private final Template arrivingOpc;

    KeyIntake(KeyRing ring, StorageKeys storageKeys, TransportKeyRegister register, TokenProfile profile) {
        incoming = register.list().stream()
                .filter(key -> key.direction() == Direction.INCOMING)
                .map(TransportKey::label)
                .collect(Collectors.toUnmodifiableSet());
        this.ring = ring;
        this.storageKeys = storageKeys;
        this.profile = profile;
        KeyPolicy policy = new KeyPolicy(profile.privateSessionObjects());
        arrivingKi = policy.arrivingSubscriberKey();
        arrivingOpc = policy.arrivingOpc();
    }

    /** @throws LoadFileException if the transport key is unknown or a key does not unwrap under it */
    Subscriber take(Session session, LoadRow row) {
        if (!incoming.contains(row.transportKey())) {
            throw new LoadFileException(
                    row.line(),
                    "transportKey",
                    "no incoming transport key has this label; import it with 'kiln transport-key import'");
        }
        long transportKey = ring.secretKey(session, row.transportKey());
        long opcKey = ring.secretKey(session, KeyLabels.opcOf(row.transportKey()));
        long ki = unwrap(session, row, "eki", transportKey, row.eki(), arrivingKi);
        WrappedKey storedKi;
        try {
            storedKi = storageKeys.hide(session, ki);
        } finally {
            session.destroyObject(ki);
        }
        long opc = unwrap(session, row, "eopc", opcKey, row.eopc(), arrivingOpc);
        WrappedKey storedOpc;
        try {
            storedOpc = storageKeys.shelve(session, opc);
        } finally {
            session.destroyObject(opc);
        }
        Sqn format = Sqn.USUAL;
        long dif = TimeBasedSequence.difAfter(format.seq(row.sqn()), SeqClock.systemTenths());
        return new Subscriber(row.supi(), row.algorithm(), storedKi, storedOpc, row.amf(), format.indLength(), dif);
    }

    private long unwrap(
            Session session, LoadRow row, String column, long transportKey, byte[] wrapped, Template template) {
        Mechanism mechanism = switch (row.wrapping()) {
            case AES_KW -> profile.aesKeyUnwrap();
            case AES_KWP -> profile.aesKeyUnwrapPadded();
        };
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocateFrom(ValueLayout.JAVA_BYTE, wrapped);
            return session.unwrapKey(mechanism, transportKey, in, wrapped.length, template);
        } catch (Pkcs11Exception e) {
            if (e.ckr().kind() != Ckr.Kind.REQUEST && e.ckr() != Ckr.GENERAL_ERROR && e.ckr() != Ckr.FUNCTION_FAILED) {
                throw e;
            }
            throw new LoadFileException(
                    row.line(),
                    column,
                    "does not unwrap under transport key '" + row.transportKey()
                            + "': another key or another wrapping was used, or the value is damaged");
        }
    }
}
