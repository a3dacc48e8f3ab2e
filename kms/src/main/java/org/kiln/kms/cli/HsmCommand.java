package org.kiln.kms.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.kiln.kms.hsm.Token;
import org.kiln.kms.keys.KeyAudit;
import org.kiln.kms.keys.KeyAudit.Finding;
import org.kiln.kms.keys.KeyAudit.Severity;
import org.kiln.kms.rotation.StorageKeyRegister;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.kms.server.TokenConnection;
import org.kiln.kms.store.Database;
import org.kiln.token.TokenProbe;
import org.kiln.token.Tokens;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kiln hsm}. */
@Command(
        name = "hsm",
        description = "The token: what it can do, and whether its keys keep the rules.",
        mixinStandardHelpOptions = true,
        subcommands = {HsmCommand.Probe.class, HsmCommand.Audit.class})
public final class HsmCommand {

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** {@code kiln hsm probe}. */
    @Command(
            name = "probe",
            description = {
                "Reads the token's mechanisms and says what Kiln can and cannot do on it.",
                "Exits with 1 if Kiln cannot serve from it, or its profile relies on a mechanism that it lacks."
            },
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  kiln hsm probe --data var"})
    public static final class Probe implements Callable<Integer> {

        @Mixin
        private DataOption data = new DataOption();

        @Override
        public Integer call() {
            KilnConfiguration configuration = data.configuration();
            TokenConnection connection = TokenConnection.load(data.folder(), configuration.hsm());
            TokenProbe.Report report = TokenProbe.probe(
                    connection.cryptoki(),
                    Tokens.labelled(connection.cryptoki(), configuration.hsm().token()),
                    connection.profile());
            System.out.printf(
                    "token     %s (%s %s, serial %s)%nprofile   %s%nmechanisms %d%n%n",
                    report.token().label(),
                    report.token().manufacturer(),
                    report.token().model(),
                    report.token().serialNumber(),
                    connection.profile().family(),
                    report.mechanisms().size());
            for (TokenProbe.Capability capability : report.capabilities()) {
                System.out.printf(
                        "%-40s %-8s %s%n", capability.purpose(), capability.verdict(), capability.explanation());
            }
            report.unstated()
                    .forEach(missing -> System.err.println(
                            "kiln: the profile relies on " + missing + ", which the token does not offer"));
            return report.usable() ? 0 : 1;
        }
    }

    /** {@code kiln hsm audit}. */
    @Command(
            name = "audit",
            description = {
                "Walks every key of the token and names each that breaks a rule.",
                "Exits with 1 if a rule is broken; notices alone are no breach."
            },
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  kiln hsm audit --data var --json"})
    public static final class Audit implements Callable<Integer> {

        @Mixin
        private DataOption data = new DataOption();

        @Option(names = "--json", description = "print JSON instead of a table")
        private boolean json;

        @Override
        public Integer call() throws JsonProcessingException {
            KilnConfiguration configuration = data.configuration();
            TokenConnection connection = TokenConnection.load(data.folder(), configuration.hsm());
            KeyAudit audit = new KeyAudit(LocalDate.now(ZoneOffset.UTC), storageKeyVersions());
            List<Finding> findings;
            try (Token token = connection.open(1)) {
                findings = token.call(audit::run);
            }
            if (json) {
                System.out.println(JSON.writeValueAsString(
                        findings.stream().map(Audit::describe).toList()));
            } else {
                findings.forEach(finding -> System.out.printf(
                        "%-9s %-24s %s%n",
                        finding.rule().severity(),
                        finding.label(),
                        finding.rule().meaning()));
                System.out.println(violations(findings) + " violations");
            }
            return violations(findings) == 0 ? 0 : 1;
        }

        private Set<Integer> storageKeyVersions() {
            try (Database database = Database.open(data.folder().database())) {
                database.migrate("auc");
                return new StorageKeyRegister(database, InstantSource.system()).live();
            }
        }

        private static long violations(List<Finding> findings) {
            return findings.stream()
                    .filter(finding -> finding.rule().severity() == Severity.VIOLATION)
                    .count();
        }

        private static Map<String, String> describe(Finding finding) {
            Map<String, String> entry = new LinkedHashMap<>();
            entry.put("severity", finding.rule().severity().name());
            entry.put("rule", finding.rule().name());
            entry.put("label", finding.label());
            entry.put("meaning", finding.rule().meaning());
            return entry;
        }
    }
}
