package org.kiln.kms.cli;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.kiln.kms.audit.AuditLog;
import org.kiln.kms.ceremony.CeremonyConduct;
import org.kiln.kms.ceremony.CeremonyConduct.Ended;
import org.kiln.kms.ceremony.CeremonyConduct.Place;
import org.kiln.kms.ceremony.CeremonyRecord;
import org.kiln.kms.ceremony.CeremonyScript;
import org.kiln.kms.ceremony.CeremonySeal;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.kms.server.TokenConnection;
import org.kiln.kms.store.Database;
import org.kiln.token.JcaToken;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code kiln ceremony}. */
@Command(
        name = "ceremony",
        description = {
            "Leads people through what is done to keys, step by step, with what each must check, and leaves a record that the",
            "token has signed: a text to read and a JSON file to verify."
        },
        mixinStandardHelpOptions = true,
        subcommands = {CeremonyCommand.ListAll.class, CeremonyCommand.Run.class, CeremonyCommand.Verify.class})
public final class CeremonyCommand {

    private final Supplier<CommandLine> kiln;

    /** @param kiln all verbs, of which a ceremony runs some */
    public CeremonyCommand(Supplier<CommandLine> kiln) {
        this.kiln = kiln;
    }

    /** {@code kiln ceremony list}. */
    @Command(name = "list", description = "Lists the ceremonies and what each takes.", mixinStandardHelpOptions = true)
    public static final class ListAll implements Callable<Integer> {

        @Override
        public Integer call() {
            for (String name : CeremonyScript.NAMES) {
                CeremonyScript script = CeremonyScript.named(name);
                System.out.println(name + ": " + script.purpose());
                System.out.println("  people: " + String.join(", ", script.people()));
                new TreeMap<>(script.parameters())
                        .forEach((parameter, what) -> System.out.println("  --set " + parameter + "=...  " + what));
            }
            return 0;
        }
    }

