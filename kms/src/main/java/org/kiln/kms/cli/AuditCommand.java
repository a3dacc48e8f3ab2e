package org.kiln.kms.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.kiln.kms.audit.AuditExport;
import org.kiln.kms.audit.AuditSeal;
import org.kiln.kms.audit.AuditVerifier;
import org.kiln.kms.audit.Checkpoint;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.kms.server.TokenAuditSigner;
import org.kiln.kms.server.TokenConnection;
import org.kiln.kms.store.Database;
import org.kiln.token.JcaToken;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kiln audit}. */
@Command(
        name = "audit",
        description = "The audit log: what was done to keys, orders, profiles and partners, by whom.",
        mixinStandardHelpOptions = true,
        subcommands = {
            AuditCommand.Export.class,
            AuditCommand.Seal.class,
            AuditCommand.Verify.class,
            AuditKeyCommand.class
        })
public final class AuditCommand {

    /** {@code kiln audit export}. */
    @Command(
            name = "export",
            description =
                    "Writes the whole log, entries and signed checkpoints, a line of JSON each. Works beside a running node.",
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  kiln audit export --data /srv/kiln --out audit.jsonl"})
    static final class Export implements Callable<Integer> {

        @Mixin
        private DataOption data = new DataOption();

        @Option(names = "--out", required = true, paramLabel = "FILE", description = "the file to write")
        private Path out = Path.of("");

        @Override
        public Integer call() throws IOException {
            try (Database database = data.database()) {
                System.out.println(
                        new AuditExport(database).write(out.toAbsolutePath()) + " entries written to " + out);
                return 0;
            }
        }
    }

    /** {@code kiln audit seal}. */
    @Command(
            name = "seal",
            description = "Has the token sign the log as it is now. 'kiln up' does so every hour and when it stops.",
            mixinStandardHelpOptions = true)
    static final class Seal implements Callable<Integer> {

        @Mixin
        private DataOption data = new DataOption();

        @Override
        public Integer call() {
            TokenConnection connection =
                    TokenConnection.load(data.folder(), data.configuration().hsm());
            try (Database database = data.database()) {
                JcaToken jca = connection.jca();
                Optional<Checkpoint> made = new AuditSeal(database, new TokenAuditSigner(jca)).seal(Instant.now());
                System.out.println(made.map(checkpoint -> "sealed up to entry " + checkpoint.count())
                        .orElse("nothing to seal: the last checkpoint covers all"));
                return 0;
            }
        }
    }

    /** {@code kiln audit verify}. */
    @Command(
            name = "verify",
            description = {
                "Checks a log that was written out: that no entry was dropped, altered, moved or forged. Needs no token and no",
                "store, but the certificate of the token's signing key; have it from the operator by another way than the log.",
                "With the certificate of the first key it follows each change of the key; with that of a later one it checks what",
                "that one and those after it signed, which covers all entries, and says which signatures it could not check.",
                "Entries after the last checkpoint are checked among themselves, but whether more came after is not proven."
            },
            exitCodeListHeading = "Exit codes:%n",
            exitCodeList = {"0:the log is good", "1:it is not; each fault is a line"},
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  kiln audit verify audit.jsonl --certificate signing.pem"})
    static final class Verify implements Callable<Integer> {

        @Parameters(paramLabel = "FILE", description = "what 'kiln audit export' wrote")
        private Path file = Path.of("");

        @Mixin
        private SignerOption signer = new SignerOption();

        @Override
        public Integer call() throws IOException {
            AuditVerifier.Verdict verdict;
            try (BufferedReader log = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
                verdict = new AuditVerifier(signer.key()).verify(log);
            } catch (MalformedInputException e) {
                throw new ConfigurationException(file + " is no log: it is not UTF-8 text", e);
            }
            verdict.findings().forEach(System.out::println);
            verdict.unchecked().forEach(each -> System.out.println("not checked with this key: " + each));
            System.out.println(verdict.entries() + " entries, " + verdict.sealed()
                    + " of them under a good checkpoint; "
                    + (verdict.isGood() ? "the log is good" : verdict.findings().size() + " faults"));
            return verdict.isGood() ? 0 : 1;
        }
    }
}
