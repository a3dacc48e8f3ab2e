package org.kiln.kms.cli;

import java.util.concurrent.Callable;
import org.kiln.kms.keys.Ceremony;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.kms.server.TokenConnection;
import org.kiln.secret.Secret;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kiln operator-constant}. */
@Command(
        name = "operator-constant",
        description =
                "OP and TOP: what makes an operator's Milenage and TUAK his own. Kept in the token, for new cards.",
        mixinStandardHelpOptions = true,
        subcommands = OperatorConstantCommand.Create.class)
public final class OperatorConstantCommand {

    /** Which constant. */
    enum Kind {
        /** 128 bits, for Milenage (TS 35.206). */
        OP,
        /** 256 bits, for TUAK (TS 35.231). */
        TOP
    }

    /** {@code kiln operator-constant create}. */
    @Command(
            name = "create",
            description = {
                "Draws a constant of the token's random number generator; one that is there already stays.",
                "One that is made after 'kiln init --backup' is in no backup: cards do not need it again, only new cards do.",
                "Needs the user's and the security officer's PIN. Works beside a running 'kiln up'."
            },
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  kiln operator-constant create --operator laboratory --kind TOP"})
    static final class Create implements Callable<Integer> {

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Mixin
        private DataOption data = new DataOption();

        @Option(names = "--operator", required = true, description = "as profiles name it in operatorConstant")
        private String operator = "";

        @Option(names = "--kind", required = true, description = "${COMPLETION-CANDIDATES}")
        private Kind kind = Kind.OP;

        @Override
        public Integer call() {
            TokenConnection connection =
                    TokenConnection.load(data.folder(), data.configuration().hsm());
            try (Secret soPin = connection.soPin();
                    Secret userPin = connection.userPin()) {
                Ceremony ceremony = connection.ceremony(soPin, userPin);
                if (kind == Kind.OP) {
                    ceremony.provideOperatorConstant(operator);
                } else {
                    ceremony.provideTop(operator);
                }
            }
            String label = kind == Kind.OP ? KeyLabels.op(operator) : KeyLabels.top(operator);
            spec.commandLine().getOut().println("the token holds " + label);
            return 0;
        }
    }
}
