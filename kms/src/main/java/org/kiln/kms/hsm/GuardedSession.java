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

/** A lane's session: numbers calls so that a watch sees one that does not return, counts them, and reports what tokens answer. */
final class GuardedSession implements LaneSession {

    private final Session session;
    private final Login login;
    private final TokenCalls counts;
    private final Consumer<Pkcs11Exception> report;
    private volatile boolean open = true;

    /** Odd while a call is under way. Written by the lane's thread only, and cheaply. */
    private final AtomicInteger calls = new AtomicInteger();

    /**
     * @param counts counts each call
     * @param report told of every refusal, on the lane's thread, before the task is
     */
    GuardedSession(Session session, Login login, TokenCalls counts, Consumer<Pkcs11Exception> report) {
        this.session = session;
        this.login = login;
        this.counts = counts;
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

    private long number(TokenCall what, LongSupplier call) {
        begin();
        long answer;
        try {
            answer = call.getAsLong();
            counts.count(what, TokenCalls.Outcome.OK);
        } catch (Pkcs11Exception e) {
            refused(what, e);
            throw e;
        } finally {
            end();
        }
        requireOpen();
        return answer;
    }

    private <T> T object(TokenCall what, Supplier<T> call) {
        begin();
        T answer;
        try {
            answer = call.get();
            counts.count(what, TokenCalls.Outcome.OK);
        } catch (Pkcs11Exception e) {
            refused(what, e);
            throw e;
        } finally {
            end();
        }
        requireOpen();
        return answer;
    }

    private void refused(TokenCall what, Pkcs11Exception answer) {
        counts.count(
                what,
                Trouble.of(answer.ckr()) == Trouble.NONE ? TokenCalls.Outcome.REFUSED : TokenCalls.Outcome.FAILED);
        report.accept(answer);
    }

    private void run(TokenCall what, Runnable call) {
        number(what, () -> {
            call.run();
            return 0;
        });
    }

    @Override
    public long state() {
        return number(TokenCall.SESSION, session::state);
    }

    @Override
    public void login(long userType, Secret pin) {
        run(TokenCall.SESSION, () -> session.login(userType, pin));
    }

    @Override
    public void logout() {
        run(TokenCall.SESSION, session::logout);
    }

    @Override
    public void initPin(Secret pin) {
        run(TokenCall.SESSION, () -> session.initPin(pin));
    }

    @Override
    public long createObject(Template template) {
        return number(TokenCall.OBJECT, () -> session.createObject(template));
    }

    @Override
    public long copyObject(long object, Template changes) {
        return number(TokenCall.OBJECT, () -> session.copyObject(object, changes));
    }

    @Override
    public void destroyObject(long object) {
        run(TokenCall.OBJECT, () -> session.destroyObject(object));
    }

    @Override
    public long[] findObjects(Template template) {
        return object(TokenCall.OBJECT, () -> session.findObjects(template));
    }

    @Override
    public long getAttribute(long object, Cka type, MemorySegment out) {
        return number(TokenCall.OBJECT, () -> session.getAttribute(object, type, out));
    }

    @Override
    public void setAttributes(long object, Template template) {
        run(TokenCall.OBJECT, () -> session.setAttributes(object, template));
    }

    @Override
    public long generateKey(Mechanism mechanism, Template template) {
        return number(TokenCall.of(mechanism), () -> session.generateKey(mechanism, template));
    }

    @Override
    public KeyPairHandles generateKeyPair(Mechanism mechanism, Template publicTemplate, Template privateTemplate) {
        return object(
                TokenCall.of(mechanism), () -> session.generateKeyPair(mechanism, publicTemplate, privateTemplate));
    }

    @Override
    public int wrapKey(Mechanism mechanism, long wrappingKey, long key, MemorySegment out) {
        return (int) number(TokenCall.of(mechanism), () -> session.wrapKey(mechanism, wrappingKey, key, out));
    }

    @Override
    public long unwrapKey(
            Mechanism mechanism, long unwrappingKey, MemorySegment wrapped, int wrappedLength, Template template) {
        return number(
                TokenCall.of(mechanism),
                () -> session.unwrapKey(mechanism, unwrappingKey, wrapped, wrappedLength, template));
    }

    @Override
    public long deriveKey(Mechanism mechanism, long baseKey, Template template) {
        return number(TokenCall.of(mechanism), () -> session.deriveKey(mechanism, baseKey, template));
    }

    @Override
    public int encrypt(Mechanism mechanism, long key, MemorySegment in, int inLength, MemorySegment out) {
        return (int) number(TokenCall.of(mechanism), () -> session.encrypt(mechanism, key, in, inLength, out));
    }

    @Override
    public int decrypt(Mechanism mechanism, long key, MemorySegment in, int inLength, MemorySegment out) {
        return (int) number(TokenCall.of(mechanism), () -> session.decrypt(mechanism, key, in, inLength, out));
    }

    @Override
    public int sign(Mechanism mechanism, long key, MemorySegment in, int inLength, MemorySegment out) {
        return (int) number(TokenCall.of(mechanism), () -> session.sign(mechanism, key, in, inLength, out));
    }

    @Override
    public void generateRandom(MemorySegment out) {
        run(TokenCall.RANDOM, () -> session.generateRandom(out));
    }

    /** The lane closes its session, not a task. */
    @Override
    public void close() {}
}
