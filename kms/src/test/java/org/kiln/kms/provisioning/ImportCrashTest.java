package org.kiln.kms.provisioning;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.aka.PlmnId;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.auc.VectorRequest;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.kms.subscriber.StagedSubscribers;
import org.kiln.token.ScratchToken;

/** An import in a process with a small heap that is killed twice: nothing is done twice, and nothing is left out. */
@Tag(ScratchDatabase.TAG)
class ImportCrashTest {

    private static final int ROWS = SubscriberLoads.PAGE + 5_003;

    /** Far less than the rows would take, were they kept. */
    private static final String HEAP = "-Xmx24m";

    private static final VectorKind EPS = VectorKind.EpsAka.of(new PlmnId("001", "01"));

    @TempDir
    private Path folder;

    private ScratchNode node;

    @BeforeEach
    void open() {
        node = new ScratchNode(folder);
    }

    @AfterEach
    void close() {
        node.close();
    }

    private Path file() throws IOException {
        Path file = folder.resolve("many.csv");
        try (ScratchLoadFile rows = new ScratchLoadFile(file)) {
            for (int number = 0; number < ROWS; number++) {
                rows.add(number);
            }
        }
        return file;
    }

    private Process start(Path file, String waitAt) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                HEAP,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                ImportingProcess.class.getName(),
                node.tokenLabel(),
                file.toString(),
                waitAt));
        command.addAll(ImportingProcess.arguments(node.database().location()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectError(folder.resolve("errors").toFile());
        builder.environment()
                .put(
                        "SOFTHSM2_CONF",
                        ScratchToken.configurationFolder()
                                .resolve("softhsm2.conf")
                                .toString());
        return builder.start();
    }

    /** Reads what the process says until it says this, or ends; returns all of it but the log's lines. */
    private List<String> until(Process process, String word) throws IOException {
        List<String> said = new ArrayList<>();
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.matches("(goes on|took|released|imported) .*")) {
                said.add(line);
            }
            if (line.equals(word)) {
                return said;
            }
        }
        throw new AssertionError("it ended without '" + word + "':\n" + Files.readString(folder.resolve("errors")));
    }

    private void kill(Process process) throws InterruptedException {
        assertThat(process.destroyForcibly().waitFor()).isEqualTo(128 + 9);
    }

    @Test
    void anImportThatIsKilledGoesOnAndIsWhole() throws Exception {
        Path file = file();
        Process first = start(file, "");
        until(first, "took 5000");
        kill(first);
        assertThat(node.store().count()).isZero();

        Process second = start(file, "released " + SubscriberLoads.PAGE);
        List<String> said = until(second, "released " + SubscriberLoads.PAGE);
        assertThat(said.getFirst()).startsWith("goes on ");
        long from = Long.parseLong(said.getFirst().substring("goes on ".length()));
        assertThat(from).isGreaterThanOrEqualTo(5000);
        assertThat(said.get(1)).isEqualTo("took " + (from + LoadStaging.PAGE));
        kill(second);
        assertThat(node.store().count()).isEqualTo(SubscriberLoads.PAGE);

        Process third = start(file, "");
        said = until(third, "imported " + ROWS);
        assertThat(said).doesNotContain("took " + ROWS);
        assertThat(third.waitFor()).isZero();
        assertThat(node.store().count()).isEqualTo(ROWS);
        assertThat(new SubscriberLoads(node.database(), new StagedSubscribers(node.store())).list())
                .isEmpty();
        requireServed();
    }

    private void requireServed() {
        try (AuthenticationCentre centre =
                new AuthenticationCentre(node.tokens(), node.storageKeys(), node.store(), 0, 1, 100)) {
            for (int number = 0; number < ROWS; number += 997) {
                assertThat(ScratchNode.card(number)
                                .sqn(centre.authenticate(
                                                new VectorRequest(ScratchNode.supi(number), EPS, 1, Optional.empty()))
                                        .join()
                                        .getFirst()))
                        .isPositive();
            }
        }
    }
}
