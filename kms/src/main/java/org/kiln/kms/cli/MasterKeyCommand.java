package org.kiln.kms.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.kiln.kms.keys.DiversificationMasters;
import org.kiln.kms.keys.KeyComponent;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.kms.server.TokenConnection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kiln master-key}. */
@Command(
        name = "master-key",
        description =
                "Master keys from which keys of cards are derived, on a token of their own (personalisation.masters).",
        mixinStandardHelpOptions = true,
        subcommands = MasterKeyCommand.Import.class)
public final class MasterKeyCommand {

    /** {@code kiln master-key import}. */
    @Command(
            name = "import",
            description = {
                "Makes a master key of XOR components (2 to 5), which the OTA platform's house has too.",
                "A component file is that of 'kiln transport-key import'. The key's check value is shown: the first 3",
                "octets of AES over a zero block."
            },
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Example:",
                "  kiln master-key import --label ota-master --component alice.txt --component bob.txt"
            })
    static final class Import implements Callable<Integer> {

        @Mixin
        private DataOption data = new DataOption();

        @Option(names = "--label", required = true, description = "as profiles name it in diversifiedFrom")
        private String label = "";

        @Option(
                names = "--component",
                required = true,
                paramLabel = "FILE",
                description = "a component file; repeat it")
        private List<Path> components = List.of();

        @Override
        public Integer call() {
            KilnConfiguration configuration = data.configuration();
            KilnConfiguration.Member member = configuration.personalisation().masters().stream()
                    .findFirst()
                    .orElseThrow(() -> new ConfigurationException("personalisation.masters in "
                            + data.folder().configuration() + " names no token for master keys"));
            List<KeyComponent> read = new ArrayList<>();
            try (DiversificationMasters masters =
                    TokenConnection.load(data.folder(), configuration.hsm()).openMasters(member)) {
                components.forEach(file -> read.add(KeyComponent.read(file)));
                System.out.println("master key '" + label + "' imported; check value: "
                        + masters.importFromComponents(label, read));
                return 0;
            } finally {
                read.forEach(KeyComponent::close);
            }
        }
    }
}
