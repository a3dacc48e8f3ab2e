package org.kiln.kms.cli;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import org.kiln.kms.approval.Act;
import org.kiln.kms.approval.Permit;
import org.kiln.kms.audit.AuditLog;
import org.kiln.kms.audit.AuditSeal;
import org.kiln.kms.keys.AuditKeyPairs;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.kms.server.AucNode;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.kms.server.ServerLock;
import org.kiln.kms.server.TokenAuditSigner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code kiln audit key destroy}. */
@Command(
        name = "destroy",
        description = {
            "Destroys an older pair audit/N in the token, for good. Its certificate stays there, and its public key in the store and in",
            "every export: what it signed is proved as before. Not the pair that signs the log now, and not 'signing'. Works beside a",
            "running node. Broken off, run it again."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  kiln audit key destroy --data /srv/kiln 1"})
final class AuditKeyDestroy implements Callable<Integer> {

    private static final String DESTROYED = "AUDIT_KEY_DESTROYED";

    @Mixin
    private DataOption data = new DataOption();

    @Parameters(paramLabel = "N", description = "the pair's number: 1 for audit/1")
    private long number;

    @Override
    public Integer call() {
        String label = KeyLabels.audit(number);
        String object = "audit-key/" + number;
        try (ServerLock _ = ServerLock.takeStorageKeys(data.folder());
                AucNode node = AucNode.open(data.folder(), data.configuration())) {
            requireOlder(node, label);
            boolean there = node.tokens().callOnFirst(session -> AuditKeyPairs.isThere(session, number));
            if (!node.database().read(connection -> AuditLog.tells(connection, DESTROYED, object))) {
                if (!there) {
                    throw new ConfigurationException("this token has no pair '" + label
                            + "'; if another node's token has it, run the command there");
                }
                Permit permit = node.dualControl().permit(Act.AUDIT_KEY_DESTRUCTION, label);
                node.database().write(connection -> {
                    permit.use(connection);
                    AuditLog.add(
                            connection,
                            Instant.now().truncatedTo(ChronoUnit.SECONDS),
                            AuditLog.atTheTerminal(),
                            DESTROYED,
                            object,
                            "the pair; its certificate stays");
                    return object;
                });
            } else if (!there) {
                System.out.println("'" + label + "' was destroyed before");
                return 0;
            }
            node.tokens().callOnFirst(session -> {
                AuditKeyPairs.destroy(session, number);
                return label;
            });
        }
        System.out.println("'" + label + "' is destroyed; its certificate stays in the token");
        return 0;
    }

    private void requireOlder(AucNode node, String label) {
        if (number < 1) {
            throw new ConfigurationException("'" + KeyLabels.SIGNING
                    + "' signs manifests and records of ceremonies too, and stays; N is 1 for audit/1");
        }
        AuditSeal seal = new AuditSeal(
                node.database(), new TokenAuditSigner(node.connection().jca()));
        long current = seal.currentKey();
        if (number >= current) {
            throw new ConfigurationException(
                    number == current
                            ? "'" + label
                                    + "' signs the audit log now; put another in its place with 'kiln audit key change'"
                            : "the audit log has had no key '" + label + "'; the newest is '" + KeyLabels.audit(current)
                                    + "'");
        }
        if (seal.isChangeUnderWay()) {
            throw new ConfigurationException("the change to '" + KeyLabels.audit(current)
                    + "' was broken off: end it with 'kiln audit key change' before an older key is destroyed");
        }
    }
}