    /** {@code kiln ceremony run}. */
    @Command(
            name = "run",
            description = {
                "Conducts a ceremony at this terminal. Broken off at any step, it leaves a record that says so; run it again,",
                "and each command goes on from where it was, as docs/ceremonies.md says of it."
            },
            exitCodeListHeading = "Exit codes:%n",
            exitCodeList = {"0:it went to its end", "1:it was broken off"},
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Example:",
                "  kiln ceremony run storage-key-destruction --data /srv/kiln --set version=1 --record-to records"
            })
    public static final class Run implements Callable<Integer> {

        @ParentCommand
        private CeremonyCommand parent = new CeremonyCommand(() -> new CommandLine(new Object()));

        @Mixin
        private DataOption data = new DataOption();

        @Parameters(paramLabel = "NAME", description = "see 'kiln ceremony list'")
        private String name = "";

        @Option(names = "--set", paramLabel = "PARAMETER=VALUE", description = "what the ceremony takes; repeat it")
        private Map<String, String> parameters = Map.of();

        @Option(
                names = "--record-to",
                required = true,
                paramLabel = "DIR",
                description = "where the record goes, as NAME-TIME.json and .txt")
        private Path folder = Path.of("");

        @Override
        public Integer call() throws IOException {
            CeremonyScript script = script();
            boolean isThere = Files.exists(data.folder().configuration());
            if (script.makesFolder() && isThere) {
                throw new ConfigurationException(data.folder().root()
                        + " is prepared already, and this ceremony makes it: name a new folder with --data");
            }
            if (!script.makesFolder() && !isThere) {
                throw new ConfigurationException(data.folder().root()
                        + " is no data folder yet; the ceremonies first-keys and restore-from-shares make one");
            }
            Files.createDirectories(folder);
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            CeremonyRecord record = new CeremonyConduct(
                            script, parameters, in, System.out, this::run, InstantSource.system())
                    .lead(this::place);
            String stem = name + "-" + record.begun().replaceAll("[^0-9TZ]", "");
            Files.writeString(folder.resolve(stem + ".txt"), record.text());
            if (!Files.exists(data.folder().configuration())) {
                System.out.println("record " + folder.resolve(stem + ".txt")
                        + " to read and to sign by hand; no token has signed it, for there is none yet");
                return 1;
            }
            TokenConnection connection =
                    TokenConnection.load(data.folder(), data.configuration().hsm());
            JcaToken jca = connection.jca();
            String sealed = CeremonySeal.seal(record, jca.privateKey(KeyLabels.SIGNING), jca.provider());
            Path json = folder.resolve(stem + ".json");
            Files.writeString(json, sealed);
            audit(record);
            System.out.println("record " + json + ", and " + stem + ".txt to read and to sign by hand");
            return record.isComplete() ? 0 : 1;
        }

        private Place place() {
            if (!Files.exists(data.folder().configuration())) {
                return new Place("", "");
            }
            KilnConfiguration configuration = data.configuration();
            return new Place(configuration.operator(), configuration.hsm().token());
        }

        private CeremonyScript script() {
            try {
                return CeremonyScript.named(name);
            } catch (IllegalArgumentException e) {
                throw new ConfigurationException(String.valueOf(e.getMessage()), e);
            }
        }

        /** In this process, its output shown and kept. */
        private Ended run(List<String> words) {
            List<String> all = new ArrayList<>(words);
            all.addAll(List.of("--data", data.folder().root().toString()));
            ByteArrayOutputStream kept = new ByteArrayOutputStream();
            PrintStream out = System.out;
            PrintStream err = System.err;
            try (PrintStream both = new PrintStream(new Tee(kept, out), true, StandardCharsets.UTF_8)) {
                System.setOut(both);
                System.setErr(both);
                int exitCode = parent.kiln
                        .get()
                        .setOut(new PrintWriter(both, true, StandardCharsets.UTF_8))
                        .setErr(new PrintWriter(both, true, StandardCharsets.UTF_8))
                        .execute(all.toArray(String[]::new));
                return new Ended(exitCode, kept.toString(StandardCharsets.UTF_8).strip());
            } finally {
                System.setOut(out);
                System.setErr(err);
            }
        }

        /** Writes to two; what the first got is kept. */
        private static final class Tee extends OutputStream {

            private final OutputStream kept;
            private final OutputStream shown;

            Tee(OutputStream kept, OutputStream shown) {
                this.kept = kept;
                this.shown = shown;
            }

            @Override
            public void write(int octet) throws IOException {
                kept.write(octet);
                shown.write(octet);
            }

            @Override
            public void write(byte[] octets, int offset, int length) throws IOException {
                kept.write(octets, offset, length);
                shown.write(octets, offset, length);
            }

            @Override
            public void flush() throws IOException {
                shown.flush();
            }
        }

        private void audit(CeremonyRecord record) {
            try (Database database = data.database()) {
                database.write(connection -> {
                    AuditLog.add(
                            connection,
                            Instant.now(),
                            AuditLog.atTheTerminal(),
                            "CEREMONY_" + record.outcome(),
                            "ceremony/" + record.ceremony(),
                            "record " + CeremonySeal.digest(record) + ", present: "
                                    + String.join(", ", record.present().values()));
                    return record;
                });
            }
        }
    }

    /** {@code kiln ceremony verify}. */
    @Command(
            name = "verify",
            description = {
                "Checks that the token signed a record as it is, and that the text beside it (.txt) says the same. Needs no token",
                "and no store, but the certificate of the token's signing key; have it by another way than the record."
            },
            exitCodeListHeading = "Exit codes:%n",
            exitCodeList = {"0:the record is good", "1:it is not; one sentence says why"},
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Example:",
                "  kiln ceremony verify records/inspection-20261128T120000Z.json --certificate signing.pem"
            })
    public static final class Verify implements Callable<Integer> {

        @Parameters(paramLabel = "FILE", description = "a record's JSON file")
        private Path file = Path.of("");

        @Mixin
        private SignerOption signer = new SignerOption();

        @Override
        public Integer call() throws IOException {
            try {
                CeremonyRecord record = CeremonySeal.open(file, signer.key());
                Path text = file.resolveSibling(file.getFileName().toString().replaceFirst("[.]json$", "") + ".txt");
                boolean isThere = Files.exists(text);
                if (isThere && !Files.readString(text).equals(record.text())) {
                    System.out.println("the record is good, but " + text + " does not say what it says");
                    return 1;
                }
                System.out.println(record.text());
                System.out.println("the record is good, signed by the token's key"
                        + (isThere ? ", and " + text.getFileName() + " says the same" : ""));
                return 0;
            } catch (IllegalArgumentException e) {
                System.out.println(e.getMessage());
                return 1;
            }
        }
    }
}
