package org.kiln.kms.cli;

import java.io.UncheckedIOException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Says what failed in one sentence; the stack trace only with {@code KILN_DEBUG} in the environment. */
public final class PlainErrors implements IExecutionExceptionHandler {

    private static final String DEBUG = "KILN_DEBUG";

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
        command.getErr().println("kiln: " + sentence(failure));
        if (System.getenv(DEBUG) != null) {
            failure.printStackTrace(command.getErr());
        }
        return command.getCommandSpec().exitCodeOnExecutionException();
    }

    private static String sentence(Exception failure) {
        Throwable told = failure instanceof UncheckedIOException io && io.getCause() != null ? io.getCause() : failure;
        String message = told.getMessage();
        boolean ours = told.getClass().getName().startsWith("org.kiln.");
        if (message == null || !ours) {
            return told.getClass().getSimpleName() + (message == null ? "" : ": " + message) + " (set " + DEBUG
                    + "=1 for details)";
        }
        return message;
    }
}
