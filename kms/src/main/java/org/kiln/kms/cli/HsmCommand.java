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
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.keys.KeyAudit;
import org.kiln.kms.keys.KeyAudit.Finding;
import org.kiln.kms.keys.KeyAudit.Severity;
import org.kiln.kms.rotation.StorageKeyRegister;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.kms.server.TokenConnection;
import org.kiln.kms.store.Database;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kiln hsm}. */
@Command(
        name = "hsm",
        description = "The token: what it can do, and whether its keys keep the rules.",
        mixinStandardHelpOptions = true,
        subcommands = {HsmProbeCommand.class, HsmCertifyCommand.class, HsmCommand.Audit.class})
public final class HsmCommand {

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

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
            try (TokenCluster token = connection.openFirst()) {
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
