package org.kiln.certify;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.kiln.certify.CertifyCase.BrokenPromise;
import org.kiln.certify.CertifyCase.NotApplicable;
import org.kiln.certify.Outcome.Verdict;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Cryptoki;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.pkcs11.TokenInfo;
import org.kiln.secret.Secret;
import org.kiln.token.TokenException;
import org.kiln.token.TokenProfile;

/**
 * Runs the token's side of the contract on a scratch token or partition: the same cases that Kiln's own tests run on
 * SoftHSM through both bindings. Nobody else of this process may use the token meanwhile.
 */
public final class Certification {

    /** Kiln's storage keys; whoever has one is no scratch token. */
    private static final Pattern STORAGE_KEY = Pattern.compile("SKH?-\\d+");

    private final Cryptoki cryptoki;
    private final TokenInfo token;
    private final TokenProfile profile;
    private final Secret userPin;
    private final @Nullable Secret soPin;

    /** @param soPin null to skip the officer's cases */
    public Certification(
            Cryptoki cryptoki, TokenInfo token, TokenProfile profile, Secret userPin, @Nullable Secret soPin) {
        this.cryptoki = cryptoki;
        this.token = token;
        this.profile = profile;
        this.userPin = userPin;
        this.soPin = soPin;
    }

    /** Every case, in the order in which they run. */
    public static List<CertifyCase> cases() {
        List<CertifyCase> cases = new ArrayList<>(OperationCases.all());
        cases.addAll(SessionCases.all());
        cases.addAll(RuleCases.all());
        return cases;
    }

    /**
     * Runs every case and destroys what it made.
     *
     * @param heard told of each outcome as it comes
     * @throws TokenException if the token holds Kiln's keys
     * @throws Pkcs11Exception if the token refuses the user's PIN
     */
    public List<Outcome> run(Consumer<Outcome> heard) {
        // The session that stays open keeps the login while benches come and go.
        try (Session standing = cryptoki.openSession(token.slot(), true)) {
            standing.login(Ck.CKU_USER, userPin);
            requireScratch(standing);
            sweep(standing);
            List<Outcome> outcomes = new ArrayList<>();
            for (CertifyCase each : cases()) {
                Outcome outcome = run(each);
                heard.accept(outcome);
                outcomes.add(outcome);
                sweep(standing);
            }
            return outcomes;
        }
    }

    private void requireScratch(Session session) {
        for (long object : session.findObjects(
                Template.builder().with(Cka.CLASS, Ck.CKO_SECRET_KEY).build())) {
            String label = label(session, object);
            if (STORAGE_KEY.matcher(label).matches()) {
                throw new TokenException("token '" + token.label() + "' holds Kiln's storage key " + label
                        + "; certify a scratch token or partition of the same HSM instead");
            }
        }
    }

    /** The user, and nothing of this room's on the token. */
    private void sweep(Session session) {
        session.logout();
        session.login(Ck.CKU_USER, userPin);
        for (long object :
                session.findObjects(Template.builder().with(Cka.TOKEN, true).build())) {
            if (label(session, object).startsWith(Scratch.LABEL)) {
                session.destroyObject(object);
            }
        }
    }

    private static String label(Session session, long object) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(512);
            long length = session.getAttribute(object, Cka.LABEL, out);
            byte[] text = out.asSlice(0, Math.max(0, length)).toArray(ValueLayout.JAVA_BYTE);
            return new String(text, StandardCharsets.UTF_8);
        }
    }

    /** Runs one case. */
    public Outcome run(CertifyCase each) {
        if (each.officer() && soPin == null) {
            return new Outcome(each.name(), Verdict.SKIPPED, "needs the security officer's PIN", List.of());
        }
        try (Bench bench = new Bench(cryptoki, token.slot(), profile, userPin, soPin)) {
            return on(bench, each);
        }
    }

    private static Outcome on(Bench bench, CertifyCase each) {
        Verdict verdict = Verdict.FAIL;
        String detail = "";
        try {
            each.check().run(bench);
            verdict = Verdict.PASS;
        } catch (NotApplicable e) {
            verdict = Verdict.SKIPPED;
            detail = String.valueOf(e.getMessage());
        } catch (BrokenPromise | Pkcs11Exception | TokenException e) {
            detail = String.valueOf(e.getMessage());
        } catch (Exception e) {
            detail = e.toString();
        }
        return new Outcome(each.name(), verdict, detail, bench.refusals());
    }
}
