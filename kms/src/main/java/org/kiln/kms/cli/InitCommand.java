package org.kiln.kms.cli;

import java.util.concurrent.Callable;
import org.kiln.kms.server.KilnConfiguration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code kiln init}. */
@Command(
        name = "init",
        description = "Prepares a data folder: SoftHSM token, first ceremony, laboratory certificates, configuration.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  kiln init --data /srv/kiln"})
public final class InitCommand implements Callable<Integer> {

    @Mixin
    private DataOption data = new DataOption();

    @Override
    public Integer call() {
        KilnConfiguration configuration = data.configuration();
        System.out.println("ready: " + data.folder().root() + " (token '"
                + configuration.hsm().token() + "'; next: kiln up --data "
                + data.folder().root() + ")");
        return 0;
    }
}
