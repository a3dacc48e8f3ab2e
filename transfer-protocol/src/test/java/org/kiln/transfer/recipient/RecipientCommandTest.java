package org.kiln.transfer.recipient;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.token.ScratchToken;
import org.kiln.transfer.batch.KcvConvention;
import picocli.CommandLine;

/** The tool as a vendor runs it: command lines and files only. */
class RecipientCommandTest {

    private static final String NAME = "acme";

    @TempDir
    private static Path folder;

    private static TestSender sender;
    private static ScratchToken token;
    private static Path batch;

    private record Run(int exitCode, String out, String err) {}

    @BeforeAll
    static void fromANewTokenToAFile() throws Exception {
        sender = new TestSender("acme-out");
        token = ScratchToken.create();
        Files.writeString(folder.resolve("pin"), "user-12345678\n");
        Files.writeString(folder.resolve("operator.pem"), Pem.of(sender.signer.certificate()));

        Run prepared = prepare();
        assertThat(prepared.err()).isEmpty();
        assertThat(prepared.exitCode()).isZero();
        sender.keyFile(publicKey(folder.resolve("acme-rsa.pem"))).write(folder.resolve("acme-out.key"));

        Run received = run("receive-key", folder.resolve("acme-out.key").toString());
        assertThat(received.err()).isEmpty();
        assertThat(received.out()).contains("PRODUCTION").contains(sender.kcv(KcvConvention.ZERO_BLOCK, 3));

        X509Certificate certificate = Pem.certificate(folder.resolve("acme.pem"));
        batch = sender.file(folder, certificate, NAME, sender.reference(), (card, row) -> {});
    }

    @AfterAll
    static void close() {
        sender.close();
    }

    @Test
    void prepareMayBeRunAgain() throws Exception {
        String certificate = Files.readString(folder.resolve("acme.pem"));

        assertThat(prepare().exitCode()).isZero();
        assertThat(folder.resolve("acme.pem")).hasContent(certificate);
    }

    @Test
    void prepareOverwritesNoOtherFile() throws Exception {
        Run refused = run(
                "prepare",
                "--recipient",
                NAME,
                "--rsa-out",
                folder.resolve("operator.pem").toString(),
                "--certificate-out",
                folder.resolve("acme.pem").toString());

        assertOneSentence(refused, "operator.pem holds something else already");
        assertThat(folder.resolve("operator.pem")).hasContent(Pem.of(sender.signer.certificate()));
    }

    @Test
    void verifyPrintsWhatTheFileIs() {
        Run verified = onBatch("verify", NAME, batch);

        assertThat(verified.err()).isEmpty();
        assertThat(verified.exitCode()).isZero();
        assertThat(verified.out().lines())
                .contains(
                        "order               order-17",
                        "batch               batch-3",
                        "signed by           CN=Kiln Telecom",
                        "cards               3")
                .noneMatch(line -> line.startsWith("keys opened"));
    }

    @Test
    void openPrintsWhatItOpened() {
        Run opened = onBatch("open", NAME, batch);

        assertThat(opened.err()).isEmpty();
        assertThat(opened.exitCode()).isZero();
        assertThat(opened.out().lines())
                .contains(
                        "order               order-17",
                        "cards opened        3",
                        "keys opened         18",
                        "KCVs checked        9");
    }

    @Test
    void aTruncatedFileIsOneSentence() throws Exception {
        byte[] octets = Files.readAllBytes(batch);
        Path cut = Files.write(folder.resolve("cut.kiln"), java.util.Arrays.copyOf(octets, octets.length - 100));

        assertOneSentence(onBatch("open", NAME, cut), "ends too early");
    }

    @Test
    void anotherNameIsOneSentence() {
        assertOneSentence(onBatch("verify", "somebody", batch), "'acme', not for 'somebody'");
    }

    @Test
    void aMissingFileIsOneSentence() {
        assertOneSentence(onBatch("open", NAME, folder.resolve("none.kiln")), "none.kiln is missing");
    }

