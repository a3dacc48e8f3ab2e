package org.kiln.secret;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Hides its secrets, and prints what it can read of them and what is left in its environment. */
final class SecretEnvironmentMain {

    private SecretEnvironmentMain() {}

    public static void main(String[] arguments) throws IOException {
        SecretEnvironment.hide();
        System.out.println(
                "read: " + text("KILN_USER_PIN") + ", " + text("KILN_USER_PIN") + ", " + text("KILN_EMPTY_PIN"));
        System.out.println("has: " + SecretEnvironment.has("KILN_USER_PIN") + SecretEnvironment.has("KILN_EMPTY_PIN")
                + SecretEnvironment.has("KILN_NO_PIN"));
        System.out.println("getenv: " + System.getenv());
        System.out.println("environ: " + Files.readString(Path.of("/proc/self/environ"), StandardCharsets.ISO_8859_1));
    }

    private static String text(String variable) {
        return SecretEnvironment.read(variable)
                .map(secret -> {
                    try (secret) {
                        return new String(
                                secret.expose(SecretAccess.granted()).toArray(ValueLayout.JAVA_BYTE),
                                StandardCharsets.UTF_8);
                    }
                })
                .orElse("none");
    }
}
