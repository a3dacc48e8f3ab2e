package org.kiln.transfer.recipient;

import picocli.CommandLine;

/** The recipient's tool by itself, without the rest of Kiln. */
public final class RecipientTool {

    private RecipientTool() {}

    public static void main(String[] arguments) {
        CommandLine command = new CommandLine(new RecipientCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    line.getErr().println("recipient: " + failure.getMessage());
                    return line.getCommandSpec().exitCodeOnExecutionException();
                });
        System.exit(command.execute(arguments));
    }
}
