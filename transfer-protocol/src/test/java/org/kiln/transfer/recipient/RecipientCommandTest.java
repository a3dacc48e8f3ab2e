package org.kiln.transfer.recipient;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.engines.RFC5649WrapEngine;
import org.bouncycastle.crypto.params.KeyParameter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.secret.Secret;
import org.kiln.token.ScratchToken;
import org.kiln.transfer.acknowledgement.Acknowledgement;
import org.kiln.transfer.acknowledgement.AcknowledgementFile;
import org.kiln.transfer.batch.BatchReader;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.Content;
import org.kiln.transfer.batch.KcvConvention;
import org.kiln.transfer.batch.KeyReference;
import org.kiln.transfer.batch.Manifest;
import org.kiln.transfer.batch.Wrapping;
import org.kiln.transfer.envelope.Opener;
import org.kiln.transfer.envelope.SignerTrust;
import org.kiln.transfer.openpgp.PgpCertificate;
import org.kiln.transfer.openpgp.PgpIdentity;
import org.kiln.transfer.openpgp.PgpSealer;
import org.kiln.transfer.output.KilnJson;
import org.kiln.transfer.tr31.Tr31;
import org.kiln.transfer.tr31.Tr31Header;
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
        Path cut = Files.write(folder.resolve("cut.kiln"), Arrays.copyOf(octets, octets.length - 100));

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
    @ValueSource(
            strings = {
                "prepare",
                "receive-key",
                "verify",
                "list",
                "open",
                "rewrap",
                "acknowledge",
                "pgp-certificate",
                "pgp-open"
            })
    void helpEndsWithAnExample(String command) {
        Run help = execute(command, "--help");

        assertThat(help.exitCode()).isZero();
        assertThat(help.out()).contains("Example:").contains("  recipient " + command + " --token");
    }

    @Test
    void noOptionTakesAPin() {
        CommandLine tool = RecipientTool.commandLine();

        assertThat(tool.getSubcommands().values())
                .hasSize(9)
                .allSatisfy(command -> assertThat(command.getCommandSpec().optionsMap())
                        .containsKey("--pin-file")
                        .doesNotContainKeys("--pin", "-p", "--password"));
    }

    @Test
    void aBatchSentAgainIsRefusedUnlessAskedFor() throws Exception {
        Path register = folder.resolve("opened");
        String[] once = {"--register", register.toString()};
        String[] again = {"--register", register.toString(), "--again"};
        Path other = sender.file(
                Files.createDirectory(folder.resolve("other")),
                Pem.certificate(folder.resolve("acme.pem")),
                NAME,
                sender.reference(),
                (card, row) -> {});

        assertThat(onBatch("open", NAME, batch, once).exitCode()).isZero();
        assertOneSentence(onBatch("open", NAME, batch, once), "'batch-3' of order 'order-17' was opened before, on ");
        assertOneSentence(onBatch("open", NAME, batch, once), "from this file");
        assertOneSentence(onBatch("open", NAME, other, once), "from another file");
        assertThat(onBatch("open", NAME, batch, again).exitCode()).isZero();
        assertThat(Files.readAllLines(register.resolve(OpenedBatches.FILE))).hasSize(2);
    }

    @Test
    void aBatchInAnOpenPgpMessageIsOpenedOnce() throws Exception {
        Path certificate = folder.resolve("acme.asc");
        assertThat(run("pgp-certificate", "--recipient", NAME, "--out", certificate.toString())
                        .exitCode())
                .isZero();
        PgpIdentity operator = PgpIdentity.of(
                sender.signer.key(),
                sender.signer.certificate().getPublicKey(),
                null,
                "operator",
                Instant.parse("2026-01-01T00:00:00Z"));
        Path operatorFile = Files.writeString(
                folder.resolve("operator.asc"), operator.certificate().armoured());
        Path message = folder.resolve("order-17.pgp");
        try (RecipientToken open = TestRecipient.open(token);
                Secret pin = ScratchToken.userPin();
                InputStream recipient = Files.newInputStream(certificate);
                OutputStream out = Files.newOutputStream(message)) {
            Opener opener = new Opener(
                    new RecipientKeys(open).envelopeIdentity(pin),
                    SignerTrust.pinned(sender.signer.certificate()),
                    InstantSource.system());
            byte[] zip = opener.open(batch, opener.verify(batch), InputStream::readAllBytes);
            new PgpSealer(operator, List.of(PgpCertificate.read(recipient)), InstantSource.system())
                    .seal(out, "batch.zip", to -> to.write(zip));
        }
        String[] arguments = {
            "--recipient",
            NAME,
            "--sender",
            operatorFile.toString(),
            "--register",
            folder.resolve("opened-pgp").toString(),
            message.toString()
        };

        Run opened = run("pgp-open", arguments);

        assertThat(opened.err()).isEmpty();
        assertThat(opened.out().lines())
                .contains("signed by           " + operator.certificate().fingerprint(), "keys opened         18");
        assertOneSentence(run("pgp-open", arguments), "was opened before");
    }

    @Test
    void aDamagedRegisterIsOneSentence() throws Exception {
        Path register = Files.createDirectory(folder.resolve("damaged"));
        Files.writeString(register.resolve(OpenedBatches.FILE), "{\n");

        assertOneSentence(onBatch("open", NAME, batch, "--register", register.toString()), "is damaged in line 1");
    }

    @Test
    void listShowsTheColumns() {
        assertThat(onBatch("list", NAME, batch).out().lines())
                .contains(
                        "format              kiln-csv",
                        "column              ICCID: clear",
                        "column              KI: AES_KEY by AES_KWP under acme-out");
    }

    @Test
    void aColumnOfKeyBlocksIsOpenedUnderAKeyReceivedForThat() throws Exception {
        Path own = Files.createDirectory(folder.resolve("blocks"));
        try (TestSender other = new TestSender("acme-blocks");
                Secret kbpk = Secret.takeFrom(other.transportKey.clone());
                Secret ki = Secret.takeFrom(TestSender.plain("KI", 0))) {
            other.keyFile(publicKey(folder.resolve("acme-rsa.pem"))).write(own.resolve("blocks.key"));
            Files.writeString(own.resolve("signer.pem"), Pem.of(other.signer.certificate()));
            Path file = other.seal(
                    own,
                    Pem.certificate(folder.resolve("acme.pem")),
                    List.of(Column.keyBlock(
                            "KI", other.label, other.kcv(KcvConvention.ZERO_BLOCK, 3), "10", Content.AES_KEY)),
                    List.of(Map.of("KI", Tr31.wrap(kbpk, new Tr31Header("10", "A", "N", "00", 'E', List.of()), ki))));
            String[] arguments = {
                "--recipient",
                TestRecipient.NAME,
                "--signer",
                own.resolve("signer.pem").toString(),
                file.toString()
            };

            Run listed = run("list", arguments);
            assertThat(listed.err()).isEmpty();
            assertThat(listed.out().lines())
                    .contains("column              KI: AES_KEY in key blocks of usage 10 under acme-blocks");
            assertOneSentence(run("open", arguments), "no transport key 'acme-blocks'");
            Run received = run(
                    "receive-key",
                    "--use",
                    "key_blocks",
                    own.resolve("blocks.key").toString());
            assertThat(received.err()).isEmpty();
            assertThat(received.out()).contains("for KEY_BLOCKS");
            assertThat(run("open", arguments).out().lines()).contains("keys opened         1");
        }
    }

    @Test
    void aGoodBatchIsAcknowledged() throws Exception {
        Path answer = folder.resolve("good.ack");
        Run run = onBatch("acknowledge", NAME, batch, "--out", answer.toString());

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("verdict             ACCEPTED");
        assertThat(read(answer, batch).verdict()).isEqualTo(Acknowledgement.Verdict.ACCEPTED);
        assertOneSentence(onBatch("acknowledge", NAME, batch, "--out", answer.toString()), "is there already");
    }

    @Test
    void aBatchWithAWrongKeyIsRejectedByLineAndColumn() throws Exception {
        Path bad = sender.file(
                Files.createDirectory(folder.resolve("bad")),
                Pem.certificate(folder.resolve("acme.pem")),
                NAME,
                sender.reference(),
                (card, row) -> {
                    if (card == 1) {
                        row.put("KI_KCV", "000000");
                    }
                });
        Path answer = folder.resolve("bad.ack");
        Run run = onBatch("acknowledge", NAME, bad, "--out", answer.toString());

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(read(answer, bad).reasons()).singleElement().asString().startsWith("Line 3, column KI");
    }

    @Test
    void aBatchIsRejectedForReasonsOfOnesOwn() throws Exception {
        Path answer = folder.resolve("own.ack");
        Run run = onBatch("acknowledge", NAME, batch, "--out", answer.toString(), "--reject", "wrong artwork");

        assertThat(run.exitCode()).isZero();
        assertThat(read(answer, batch).reasons()).containsExactly("wrong artwork");
    }

    @Test
    void valuesAreWrappedAgainUnderAKeyOfTheRecipients() throws Exception {
        byte[] machineKey = new byte[32];
        machineKey[0] = 7;
        makeWrappingKey("machine-7", machineKey);
        Path file = sender.file(
                folder, Pem.certificate(folder.resolve("acme.pem")), NAME, new KilnJson(), Wrapping.AES_KWP, "batch-9");
        Path out = folder.resolve("machine-7.zip");

        Run run = onBatch("rewrap", NAME, file, "--under", "machine-7", "--out", out.toString());

        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("keys opened         6");
        List<Map<String, String>> rows = new ArrayList<>();
        try (InputStream in = Files.newInputStream(out)) {
            Manifest manifest = BatchReader.read(in, card -> rows.add(card.values()));
            assertThat(manifest.keys())
                    .singleElement()
                    .extracting(KeyReference::label)
                    .isEqualTo("machine-7");
        }
        RFC5649WrapEngine kwp = new RFC5649WrapEngine(AESEngine.newInstance());
        kwp.init(false, new KeyParameter(machineKey));
        for (int card = 0; card < rows.size(); card++) {
            for (String column : List.of("KI", "PIN1")) {
                byte[] wrapped = HexFormat.of().parseHex(rows.get(card).get(column));
                assertThat(kwp.unwrap(wrapped, 0, wrapped.length)).isEqualTo(TestSender.plain(column, card));
            }
        }
        assertOneSentence(
                onBatch(
                        "rewrap",
                        NAME,
                        batch,
                        "--under",
                        "machine-7",
                        "--out",
                        folder.resolve("x").toString()),
                "column NAME: the value is neither a key nor a code of 8 octets");
        assertThat(folder.resolve("x")).doesNotExist();
    }

    private static void makeWrappingKey(String label, byte[] value) {
        try (Session session = token.openAs(Ck.CKU_USER);
                Arena arena = Arena.ofConfined()) {
            session.createObject(Template.builder()
                    .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                    .with(Cka.KEY_TYPE, Ck.CKK_AES)
                    .with(Cka.TOKEN, true)
                    .with(Cka.PRIVATE, true)
                    .label(label)
                    .with(Cka.SENSITIVE, true)
                    .with(Cka.EXTRACTABLE, false)
                    .with(Cka.VALUE, arena.allocateFrom(ValueLayout.JAVA_BYTE, value))
                    .with(Cka.WRAP, true)
                    .build());
        }
    }

    private static Acknowledgement read(Path answer, Path file) throws Exception {
        Manifest manifest;
        try (RecipientToken open = TestRecipient.open(token)) {
            Secret pin = ScratchToken.userPin();
            manifest = new BatchOpener(
                            open,
                            new RecipientKeys(open).envelopeIdentity(pin),
                            SignerTrust.pinned(sender.signer.certificate()),
                            NAME)
                    .verify(file)
                    .manifest();
        }
        try (InputStream in = Files.newInputStream(answer)) {
            return AcknowledgementFile.read(
                            in,
                            SignerTrust.pinned(Pem.certificate(folder.resolve("acme.pem"))),
                            InstantSource.system(),
                            new AcknowledgementFile.Expected(
                                    "order-17", "batch-3", manifest.digest(), manifest.quantity(), NAME))
                    .acknowledgement();
        }
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

    private static Run onBatch(String command, String name, Path file, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--recipient", name, "--signer", folder.resolve("operator.pem").toString(), file.toString()));
        arguments.addAll(List.of(more));
        return run(command, arguments.toArray(String[]::new));
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
