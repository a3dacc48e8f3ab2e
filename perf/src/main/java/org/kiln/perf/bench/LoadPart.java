package org.kiln.perf.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kiln.perf.scratch.KilnVerb;
import org.kiln.personalisation.demo.KilnProcess;

/**
 * Subscribers of a load file: taken in, moved under new storage keys and handed over, in a folder of their own, by the commands
 * that people type. A command's time is all of it, from its start to its end.
 */
final class LoadPart {

    private static final int ROWS = 50_000;
    private static final int KEYS_OF_A_ROW = 2;
    private static final String OUTGOING = "hlr2-out";

    private final Figures figures;
    private final Path scratch;
    private final Path folder;
    private final LoadFile file;
    private final Scale scale;

    /**
     * @param scratch where the folder is made
     * @param examples the folder with the components of the transport key
     */
    LoadPart(Figures figures, Path scratch, Path examples, Scale scale) {
        this.figures = figures;
        this.scratch = scratch;
        folder = scratch.resolve("load");
        file = new LoadFile(examples);
        this.scale = scale;
    }

    void measure() {
        try {
            int rows = Math.min(ROWS, scale.subscribers());
            Path load = scratch.resolve("load.csv");
            file.write(load, rows);
            prepare();
            rate("import", "imported", rows, "imported (\\d+) subscribers", "subscriber", "import", load.toString());
            againstTheToken("import", "imported");
            rate("rotation", "moved under new storage keys", rows, "moved (\\d+) rows", "storage-key", "rotate");
            rate(
                    "export",
                    "exported",
                    rows,
                    "exported (\\d+) subscribers",
                    "subscriber",
                    "export",
                    "--transport-key",
                    OUTGOING,
                    "--out",
                    scratch.resolve("moved.csv").toString());
            againstTheToken("export", "exported");
        } catch (IOException | GeneralSecurityException | KilnProcess.Failed e) {
            throw new BenchException("no subscribers are loaded: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted", e);
        }
    }

    private void prepare() throws IOException, InterruptedException, GeneralSecurityException {
        var _ = KilnProcess.succeed("init", "--data", folder.toString());
        Path yaml = folder.resolve("kiln.yaml");
        Files.writeString(yaml, Files.readString(yaml).replaceFirst("(?m)^  lanes: .*$", "  lanes: " + scale.lanes()));
        var _ = KilnProcess.succeed(
                "transport-key",
                "import",
                "--data",
                folder.toString(),
                "--label",
                LoadFile.TRANSPORT_KEY,
                "--partner",
                "example",
                "--direction",
                "incoming",
                "--component",
                file.alice().toString(),
                "--component",
                file.bob().toString(),
                "--kcv",
                LoadFile.CHECK_VALUE);
        new OutgoingKey(folder, scratch).make(OUTGOING, "hlr2");
    }

    /** @param done what the command says at its end, with the number of rows */
    private void rate(String id, String what, int rows, String done, String... verb)
            throws IOException, InterruptedException {
        String[] arguments = new String[verb.length + 2];
        System.arraycopy(verb, 0, arguments, 0, verb.length);
        arguments[verb.length] = "--data";
        arguments[verb.length + 1] = folder.toString();
        long begun = System.nanoTime();
        String said = KilnVerb.run(scratch.resolve(id + ".log"), arguments);
        double seconds = (System.nanoTime() - begun) / 1e9;
        Matcher number = Pattern.compile(done).matcher(said);
        if (!number.find() || Integer.parseInt(number.group(1)) != rows) {
            throw new BenchException("not all " + rows + " rows were " + what + ": " + said.strip());
        }
        figures.take(
                "load." + id,
                "subscribers " + what,
                "rows/s",
                "kiln " + verb[0] + " " + verb[1] + ", " + rows + " rows, from the command's start to its end",
                () -> rows / seconds);
    }

    private void againstTheToken(String id, String what) {
        figures.take(
                "load." + id + ".share",
                "keys " + what + ", against the keys that the token generates and wraps twice",
                "ratio",
                "two keys a row; token alone, keys generated and wrapped twice",
                () -> KEYS_OF_A_ROW * figures.ratio("load." + id, "ceiling.generate.wraps2"));
    }
}
