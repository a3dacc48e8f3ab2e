package org.kiln.kms.hsm;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.KeyPairHandles;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.secret.Secret;

/** A lane's session: counts calls so that a watch sees one that does not return, and reports what tokens answer. */
final class GuardedSession implements LaneSession {

    private final Session session;
    private final Login login;
    private final Consumer<Pkcs11Exception> report;
    private volatile boolean open = true;

    /** Odd while a call is under way. Written by the lane's thread only, and cheaply. */
    private final AtomicInteger calls = new AtomicInteger();

    /** @param report told of every refusal, on the lane's thread, before the task is */
    GuardedSession(Session session, Login login, Consumer<Pkcs11Exception> report) {
        this.session = session;
        this.login = login;
        this.report = report;
    }

    @Override
    public Login login() {
        return login;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    /** No call begins, and none that is under way ends well, after this. */
    void shut() {
        open = false;
    }

    /** Shuts and closes the session; for the lane's thread. */
    void release() {
        shut();
        session.close();
    }

    /** A number that is odd while a call is under way, and changes with each beginning and end. */
    int calls() {
        return calls.get();
    }

    private void begin() {
        requireOpen();
        calls.lazySet(calls.getPlain() + 1);
    }

    private void end() {
        calls.lazySet(calls.getPlain() + 1);
    }

    @Override
    public void requireOpen() {
        if (!open) {
            throw new TokenLostException(login.token());
        }
    }

    private long number(LongSupplier call) {
        begin();
        long answer;
        try {
            answer = call.getAsLong();
        } catch (Pkcs11Exception e) {
            report.accept(e);
            throw e;
        } finally {
            end();
        }
        requireOpen();
        return answer;
    }

    private <T> T object(Supplier<T> call) {
        begin();
        T answer;
        try {
            answer = call.get();
        } catch (Pkcs11Exception e) {
            report.accept(e);
            throw e;
        } finally {
            end();
        }
        requireOpen();
        return answer;
    }

    private void run(Runnable call) {
        number(() -> {
            call.run();
            return 0;
        });
    }

    @Override
    public long state() {
        return number(session::state);
    }

    @Override
    public void login(long userType, Secret pin) {
        run(() -> session.login(userType, pin));
    }

    @Override
    public void logout() {
        run(session::logout);
    }

    @Override
    public void initPin(Secret pin) {
        run(() -> session.initPin(pin));
    }

    @Override
    public long createObject(Template template) {
        return number(() -> session.createObject(template));
    }

    @Override
    public long copyObject(long object, Template changes) {
        return number(() -> session.copyObject(object, changes));
    }

    @Override
    public void destroyObject(long object) {
        run(() -> session.destroyObject(object));
    }

    @Override
    public long[] findObjects(Template template) {
        return object(() -> session.findObjects(template));
    }

    @Override
    public long getAttribute(long object, Cka type, MemorySegment out) {
        return number(() -> session.getAttribute(object, type, out));
    }

    @Override
    public void setAttributes(long object, Template template) {
        run(() -> session.setAttributes(object, template));
    }

    @Override
    public long generateKey(Mechanism mechanism, Template template) {
        return number(() -> session.generateKey(mechanism, template));
    }

    @Override
    public KeyPairHandles generateKeyPair(Mechanism mechanism, Template publicTemplate, Template privateTemplate) {
        return object(() -> session.generateKeyPair(mechanism, publicTemplate, privateTemplate));
    }

    @Override
    public int wrapKey(Mechanism mechanism, long wrappingKey, long key, MemorySegment out) {
        return (int) number(() -> session.wrapKey(mechanism, wrappingKey, key, out));
    }

    @Override
    public long unwrapKey(
            Mechanism mechanism, long unwrappingKey, MemorySegment wrapped, int wrappedLength, Template template) {
        return number(() -> session.unwrapKey(mechanism, unwrappingKey, wrapped, wrappedLength, template));
    }

    @Override
    public long deriveKey(Mechanism mechanism, long baseKey, Template template) {
        return number(() -> session.deriveKey(mechanism, baseKey, template));
    }

    @Override
    public int encrypt(Mechanism mechanism, long key, MemorySegment in, int inLength, MemorySegment out) {
        return (int) number(() -> session.encrypt(mechanism, key, in, inLength, out));
    }

    @Override
    public int decrypt(Mechanism mechanism, long key, MemorySegment in, int inLength, MemorySegment out) {
        return (int) number(() -> session.decrypt(mechanism, key, in, inLength, out));
    }

    @Override
    public int sign(Mechanism mechanism, long key, MemorySegment in, int inLength, MemorySegment out) {
        return (int) number(() -> session.sign(mechanism, key, in, inLength, out));
    }

    @Override
    public void generateRandom(MemorySegment out) {
        run(() -> session.generateRandom(out));
    }

    /** The lane closes its session, not a task. */
    @Override
    public void close() {}
}
