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
import org.jspecify.annotations.Nullable;
import org.kiln.certify.TokenTrial;
import org.kiln.certify.TokenTrial.Tried;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.kms.server.TokenConnection;
import org.kiln.pkcs11.TokenInfo;
import org.kiln.secret.Secret;
import org.kiln.token.ProfileFile;
import org.kiln.token.TokenProbe;
import org.kiln.token.TokenProbe.Report;
import org.kiln.token.TokenProfile;
import org.kiln.token.Tokens;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kiln hsm probe}. */
@Command(
        name = "probe",
        description = {
            "Reads the token's mechanisms, compares them with its profile, and says what Kiln can and cannot do on it.",
            "Exits with 1 if Kiln cannot serve from it, or its profile relies on a mechanism that it lacks."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  kiln hsm probe --data var",
            "  kiln hsm probe --data var --try --write my-hsm.yaml"
        })
public final class HsmProbeCommand implements Callable<Integer> {

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private DataOption data = new DataOption();

    @Option(
            names = "--try",
            description = "log in as the user and try what a list does not prove; session objects only, all destroyed")
    private boolean trying;

    @Option(
            names = "--write",
            paramLabel = "FILE",
            description = "with --try: write a profile of what was seen to a new file; hsm.profile may name it")
    private @Nullable Path file;

    @Option(names = "--json", description = "print JSON instead of a table")
    private boolean json;

    @Override
    public Integer call() throws JsonProcessingException {
        if (file != null && !trying) {
            throw new CommandLine.ParameterException(
                    commandLine(), "--write needs --try: what a token lists does not prove what it does");
        }
        KilnConfiguration configuration = data.configuration();
        TokenConnection connection = TokenConnection.load(data.folder(), configuration.hsm());
        TokenInfo token =
                Tokens.labelled(connection.cryptoki(), configuration.hsm().token());
        TokenTrial.Trial trial = trying ? attempt(connection, token) : null;
        TokenProfile profile = connection.profile();
        Report report = TokenProbe.probe(connection.cryptoki(), token, profile);
        List<Tried> tried = trial == null ? List.of() : trial.tried();
        PrintWriter out = commandLine().getOut();
        if (json) {
            out.println(JSON.writeValueAsString(describe(report, profile, tried)));
        } else {
            print(out, report, profile, tried);
        }
        if (file != null && trial != null) {
            ProfileFile.write(
                    trial.profile(),
                    file,
                    "Written by kiln hsm probe --try. Check it against the vendor's documents, then certify:\n"
                            + "kiln hsm certify. Who makes TRUSTED keys is as profile " + profile.family() + " says.");
            commandLine().getErr().println("kiln: profile written to " + file);
        }
        return report.usable() ? 0 : 1;
    }

    private CommandLine commandLine() {
        if (spec == null) {
            throw new IllegalStateException("picocli sets the specification");
        }
        return spec.commandLine();
    }

    private static TokenTrial.Trial attempt(TokenConnection connection, TokenInfo token) {
        try (Secret pin = connection.userPin()) {
            return TokenTrial.run(connection.cryptoki(), token, connection.profile(), pin, connection.module());
        }
    }

    private static void print(PrintWriter out, Report report, TokenProfile profile, List<Tried> tried) {
        out.printf(
                "token     %s (%s %s, serial %s)%nprofile   %s (tested: %s)%nmechanisms %d%n%n",
                report.token().label(),
                report.token().manufacturer(),
                report.token().model(),
                report.token().serialNumber(),
                profile.family(),
                profile.tested(),
                report.mechanisms().size());
        report.capabilities()
                .forEach(capability -> out.printf(
                        "%-44s %-8s %s%n", capability.purpose(), capability.verdict(), capability.explanation()));
        if (!tried.isEmpty()) {
            out.printf("%ntried:%n");
            tried.forEach(each -> out.printf(
                    "%-64s %-8s %s%n", each.what(), each.works() ? "YES" : "NO", each.works() ? "" : each.answer()));
        }
        report.missing()
                .forEach(missing -> out.println("the profile relies on " + missing + ", which the token lacks"));
        report.unused()
                .forEach(unused -> out.println("the token offers " + unused + ", which the profile does not use"));
    }

    private static Map<String, Object> describe(Report report, TokenProfile profile, List<Tried> tried) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("token", report.token());
        all.put("profile", profile.family());
        all.put("tested", profile.tested());
        all.put("usable", report.usable());
        all.put("capabilities", report.capabilities());
        all.put("missing", report.missing());
        all.put("unused", report.unused());
        all.put("tried", tried);
        all.put("mechanisms", report.mechanisms());
        return all;
    }
}
