package org.kiln.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the security model says is shown by a test is shown by one that there is, and no threat is left without a word. */
class SecurityModelTest {

    private static final Path HOUSE = Path.of("..");
    private static final Path MODEL = HOUSE.resolve("docs").resolve("security-model.md");
    private static final List<String> MODULES =
            List.of("hsm-config", "transfer-protocol", "kms", "personalisation", "perf");
    private static final Pattern NAMED = Pattern.compile("`([A-Z][A-Za-z0-9]*Test)`");
    private static final Set<String> STRIDE = Set.of("S", "T", "R", "I", "D", "E");
    private static final Pattern LETTERS = Pattern.compile("[STRIDE](, [STRIDE])*");

    private static Set<String> testClasses() throws IOException {
        Set<String> names = new TreeSet<>();
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(HOUSE.resolve(module).resolve("src/test/java"))) {
                files.map(file -> file.getFileName().toString())
                        .filter(name -> name.endsWith("Test.java"))
                        .forEach(name -> names.add(name.substring(0, name.length() - ".java".length())));
            }
        }
        return names;
    }

    private static Set<String> named(String text) {
        return NAMED.matcher(text)
                .results()
                .map((MatchResult name) -> name.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Lines of the table of threats: flow, letters, threat, what counters it, test. */
    private static List<List<String>> threats() throws IOException {
        return Files.readAllLines(MODEL).stream()
                .filter(line -> line.startsWith("|"))
                .map(line ->
                        Arrays.stream(line.split("\\|", -1)).map(String::strip).toList())
                .map(cells -> cells.subList(1, cells.size() - 1))
                .filter(cells ->
                        cells.size() == 5 && LETTERS.matcher(cells.get(1)).matches())
                .toList();
    }

    @Test
    void everyTestThatIsNamedIsThere() throws IOException {
        Set<String> named = named(Files.readString(MODEL));
        assertThat(named).hasSizeGreaterThan(50);
        assertThat(testClasses()).containsAll(named);
    }

    @Test
    void everyFlowHasAWordForEachOfTheSixAndEachThreatATestOrNone() throws IOException {
        Set<String> flows = new TreeSet<>();
        Set<String> open = new TreeSet<>();
        for (List<String> threat : threats()) {
            if (!threat.getFirst().isEmpty()) {
                assertThat(open)
                        .as("what is not spoken of before " + threat.getFirst())
                        .isEmpty();
                flows.add(threat.getFirst());
                open.addAll(STRIDE);
            }
            open.removeAll(Set.of(threat.get(1).split(", ")));
            assertThat(threat.getLast()).as(threat.get(2)).matches("none|.*" + NAMED + ".*");
        }
        assertThat(open).isEmpty();
        assertThat(flows).hasSize(10);
    }
}
