package org.kiln.kms.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.provisioning.ScratchNode;

class AbuseAlarmTest {

    @TempDir
    private Path folder;

    @Test
    void subscribersAreNamedByTheirCodesAndNotWithoutEnd() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
        try (ScratchNode node = new ScratchNode(folder)) {
            try (AbuseAlarm alarm = new AbuseAlarm(node.store(), 3, meters, now::get)) {
                for (int number = 0; number < 25; number++) {
                    alarm.askedOften(ScratchNode.supi(number));
                }
                now.addAndGet(TimeUnit.SECONDS.toNanos(61));
                alarm.askedOften(ScratchNode.supi(99));
            }
            assertThat(meters.counter("kiln_subscribers_asked_often_total").count())
                    .isEqualTo(26);
            List<String> entries = entries(node);
            assertThat(entries)
                    .hasSize(AbuseAlarm.MOST_NAMED + 1)
                    .contains(
                            "kiln SUBSCRIBER_ASKED_OFTEN subscriber/"
                                    + node.store().pseudonym(ScratchNode.supi(0)) + " at node 3",
                            "kiln SUBSCRIBER_ASKED_OFTEN subscriber/"
                                    + node.store().pseudonym(ScratchNode.supi(99)) + " at node 3");
            assertThat(entries.toString()).doesNotContain("imsi-");
        }
    }

    private static List<String> entries(ScratchNode node) {
        return node.database().read(connection -> {
            try (var rows = connection
                    .createStatement()
                    .executeQuery("select actor, act, object, detail from audit_entry where actor = 'kiln'")) {
                List<String> entries = new ArrayList<>();
                while (rows.next()) {
                    entries.add(rows.getString(1) + " " + rows.getString(2) + " " + rows.getString(3) + " "
                            + rows.getString(4));
                }
                return entries;
            }
        });
    }
}
