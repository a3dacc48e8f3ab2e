package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.personalisation.demo.KilnProcess;

/** The audit log of a node that has made cards, sealed by its token and verified with the certificate alone. */
class AuditOfANodeTest {

    @TempDir
    Path folder;

    private KilnProcess.Ended verify(Path log, Path certificate) throws Exception {
        return KilnProcess.run(Map.of(), "audit", "verify", log.toString(), "--certificate", certificate.toString());
    }

    @Test
    void tellsWhatWasDoneAndShowsWhatWasChangedInIt() throws Exception {
        Shop shop = new Shop(folder);
        Path signing = Path.of(shop.data(), "pki", "signing.pem");
        Path log = folder.resolve("audit.jsonl");
        try (KilnProcess kiln = shop.up()) {
            shop.stock(kiln, "profile-milenage-uicc.yaml");
            String id = shop.ordered(kiln, shop.order("audited-1", 3));
            assertThat(shop.settled(kiln, id).path("state").asText()).isEqualTo("READY");
            assertThat(KilnProcess.succeed("audit", "seal", "--data", shop.data()))
                    .contains("sealed up to entry");
            KilnProcess.succeed("audit", "export", "--data", shop.data(), "--out", log.toString());
            String text = Files.readString(log);
            assertThat(text)
                    .contains(
                            "TRANSPORT_KEY_MADE",
                            "PROFILE_PUBLISHED",
                            "\"object\":\"order/" + id,
                            "\"actor\":\"approver\"",
                            "NUMBER_RANGE_ADDED",
                            "\"checkpoint\":")
                    .doesNotContain("imsi-");
            KilnProcess.Ended good = verify(log, signing);
            assertThat(good.exitCode()).as(good.out()).isZero();
            assertThat(good.out()).endsWith("the log is good");

            Files.writeString(log, text.replaceFirst("\"approver\"", "\"operator\""));
            KilnProcess.Ended altered = verify(log, signing);
            assertThat(altered.exitCode()).isEqualTo(1);
            assertThat(altered.out()).contains(": altered: entry ");
            Files.writeString(log, text);
            assertThat(verify(log, Path.of(shop.data(), "pki", "ca.pem")).out()).contains(": not signed: ");
        }
        KilnProcess.succeed("audit", "export", "--data", shop.data(), "--out", log.toString());
        assertThat(verify(log, signing).out()).containsPattern("(\\d+) entries, \\1 of them under a good checkpoint");
    }
}