    @Test
    void aSignerFileWithoutCertificateIsOneSentence() {
        Run refused = run(
                "verify", "--recipient", NAME, "--signer", folder.resolve("pin").toString(), batch.toString());

        assertOneSentence(refused, "pin holds no certificate in PEM");
    }

    @Test
    void aTransportKeyTwiceIsOneSentence() {
        assertOneSentence(
                run("receive-key", folder.resolve("acme-out.key").toString()), "holds a key 'acme-out' already");
    }

    @Test
    void aFileThatIsNoWrappedKeyIsOneSentence() {
        assertOneSentence(
                run("receive-key", "--label", "new", folder.resolve("acme.pem").toString()), "no transport-key file");
        assertOneSentence(run("receive-key", "--label", "new", batch.toString()), "no transport-key file");
    }

    @Test
    void aWrongPinIsOneSentence() throws Exception {
        Path wrong = Files.writeString(folder.resolve("wrong-pin"), "user-00000000");
        ScratchToken untouched = ScratchToken.create();

        assertOneSentence(
                execute(
                        "verify",
                        "--token",
                        untouched.label(),
                        "--pin-file",
                        wrong.toString(),
                        "--recipient",
                        NAME,
                        "--signer",
                        folder.resolve("operator.pem").toString(),
                        batch.toString()),
                "refuses the user's PIN (CKR_PIN_INCORRECT)");
    }

    @Test
    void aMissingPinIsOneSentence() {
        Run refused = execute(
                "receive-key",
                "--token",
                token.label(),
                "--pin-file",
                folder.resolve("no-pin").toString(),
                folder.resolve("acme-out.key").toString());

        assertOneSentence(refused, "KILN_RECIPIENT_PIN");
    }

    @Test
    void aMissingOptionIsOneSentence() {
        assertOneSentence(execute("open", batch.toString()), "see 'recipient open --help'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"prepare", "receive-key", "verify", "open"})
    void helpEndsWithAnExample(String command) {
        Run help = execute(command, "--help");

        assertThat(help.exitCode()).isZero();
        assertThat(help.out()).contains("Example:").contains("  recipient " + command + " --token");
    }

    @Test
    void noOptionTakesAPin() {
        CommandLine tool = RecipientTool.commandLine();

        assertThat(tool.getSubcommands().values())
                .hasSize(4)
                .allSatisfy(command -> assertThat(command.getCommandSpec().optionsMap())
                        .containsKey("--pin-file")
                        .doesNotContainKeys("--pin", "-p", "--password"));
    }

    private static Run prepare() {
        return run(
                "prepare",
                "--recipient",
                NAME,
                "--rsa-out",
                folder.resolve("acme-rsa.pem").toString(),
                "--certificate-out",
                folder.resolve("acme.pem").toString());
    }

    private static Run onBatch(String command, String name, Path file) {
        return run(
                command,
                "--recipient",
                name,
                "--signer",
                folder.resolve("operator.pem").toString(),
                file.toString());
    }

    private static Run run(String command, String... arguments) {
        List<String> all = new ArrayList<>(List.of(
                command,
                "--softhsm",
                ScratchToken.configurationFolder().toString(),
                "--token",
                token.label(),
                "--pin-file",
                folder.resolve("pin").toString()));
        all.addAll(List.of(arguments));
        return execute(all.toArray(String[]::new));
    }

    private static Run execute(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = RecipientTool.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
        return new Run(exitCode, out.toString(), err.toString());
    }

    private static void assertOneSentence(Run run, String part) {
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.err()).startsWith("recipient: ").contains(part);
    }

    private static PublicKey publicKey(Path pem) throws Exception {
        String body = Files.readString(pem).replaceAll("-----[A-Z ]+-----|\\s", "");
        return KeyFactory.getInstance("RSA")
                .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(body)));
    }
}
