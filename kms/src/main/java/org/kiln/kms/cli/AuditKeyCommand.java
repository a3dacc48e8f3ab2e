package org.kiln.kms.cli;

import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import org.kiln.kms.approval.Act;
import org.kiln.kms.approval.Permit;
import org.kiln.kms.audit.AuditLog;
import org.kiln.kms.audit.AuditSeal;
import org.kiln.kms.keys.AuditKeyPairs;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.kms.server.AucNode;
import org.kiln.kms.server.AuditKeyCertificate;
import org.kiln.kms.server.ServerLock;
import org.kiln.kms.server.TokenAuditSigner;
import org.kiln.token.JcaToken;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kiln audit key}. */
@Command(
        name = "key",
        description = "The key that signs the audit log.",
        mixinStandardHelpOptions = true,
        subcommands = {AuditKeyCommand.Change.class, AuditKeyDestroy.class})
final class AuditKeyCommand {

    /** {@code kiln audit key change}. */
    @Command(
            name = "change",
            description = {
                "Makes a new pair in the token beside the old one, has the old one sign the log a last time, with the new one's",
                "name, and the new one from then on. Works beside a running node. Broken off, run it again."
            },
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  kiln audit key change --data /srv/kiln --out audit-1.pem"})
    static final class Change implements Callable<Integer> {

        @Mixin
        private DataOption data = new DataOption();

        @Option(
                names = "--out",
                required = true,
                paramLabel = "PEM",
                description =
                        "where the new key's certificate goes; hand it to the auditor by another way than the log")
        private Path out = Path.of("");

        @Option(
                names = "--old-is-lost",
                description = {
                    "the old key is in no token any more, as after a restore: the new one names itself, so what was signed before",
                    "does not vouch for it"
                })
        private boolean oldIsLost;

        @Override
        public Integer call() {
            Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
            try (ServerLock _ = ServerLock.takeStorageKeys(data.folder());
                    AucNode node = AucNode.open(data.folder(), data.configuration())) {
                JcaToken token = node.connection().jca();
                AuditSeal seal = new AuditSeal(node.database(), new TokenAuditSigner(token));
                long number = seal.currentKey();
                if (number > 0 && seal.isChangeUnderWay()) {
                    LabAuthority.writeCertificate(out, token.certificate(KeyLabels.audit(number)));
                    System.out.println("the change that was broken off is ended");
                } else {
                    number++;
                    change(node, token, seal, number, now);
                }
                seal.seal(now);
                System.out.println("the audit log is signed by '" + KeyLabels.audit(number)
                        + "' from now on; its certificate is " + out);
                return 0;
            }
        }

        private void change(AucNode node, JcaToken token, AuditSeal seal, long number, Instant now) {
            String label = KeyLabels.audit(number);
            Permit permit = node.dualControl()
                    .permit(Act.AUDIT_KEY_CHANGE, oldIsLost ? label + ", the old one is lost" : label);
            PublicKey key = node.tokens().callOnFirst(session -> AuditKeyPairs.provide(session, number));
            X509Certificate certificate = AuditKeyCertificate.issue(token, number, key, now);
            node.tokens().callOnFirst(session -> {
                AuditKeyPairs.certify(session, number, certificate);
                return certificate;
            });
            LabAuthority.writeCertificate(out, certificate);
            seal.change(now, AuditLog.atTheTerminal(), number, oldIsLost, permit::use);
            System.out.println("public key SHA-256 " + AuditSeal.fingerprint(key));
        }
    }
}
