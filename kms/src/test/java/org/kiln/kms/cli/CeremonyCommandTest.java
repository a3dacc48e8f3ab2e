package org.kiln.kms.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.ceremony.CeremonyScript;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.kms.keys.ScratchKeys;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.kms.server.ScratchFolder;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Session;
import org.kiln.token.TokenCertificates;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Ceremonies on a real token, from the first question to a record that somebody else verifies. */
class CeremonyCommandTest {

    private static final Path EXAMPLES = Path.of("..", "examples");

    @TempDir
    private static Path root;

    private static ScratchKeys keys;
    private static Path signing;

    @BeforeAll
    static void prepare() throws Exception {
        keys = ScratchKeys.create();
        ScratchFolder.create(root, keys.token().label());
        LabAuthority authority = LabAuthority.create(root.resolve("pki"));
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            PublicKey key = TokenCertificates.p256PublicKey(session, KeyLabels.SIGNING);
            var certificate = authority.certify(key, "signing", LabAuthority.Purpose.DOCUMENT_SIGNING);
            TokenCertificates.store(
                    session, KeyLabels.SIGNING, KeyLabels.SIGNING.getBytes(StandardCharsets.UTF_8), certificate);
            signing = root.resolve("signing.pem");
            LabAuthority.writeCertificate(signing, certificate);
        }
    }

    @AfterAll
    static void close() {
        keys.close();
    }

    @Command(name = "kiln")
    private static final class AllVerbs {}

    private static CommandLine kiln() {
        return new CommandLine(new AllVerbs())
                .addSubcommand(new CommandLine(new TransportKeyCommand()))
                .addSubcommand(new CommandLine(new StorageKeyCommand(database -> List.of())))
                .addSubcommand(new CommandLine(new HsmCommand()))
                .addSubcommand(new CommandLine(new InitCommand()))
                .addSubcommand(new CommandLine(new RestoreCommand(List.of("auc"), (node, restored) -> {})))
                .addSubcommand(new CommandLine(new CeremonyCommand(CeremonyCommandTest::kiln)))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(new PlainErrors());
    }

    /** What a verb printed, and how it ended. */
    private record Ended(int exitCode, String out) {}

    private static Ended run(String answers, String... arguments) {
        InputStream in = System.in;
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try {
            System.setIn(new ByteArrayInputStream(answers.getBytes(StandardCharsets.UTF_8)));
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            return new Ended(kiln().execute(arguments), printed.toString(StandardCharsets.UTF_8));
        } finally {
            System.setIn(in);
            System.setOut(out);
        }
    }

    private static Ended importKey(Path records, String label, String answers) {
        return run(
                answers,
                "ceremony",
                "run",
                "transport-key-import",
                "--data",
                root.toString(),
                "--record-to",
                records.toString(),
                "--set",
                "label=" + label,
                "--set",
                "partner=acme",
                "--set",
                "direction=incoming",
                "--set",
                "component-1=" + EXAMPLES.resolve("component-alice.txt"),
                "--set",
                "component-2=" + EXAMPLES.resolve("component-bob.txt"),
                "--set",
                "kcv=228763");
    }

    private static Path only(Path records, String end) throws Exception {
        try (Stream<Path> files = Files.list(records)) {
            return files.filter(file -> file.toString().endsWith(end))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static Ended verify(Path record) {
        return run("", "ceremony", "verify", record.toString(), "--certificate", signing.toString());
    }

    @Test
    void aCeremonyLeavesARecordThatCannotBeChanged() throws Exception {
        Path records = root.resolve("records");
        Ended ended = importKey(
                records, "acme-in", "Olga\nolga\nAlice\nBob\nOlga\nAlice\nMallory\nBob\n\nOLGA\nAlice\nBob\n\nOlga\n");
        assertThat(ended.exitCode()).as(ended.out()).isZero();
        assertThat(ended.out())
                .contains(
                        "Each part is another person's.",
                        "That is not the name of the custodian 2.",
                        "transport key 'acme-in' imported");
        Path json = only(records, ".json");
        Path text = only(records, ".txt");
        Ended good = verify(json);
        assertThat(good.exitCode()).as(good.out()).isZero();
        assertThat(good.out()).contains("outcome      COMPLETED", "custodian 2  Bob", "0 violations", "says the same");
        assertThat(Files.readString(text)).doesNotContain("NOT CONFIRMED");

        Files.writeString(text, Files.readString(text).replace("Bob", "Rob"));
        assertThat(verify(json).exitCode()).isEqualTo(1);
        Files.delete(text);
        String record = Files.readString(json);
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Path changed = root.resolve("changed.json");
        for (int round = 0; round < 200; round++) {
            StringBuilder other = new StringBuilder(record);
            int at = random.nextInt(record.length());
            char before = record.charAt(at);
            char after = "0a\"}x ".charAt(random.nextInt(6));
            if (Character.isWhitespace(before) || before == after || after == ' ') {
                continue;
            }
            other.setCharAt(at, after);
            Files.writeString(changed, other);
            assertThat(verify(changed).exitCode())
                    .as("seed %d, octet %d", seed, at)
                    .isEqualTo(1);
        }
    }

    @Test
    void whatIsBrokenOffIsRecordedToo() throws Exception {
        Path stopped = root.resolve("stopped");
        Ended said = importKey(stopped, "other-in", "Olga\nAlice\nBob\nOlga\nstop\n");
        assertThat(said.exitCode()).isEqualTo(1);
        assertThat(verify(only(stopped, ".json")).out())
                .contains("BROKEN_OFF: somebody said stop", "NOT CONFIRMED", "the record is good");
        Path failed = root.resolve("failed");
        Ended refused = run(
                "Olga\nUli\nWim\nUli\nOlga\n\n",
                "ceremony",
                "run",
                "storage-key-destruction",
                "--data",
                root.toString(),
                "--record-to",
                failed.toString(),
                "--set",
                "version=1");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(only(failed, ".txt")).content().contains("BROKEN_OFF: ");
        Ended missing =
                run("", "ceremony", "run", "storage-key-destruction", "--data", root.toString(), "--record-to", "x");
        assertThat(missing.exitCode()).isEqualTo(1);
    }

    private static Ended run(String answers, String ceremony, Path data, Path records, List<String> set) {
        List<String> words = new ArrayList<>(
                List.of("ceremony", "run", ceremony, "--data", data.toString(), "--record-to", records.toString()));
        set.forEach(each -> words.addAll(List.of("--set", each)));
        return run(answers, words.toArray(String[]::new));
    }

    /** What makes a folder leaves a text where no token could sign yet, and touches no folder that there is. */
    @Test
    void whatMakesTheFirstKeysNeedsNoTokenAndNoFolder() throws Exception {
        Path records = root.resolve("first");
        Path fresh = root.resolve("fresh");
        List<String> set = List.of("backup=" + root.resolve("keys.json"), "shares-to=" + root.resolve("shares"));
        String people = "Olga\nUli\nWim\nAnn\nBen\nCid\nDan\nEve\n";
        Ended stopped = run(people + "Wim\nstop\n", "first-keys", fresh, records, set);
        assertThat(stopped.exitCode()).as(stopped.out()).isEqualTo(1);
        assertThat(stopped.out()).contains("no token has signed it");
        assertThat(only(records, ".txt")).content().contains("BROKEN_OFF: somebody said stop", "custodian 5  Eve");
        try (Stream<Path> files = Files.list(records)) {
            assertThat(files).noneMatch(file -> file.toString().endsWith(".json"));
        }
        assertThat(fresh).doesNotExist();
        assertThat(run(people, "first-keys", root, records, set).exitCode()).isEqualTo(1);
        assertThat(run("", "inspection", fresh, records, List.of()).exitCode()).isEqualTo(1);
        assertThat(fresh).doesNotExist();
    }

    /** A token that kiln.yaml does not name is refused by the command, and the record says so. */
    @Test
    void theSecondTokensCustodiansEachCheckTheirShare() throws Exception {
        Path records = root.resolve("second");
        Ended refused = run(
                "Olga\nUli\nWim\nAnn\nBen\nCid\nWim\n\nUli\nAnn\nBen\nCid\n\n",
                "second-token",
                root,
                records,
                List.of(
                        "token=kiln-b",
                        "so-pin-file=" + root.resolve("pins/so.pin"),
                        "backup=" + root.resolve("none.json"),
                        "share-1=a",
                        "share-2=b",
                        "share-3=c"));
        assertThat(refused.exitCode()).isEqualTo(1);
        Ended record = verify(only(records, ".json"));
        assertThat(record.exitCode()).as(record.out()).isZero();
        assertThat(record.out()).contains("custodian 3  Cid", "ended with exit code 1", "kiln-b");
    }

    /** Each script is well formed, and its commands are verbs of kiln with options that there are. */
    @Test
    void everyScriptsCommandsAreThere() {
        for (String name : CeremonyScript.NAMES) {
            CeremonyScript script = CeremonyScript.named(name);
            assertThat(script.name()).isEqualTo(name);
            for (CeremonyScript.Step step : script.steps()) {
                if (!step.command().isEmpty()) {
                    String[] words = step.command().stream()
                            .map(word ->
                                    word.equals("${version}") ? "1" : word.equals("${direction}") ? "incoming" : word)
                            .toArray(String[]::new);
                    kiln().parseArgs(words);
                }
            }
        }
        assertThat(run("", "ceremony", "list").out()).contains("--set component-1=...");
    }
}
