package org.kiln.transfer.recipient;

import java.io.UncheckedIOException;
import org.kiln.secret.SecretEnvironment;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * The recipient's tool by itself, without the rest of Kiln. A failure is one sentence on standard error and exit code
 * 1; {@code KILN_DEBUG} in the environment adds where it came from.
 */
public final class RecipientTool {

    private static final String DEBUG = "KILN_DEBUG";
    private static final int FAILED = 1;

    private RecipientTool() {}

    public static void main(String[] arguments) {
        SecretEnvironment.hide();
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new RecipientCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(RecipientTool::misused)
                .setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, command));
    }

    private static int misused(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        command.getErr()
                .println("recipient: " + failure.getMessage() + "; see '"
                        + command.getCommandSpec().qualifiedName() + " --help'");
        return FAILED;
    }

    private static int failed(Exception failure, CommandLine command) {
        command.getErr().println("recipient: " + sentence(failure));
        if (System.getenv(DEBUG) != null) {
            failure.printStackTrace(command.getErr());
        }
        return FAILED;
    }

    private static String sentence(Exception failure) {
        Throwable told = failure instanceof UncheckedIOException io && io.getCause() != null ? io.getCause() : failure;
        String message = told.getMessage();
        if (message != null && told.getClass().getName().startsWith("org.kiln.")) {
            return message;
        }
        return told.getClass().getSimpleName() + (message == null ? "" : ": " + message) + " (set " + DEBUG
                + "=1 for details)";
    }
}
