package org.kiln.kms.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.keys.KeyAudit;
import org.kiln.kms.keys.KeyAudit.Finding;
import org.kiln.kms.keys.KeyAudit.Rule;
import org.kiln.kms.keys.KeyAudit.Severity;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.provisioning.TransportKeyAudit;
import org.kiln.kms.provisioning.TransportKeyRegister;
import org.kiln.kms.rotation.StorageKeyRegister;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.kms.server.TokenConnection;
import org.kiln.kms.store.Database;
import org.kiln.pkcs11.Session;
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
                "Walks every key of the token and names each that breaks a rule, then holds the register of transport keys",
                "against it: keys past their period, and keys that are gone.",
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
            List<Finding> findings = new ArrayList<>();
            try (Database database = data.database();
                    TokenCluster token = connection.openFirst()) {
                findings.addAll(token.call(session -> audit(session, database)));
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

        private static List<Finding> audit(Session session, Database database) {
            LocalDate today = LocalDate.now(ZoneOffset.UTC);
            Set<Integer> versions = new StorageKeyRegister(database, InstantSource.system()).live();
            List<Finding> findings = new ArrayList<>(new KeyAudit(today, versions).run(session));
            if (findings.stream()
                    .noneMatch(finding -> finding.equals(new Finding(Rule.KEY_MISSING, KeyLabels.RECORD_MASTER)))) {
                try (RecordMac mac = RecordMac.derive(session, new KeyRing())) {
                    findings.addAll(
                            new TransportKeyAudit(today).run(session, new TransportKeyRegister(database, mac).list()));
                }
            }
            return findings;
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
