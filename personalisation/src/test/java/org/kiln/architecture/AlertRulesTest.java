package org.kiln.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Prometheus's own tool reads the alert rules, and they fire when they should, and only then; where the tool is installed. */
class AlertRulesTest {

    private static final File FOLDER = Path.of("..", "docs", "operations").toFile();

    private record Ended(int exitCode, String said) {}

    private static Ended promtool(String... arguments) throws Exception {
        String[] command = new String[arguments.length + 1];
        command[0] = "promtool";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .directory(FOLDER)
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            return abort("promtool is not installed (apt-get install prometheus): the rules are not tried");
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), said);
    }

    @ParameterizedTest
    @CsvSource({"check, alerts.yaml", "test, alerts-test.yaml"})
    void prometheusTakesThem(String verb, String file) throws Exception {
        Ended ended = promtool(verb, "rules", file);
        assertThat(ended.exitCode()).as(ended.said()).isZero();
        assertThat(ended.said()).contains("SUCCESS");
    }

    @Test
    void aRuleThatIsNoneIsRefused() throws Exception {
        assertThat(promtool("check", "rules", "alerts-test.yaml").exitCode()).isNotZero();
    }
}
