package org.kiln.kms.server;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import org.kiln.kms.access.AccessRules;
import org.kiln.kms.access.Principal;
import org.kiln.kms.audit.AuditLog;
import org.kiln.kms.store.Database;

/** Enters into the audit log how many vectors each caller got since the last time: whose they were, it does not say. */
public final class ServedVectors {

    private static final String KILN = "kiln";

    private final AccessRules rules;
    private final Database database;
    private final int node;
    private final Map<Principal, Long> entered = new HashMap<>();

    /** @param node this node's number */
    public ServedVectors(AccessRules rules, Database database, int node) {
        this.rules = rules;
        this.database = database;
        this.node = node;
    }

    /** Enters those who got any, in one transaction. */
    public synchronized void enter(Instant now) {
        Map<Principal, Long> counts = new HashMap<>();
        for (Principal principal : rules.principals()) {
            long count = principal.vectors();
            if (count > entered.getOrDefault(principal, 0L)) {
                counts.put(principal, count);
            }
        }
        if (counts.isEmpty()) {
            return;
        }
        database.write(connection -> {
            for (Map.Entry<Principal, Long> each : counts.entrySet()) {
                AuditLog.add(
                        connection,
                        now.truncatedTo(ChronoUnit.SECONDS),
                        KILN,
                        "VECTORS_SERVED",
                        "caller/" + each.getKey().name(),
                        each.getValue() - entered.getOrDefault(each.getKey(), 0L) + " at node " + node
                                + " since the last entry");
            }
            return counts.size();
        });
        entered.putAll(counts);
    }
}
