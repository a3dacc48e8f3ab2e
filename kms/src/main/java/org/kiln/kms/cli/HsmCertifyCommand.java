package org.kiln.kms.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.kiln.certify.Certification;
import org.kiln.certify.Outcome;
import org.kiln.certify.Outcome.Verdict;
import org.kiln.kms.server.TokenConnection;
import org.kiln.pkcs11.TokenInfo;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretEnvironment;
import org.kiln.token.Pins;
import org.kiln.token.Tokens;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kiln hsm certify}. */
@Command(
        name = "certify",
        description = {
            "Runs Kiln's contract against a scratch token or partition of your HSM, with the module and the profile of"
                    + " the configuration.",
            "A token with Kiln's storage keys is refused. What a case makes is destroyed. Nobody else may use the token.",
            "Exits with 1 if a case fails."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example:",
            "  kiln hsm certify --data var --token scratch --user-pin-file scratch.pin --so-pin-file scratch-so.pin"
        })
public final class HsmCertifyCommand implements Callable<Integer> {

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final String USER_PIN = "KILN_USER_PIN";
    private static final String SO_PIN = "KILN_SO_PIN";

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private DataOption data = new DataOption();

    @Option(names = "--token", paramLabel = "LABEL", required = true, description = "the scratch token's label")
    private String label = "";

    @Option(
            names = "--user-pin-file",
            paramLabel = "FILE",
            required = true,
            description = "a file with the scratch token's user PIN, read unless " + USER_PIN + " is set")
    private Path userPinFile = Path.of("");

    @Option(
            names = "--so-pin-file",
            paramLabel = "FILE",
            description = "a file with the scratch token's security officer's PIN, read unless " + SO_PIN
                    + " is set; without either, the officer's cases are skipped")
    private @Nullable Path soPinFile;

    @Option(names = "--json", description = "print a JSON report at the end instead of a line for each case")
    private boolean json;

    @Override
    public Integer call() throws JsonProcessingException {
        if (spec == null) {
            throw new IllegalStateException("picocli sets the specification");
        }
        PrintWriter out = spec.commandLine().getOut();
        TokenConnection connection =
                TokenConnection.load(data.folder(), data.configuration().hsm());
        TokenInfo token = Tokens.labelled(connection.cryptoki(), label);
        List<Outcome> outcomes = certify(connection, token, json ? _ -> {} : outcome -> print(out, outcome));
        if (json) {
            out.println(JSON.writeValueAsString(describe(token, connection, outcomes)));
        } else {
            out.printf(
                    "%d passed, %d failed, %d skipped%n",
                    count(outcomes, Verdict.PASS), count(outcomes, Verdict.FAIL), count(outcomes, Verdict.SKIPPED));
        }
        return count(outcomes, Verdict.FAIL) == 0 ? 0 : 1;
    }

    private List<Outcome> certify(TokenConnection connection, TokenInfo token, Consumer<Outcome> heard) {
        try (Secret userPin = Pins.read(USER_PIN, userPinFile);
                Secret soPin = officerPin()) {
            return new Certification(connection.cryptoki(), token, connection.profile(), userPin, soPin).run(heard);
        }
    }

    private @Nullable Secret officerPin() {
        if (soPinFile != null) {
            return Pins.read(SO_PIN, soPinFile);
        }
        return SecretEnvironment.read(SO_PIN).orElse(null);
    }

    private static void print(PrintWriter out, Outcome outcome) {
        String codes = outcome.refusals().isEmpty() ? "" : " [" + String.join(", ", outcome.refusals()) + "]";
        String detail = outcome.detail().isEmpty() ? "" : ": " + outcome.detail();
        out.printf("%-7s %s%s%s%n", outcome.verdict(), outcome.name(), detail, codes);
        out.flush();
    }

    private static long count(List<Outcome> outcomes, Verdict verdict) {
        return outcomes.stream().filter(outcome -> outcome.verdict() == verdict).count();
    }

    private static Map<String, Object> describe(TokenInfo token, TokenConnection connection, List<Outcome> outcomes) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("token", token);
        report.put("profile", connection.profile().family());
        report.put("module", connection.module().toString());
        report.put("passed", count(outcomes, Verdict.PASS));
        report.put("failed", count(outcomes, Verdict.FAIL));
        report.put("skipped", count(outcomes, Verdict.SKIPPED));
        report.put("cases", outcomes);
        return report;
    }
}
