package org.kiln.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The dashboard and the alert rules ask for meters that there are, and leave none out. */
class MonitoringFilesTest {

    private static final Path FOLDER = Path.of("..", "docs", "operations");
    private static final Pattern ASKED = Pattern.compile("\\bkiln_[a-z_]+\\b");
    private static final Pattern BUILT =
            Pattern.compile("(MultiGauge|Gauge|FunctionCounter|Counter|Timer)\\s*\\.builder\\(\\s*\"(kiln_[a-z_]+)\"");

    private static final Pattern SERIES_OF_A_TIMER = Pattern.compile("_seconds_(bucket|count|sum)$");

    /** As Prometheus names them: a counter ends in {@code _total}, a timer's series in seconds. */
    private static Set<String> built() throws IOException {
        Set<String> names = new TreeSet<>();
        for (Path root : Set.of(Path.of("..", "kms", "src", "main"), Path.of("src", "main"))) {
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file :
                        files.filter(each -> each.toString().endsWith(".java")).toList()) {
                    for (MatchResult meter :
                            BUILT.matcher(Files.readString(file)).results().toList()) {
                        names.add(exposed(meter.group(1), meter.group(2)));
                    }
                }
            }
        }
        return names;
    }

    private static String exposed(String kind, String name) {
        if (kind.equals("Timer")) {
            return name + "_seconds";
        }
        return kind.endsWith("Counter") && !name.endsWith("_total") ? name + "_total" : name;
    }

    private static Set<String> asked(String file) throws IOException {
        return ASKED.matcher(Files.readString(FOLDER.resolve(file)))
                .results()
                .map(name -> SERIES_OF_A_TIMER.matcher(name.group()).replaceFirst("_seconds"))
                .collect(Collectors.toSet());
    }

    @Test
    void everyMeterAskedForIsThereAndEachIsAskedFor() throws IOException {
        Set<String> asked = new TreeSet<>(asked("alerts.yaml"));
        asked.addAll(asked("dashboard.json"));
        assertThat(asked).isEqualTo(built());
    }

    @Test
    void bothFilesAreReadable() throws IOException {
        assertThat(new ObjectMapper()
                        .readTree(FOLDER.resolve("dashboard.json").toFile())
                        .path("panels"))
                .hasSizeGreaterThan(5);
        assertThat(new ObjectMapper(new YAMLFactory())
                        .readTree(FOLDER.resolve("alerts.yaml").toFile())
                        .at("/groups/0/rules"))
                .allSatisfy(rule -> {
                    assertThat(rule.path("expr").asText()).isNotEmpty();
                    assertThat(rule.at("/annotations/action").asText()).isNotEmpty();
                });
    }
}
