package org.kiln.certify;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.kiln.certify.CertifyCase.BrokenPromise;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Cryptoki;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.secret.Secret;
import org.kiln.token.TokenProfile;

/**
 * A place to try one case: a session of its own with the user logged in, and published example keys only. Closing it
 * closes the session, and with it every session object.
 */
public final class Bench implements AutoCloseable {

    private static final HexFormat HEX = HexFormat.of();

    private final Cryptoki cryptoki;
    private final long slot;
    private final TokenProfile profile;
    private final Secret userPin;
    private final @Nullable Secret soPin;
    private final Arena arena = Arena.ofConfined();
    private final List<String> refusals = new ArrayList<>();
    private final Scratch scratch;
    private final Session session;

    Bench(Cryptoki cryptoki, long slot, TokenProfile profile, Secret userPin, @Nullable Secret soPin) {
        this.cryptoki = cryptoki;
        this.slot = slot;
        this.profile = profile;
        this.userPin = userPin;
        this.soPin = soPin;
        scratch = new Scratch(profile.privateSessionObjects());
        session = open();
    }

    /** Another session; the caller closes it. */
    Session open() {
        Session opened = cryptoki.openSession(slot, true);
        try {
            opened.login(Ck.CKU_USER, userPin);
            return opened;
        } catch (Pkcs11Exception e) {
            opened.close();
            throw e;
        }
    }

    /** A bench of its own for another thread; the caller closes it. */
    Bench beside() {
        return new Bench(cryptoki, slot, profile, userPin, soPin);
    }

    /** Puts the officer in the user's place. */
    void becomeOfficer() {
        session.logout();
        session.login(Ck.CKU_SO, Objects.requireNonNull(soPin));
    }

    /** Logs whoever it is out, and the user in. */
    void becomeUser() {
        session.logout();
        session.login(Ck.CKU_USER, userPin);
    }

    TokenProfile profile() {
        return profile;
    }

    Session session() {
        return session;
    }

    Scratch scratch() {
        return scratch;
    }

    List<String> refusals() {
        return List.copyOf(refusals);
    }

    MemorySegment octets(String hex) {
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, HEX.parseHex(hex));
    }

    MemorySegment room(long octets) {
        return arena.allocate(octets, 8);
    }

    static String hex(MemorySegment segment, long length) {
        return HEX.formatHex(segment.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
    }

    /** A key with a published value. */
    long key(Template.Builder template, String value) {
        return session.createObject(template.with(Cka.VALUE, octets(value)).build());
    }

    String encrypt(long key, String plain) {
        return encrypt(session, key, plain);
    }

    String encrypt(Session own, long key, String plain) {
        try (Arena call = Arena.ofConfined()) {
            byte[] in = HEX.parseHex(plain);
            MemorySegment out = call.allocate(in.length);
            int length =
                    own.encrypt(profile.aesEcb(), key, call.allocateFrom(ValueLayout.JAVA_BYTE, in), in.length, out);
            return hex(out, length);
        }
    }

    String wrap(Mechanism mechanism, long kek, long key) {
        MemorySegment out = room(600);
        return hex(out, session.wrapKey(mechanism, kek, key, out));
    }

    long unwrap(Mechanism mechanism, long kek, String blob, Template template) {
        return session.unwrapKey(mechanism, kek, octets(blob), blob.length() / 2, template);
    }

    /** An attribute in hexadecimal; {@code unavailable} where the token does not reveal it. */
    String attribute(long object, Cka type) {
        MemorySegment out = room(600);
        long length = session.getAttribute(object, type, out);
        return length == Ck.UNAVAILABLE ? "unavailable" : hex(out, length);
    }

    /** Something a token may refuse. */
    @FunctionalInterface
    interface Attempt {
        void run();
    }

    /** Fails unless the token refuses; the code is noted. */
    void refused(String what, Attempt attempt) {
        try {
            attempt.run();
        } catch (Pkcs11Exception e) {
            refusals.add(e.function() + " 0x" + Long.toHexString(e.code()));
            return;
        }
        throw new BrokenPromise("the token allows this: " + what);
    }

    /** Fails unless both are equal. All values here are published. */
    static void same(String what, String expected, String actual) {
        if (!expected.equals(actual)) {
            throw new BrokenPromise(what + " is " + actual + " instead of " + expected);
        }
    }

    static void differ(String what, String one, String other) {
        if (one.equals(other)) {
            throw new BrokenPromise(what + " are the same");
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } finally {
            arena.close();
        }
    }
}
