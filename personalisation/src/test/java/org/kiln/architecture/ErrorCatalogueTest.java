package org.kiln.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.kiln.auc.v1.Error;
import org.kiln.kms.api.Cause;
import org.kiln.personalisation.identity.Refusal;

/** docs/api.md lists the causes and codes that the code has, and no others. */
class ErrorCatalogueTest {

    private static final Path API = Path.of("..", "docs", "api.md");
    private static final Path KMS = Path.of("..", "kms", "src", "main", "java");
    private static final Path PERSONALISATION = Path.of("src", "main", "java");

    private static final Pattern ROW = Pattern.compile("(?m)^\\| (\\d{3}) \\| ([^|]+) \\|");
    private static final Pattern NAME = Pattern.compile("`([A-Z][A-Z0-9_]+)`");
    private static final Pattern BY_STRING = Pattern.compile("Problem\\s*\\.of\\(\\s*(\\d{3}),\\s*\"([A-Z_]+)\"");
    private static final Pattern BY_STATUS = Pattern.compile("Problem\\s*\\.of\\(\\s*+(?!Cause)");

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> sources(Path root, Predicate<Path> which) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".java") && which.test(file.getFileName()))
                    .toList();
        }
    }

    private static String section(String text, String heading) {
        int from = text.indexOf("\n## " + heading);
        int to = text.indexOf("\n## ", from + 1);
        assertThat(from).as(heading).isNotNegative();
        return text.substring(from, to < 0 ? text.length() : to);
    }

    private static Map<String, Integer> documented() {
        Map<String, Integer> causes = new TreeMap<>();
        for (MatchResult row :
                ROW.matcher(section(read(API), "Errors")).results().toList()) {
            for (MatchResult cause : NAME.matcher(row.group(2)).results().toList()) {
                causes.merge(cause.group(1), Integer.valueOf(row.group(1)), (one, other) -> {
                    assertThat(other).as(cause.group(1)).isEqualTo(one);
                    return one;
                });
            }
        }
        return causes;
    }

    private static Map<String, Integer> inCode() throws IOException {
        Map<String, Integer> causes = new TreeMap<>();
        for (Cause cause : Cause.values()) {
            causes.put(cause.name(), cause.status());
        }
        for (Refusal refusal : Refusal.values()) {
            causes.put(refusal.name(), refusal.status());
        }
        for (Path file : sources(PERSONALISATION, name -> true)) {
            BY_STRING
                    .matcher(read(file))
                    .results()
                    .forEach(found -> causes.put(found.group(2), Integer.valueOf(found.group(1))));
        }
        return causes;
    }

    @Test
    void theCatalogueHasEveryCauseUnderItsStatus() throws IOException {
        assertThat(inCode()).containsKeys("USER_NOT_FOUND", "ORDER_NOT_FOUND", "ORDER_NOT_READY");
        assertThat(documented()).isEqualTo(inCode());
    }

    @Test
    void theAuthenticationCentreTakesItsCausesFromOnePlace() throws IOException {
        for (Path file : sources(KMS, name -> !name.toString().equals("Problem.java"))) {
            assertThat(BY_STATUS.matcher(read(file)).find()).as(file.toString()).isFalse();
        }
    }

    @Test
    void noCauseIsLeftOver() throws IOException {
        String code = Stream.concat(
                        sources(KMS, name -> !name.toString().equals("Cause.java")).stream(),
                        sources(PERSONALISATION, name -> true).stream())
                .map(ErrorCatalogueTest::read)
                .collect(Collectors.joining());
        for (Cause cause : Cause.values()) {
            assertThat(Pattern.compile("Cause\\." + cause + "\\b").matcher(code).find())
                    .as(cause.name())
                    .isTrue();
        }
    }

    @Test
    void theCodesOfGrpcAreListed() {
        List<String> listed = NAME.matcher(section(read(API), "Vectors at high rates"))
                .results()
                .map(found -> found.group(1))
                .filter(name -> name.startsWith("CODE_"))
                .toList();
        assertThat(listed)
                .containsExactlyInAnyOrderElementsOf(Stream.of(Error.Code.values())
                        .filter(code -> code != Error.Code.UNRECOGNIZED && code != Error.Code.CODE_UNSPECIFIED)
                        .map(Error.Code::name)
                        .toList());
    }
}
