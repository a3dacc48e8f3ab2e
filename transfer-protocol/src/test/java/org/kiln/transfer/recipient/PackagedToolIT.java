package org.kiln.transfer.recipient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.token.ScratchToken;

/** The jar as a recipient gets it, in a process of its own. Run once the jar is there, in Maven's package phase. */
class PackagedToolIT {

    @TempDir
    private Path folder;

    @Test
    void helpWorksAndSaysHowToBegin() throws Exception {
        Run help = run("--help");

        assertThat(help.exitCode()).as(help.output()).isZero();
        assertThat(help.output())
                .startsWith("Usage: recipient")
                .contains("prepare", "receive-key", "verify", "list", "open", "rewrap", "acknowledge")
                .contains("Example, from a new token to an opened file:");
    }

    @Test
    void aTokenIsPreparedAndABatchOpened() throws Exception {
        ScratchToken token = ScratchToken.create();
        Files.writeString(folder.resolve("pin"), "user-12345678\n");
        String[] at = {
            "--softhsm", ScratchToken.configurationFolder().toString(),
            "--token", token.label(),
            "--pin-file", folder.resolve("pin").toString()
        };
        Path rsa = folder.resolve("rsa.pem");
        Path certificate = folder.resolve("acme.pem");
        Run prepared = run(
                "prepare",
                at,
                "--recipient",
                "acme",
                "--rsa-out",
                rsa.toString(),
                "--certificate-out",
                certificate.toString());
        assertThat(prepared.exitCode()).as(prepared.output()).isZero();
        try (TestSender sender = new TestSender("acme-out");
                RecipientToken opened = TestRecipient.open(token)) {
            sender.keyFile(new RecipientKeys(opened).receiverPublicKey()).write(folder.resolve("key"));
            Path operator = Files.writeString(folder.resolve("operator.pem"), Pem.of(sender.signer.certificate()));
            Path batch =
                    sender.file(folder, Pem.certificate(certificate), "acme", sender.reference(), (card, row) -> {});
            assertThat(run("receive-key", at, folder.resolve("key").toString()).exitCode())
                    .isZero();

            Run run = run("open", at, "--recipient", "acme", "--signer", operator.toString(), batch.toString());

            assertThat(run.exitCode()).as(run.output()).isZero();
            assertThat(run.output()).contains("cards opened        3").doesNotContain("WARNING");
        }
    }

    private record Run(int exitCode, String output) {}

    private Run run(String command, String[] first, String... rest) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(command));
        arguments.addAll(List.of(first));
        arguments.addAll(List.of(rest));
        return run(arguments.toArray(String[]::new));
    }

    private Run run(String... arguments) throws IOException, InterruptedException {
        String jar = System.getProperty("kiln.recipient.jar");
        assumeTrue(jar != null, "the jar is made in Maven's package phase, which names it");
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar", jar));
        command.addAll(List.of(arguments));
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        return new Run(process.exitValue(), Files.readString(log));
    }
}
