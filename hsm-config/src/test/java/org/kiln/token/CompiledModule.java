package org.kiln.token;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A PKCS#11 module that a test compiles from C, with SoftHSM behind it. */
public final class CompiledModule {

    private CompiledModule() {}

    /**
     * Compiles {@code modules/<name>.c} into a shared library; skips the test where there is no gcc.
     *
     * @param definitions macros as {@code NAME=value}, beside {@code MODULE}, the path of SoftHSM
     */
    public static Path compile(Path folder, String name, String... definitions) throws Exception {
        Path source = folder.resolve(name + ".c");
        try (InputStream in = CompiledModule.class.getResourceAsStream("/modules/" + name + ".c")) {
            Files.write(source, in.readAllBytes());
        }
        Path module = folder.resolve(name + ".so");
        List<String> command = new ArrayList<>(List.of("gcc", "-Wall", "-Werror", "-shared", "-fPIC"));
        command.add("-DMODULE=\"" + ScratchToken.profile().findModule() + '"');
        for (String definition : definitions) {
            command.add("-D" + definition);
        }
        command.addAll(List.of("-o", module.toString(), source.toString(), "-ldl"));
        Process gcc;
        try {
            gcc = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            return abort("needs gcc, which is not installed: a module of its own is compiled from C");
        }
        String messages = new String(gcc.getInputStream().readAllBytes());
        if (gcc.waitFor() != 0) {
            throw new IllegalStateException("gcc refuses " + name + ".c: " + messages);
        }
        return module;
    }
}
