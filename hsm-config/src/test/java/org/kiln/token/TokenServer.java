package org.kiln.token;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.kiln.pkcs11.Binding;

/**
 * A SoftHSM token in a process of its own, behind a socket: stands for a network HSM that can be killed, stopped and
 * started again without this process. Module and server are one C source among the test resources, compiled by gcc.
 */
public final class TokenServer {

    private final Path folder;
    private final String label;
    private @Nullable Process process;

    /** Serves a copy of {@code original}, as it is now, from {@code folder}. */
    public TokenServer(ScratchToken original, Path folder) throws Exception {
        this.folder = Files.createDirectories(folder);
        label = original.label();
        SoftHsm.configure(folder);
        copy(original.objects(), folder.resolve("tokens/copy"));
        compile("-fPIC", "-shared", "-o", module().file().toString(), "-lpthread");
        compile("-DSERVER", "-o", folder.resolve("server").toString(), "-ldl", "-lpthread");
        start();
    }

    /** Whether the compiler is there. */
    public static boolean possible() {
        return Files.isExecutable(Path.of("/usr/bin/gcc"));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.toList()) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
    }

    private void compile(String... arguments) throws Exception {
        Path source = folder.resolve("remote-token.c");
        try (InputStream in = TokenServer.class.getResourceAsStream("/modules/remote-token.c")) {
            Files.write(source, in.readAllBytes());
        }
        List<String> command = new ArrayList<>(List.of("gcc", "-std=gnu11", "-O2", source.toString()));
        command.addAll(Arrays.asList(arguments));
        if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
            throw new IOException("gcc refuses " + command);
        }
    }

    public String label() {
        return label;
    }

    /** A module of this token's own. */
    public TokenModule module() {
        return new TokenModule(
                Binding.FFM,
                folder.resolve("remote.so"),
                Map.of("REMOTE_TOKEN_SOCKET", folder.resolve("socket").toString()));
    }

    /** Starts the server; clients find it at the same address as before. */
    public void start() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        folder.resolve("server").toString(),
                        ScratchToken.profile().findModule().toString(),
                        folder.resolve("socket").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment()
                .put("SOFTHSM2_CONF", folder.resolve("softhsm2.conf").toString());
        Process started = builder.start();
        process = started;
        try (BufferedReader out = started.inputReader()) {
            if (!"ready".equals(out.readLine())) {
                throw new IOException("the token server does not start");
            }
        }
    }

    /** SIGKILL: connections break at once. */
    public void kill() throws Exception {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    /** SIGSTOP: calls do not return. */
    public void hang() throws Exception {
        signal("STOP");
    }

    /** SIGCONT. */
    public void goOn() throws Exception {
        signal("CONT");
    }

    /** Makes the next {@code C_GenerateRandom}, and only that call, hang until {@link #release}. */
    public void hangNextRandom() throws IOException {
        Files.createFile(folder.resolve("socket.hang"));
    }

    /** Whether a call hangs in {@link #hangNextRandom}. */
    public boolean hangs() {
        return Files.exists(folder.resolve("socket.hung"));
    }

    /** Lets the call that hangs go on. */
    public void release() throws IOException {
        Files.delete(folder.resolve("socket.hung"));
    }

    private void signal(String name) throws Exception {
        if (process != null) {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        }
    }
}
