package org.kiln.perf.cli;

import org.kiln.kms.cli.PlainErrors;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code kiln plan}. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        subcommands = {MeasureCommand.class})
public final class PlanCommand implements Runnable {

    @Override
    public void run() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new PlanCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(new PlainErrors())
                .execute(arguments));
    }
}
