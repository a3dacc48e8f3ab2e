package org.kiln.secret;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SecretEnvironmentTest {

    @Test
    void secretsAreTakenOutOfTheEnvironmentAndReadAsOftenAsNeeded() throws Exception {
        // The shell makes the octets of UTF-8, which Java would make of a text only where the locale says so.
        ProcessBuilder builder = new ProcessBuilder(
                "sh",
                "-c",
                "KILN_USER_PIN=$(printf 'pin-\\303\\244-31337') exec \"$@\"",
                "sh",
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-Xshare:auto",
                "-Dstdout.encoding=UTF-8",
                "-cp",
                System.getProperty("java.class.path"),
                SecretEnvironmentMain.class.getName());
        builder.environment()
                .putAll(Map.of(
                        "KILN_EMPTY_PIN", "",
                        "KILN_STORE_PASSWORD", "word-4711",
                        "KILN_PINK", "no-secret"));
        Process process = builder.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said.lines().findFirst()).hasValue("read: pin-\u00e4-31337, pin-\u00e4-31337, none");
        assertThat(said.lines().skip(1).toList().toString())
                .contains("no-secret", "has: truefalsefalse")
                .doesNotContain("31337", "4711");
    }
}
