package org.kiln.kms.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.approval.Act;
import org.kiln.kms.keys.Kcv;
import org.kiln.kms.keys.KeyBlocks;
import org.kiln.kms.keys.KeyComponent;
import org.kiln.kms.server.ConfigurationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kiln key-block-key}. */
@Command(
        name = "key-block-key",
        description =
                "Key block protection keys (ANSI X9.143, TR-31), under which single transport keys leave and come.",
        mixinStandardHelpOptions = true,
        subcommands = {KeyBlockKeyCommand.Import.class, KeyBlockKeyCommand.Destroy.class})
public final class KeyBlockKeyCommand {

    /** {@code kiln key-block-key import}. */
    @Command(
            name = "import",
            description = {
                "Makes a key block protection key of XOR components (2 to 5), which the partner's house has too.",
                "A component file is that of 'kiln transport-key import'. The key computes CMACs in the token and does",
                "nothing else. Needs both PINs, and key-blocks in auc.guardedHost."
            },
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Example:",
                "  kiln key-block-key import --name acme --component alice.txt --component bob.txt --kcv 8A3F21"
            })
    static final class Import implements Callable<Integer> {

        @Mixin
        private DataOption data = new DataOption();

        @Option(names = "--name", required = true, description = "what transport-key calls it by")
        private String name = "";

        @Option(names = "--component", paramLabel = "FILE", description = "a component file; repeat it")
        private List<Path> components = List.of();

        @Option(names = "--enter", paramLabel = "N", description = "ask N custodians at the terminal")
        private int custodians;

        @Option(names = "--kcv", paramLabel = "HEX", description = "the key's check value as the partner stated it")
        private @Nullable String kcv;

        @Override
        public Integer call() {
            if (components.isEmpty() == (custodians == 0)) {
                throw new ConfigurationException("give the components either with --component or with --enter");
            }
            data.configuration().auc().requireKeyBlocks();
            List<KeyComponent> read = new ArrayList<>();
            try {
                if (custodians > 0) {
                    read.addAll(ComponentPrompt.ask(custodians));
                }
                components.forEach(file -> read.add(KeyComponent.read(file)));
                Kcv made = new TransportKeyDesk(data)
                        .inCeremony(
                                Act.TRANSPORT_KEY_IMPORT, "key block protection key " + name, (ceremony, register) -> {
                                    register.spend();
                                    return new KeyBlocks(ceremony)
                                            .importProtectionKey(name, read, Optional.ofNullable(kcv));
                                });
                System.out.println("key block protection key '" + name + "' imported; check values: " + made);
                return 0;
            } finally {
                read.forEach(KeyComponent::close);
            }
        }
    }

    /** {@code kiln key-block-key destroy}. */
    @Command(
            name = "destroy",
            description = {
                "Destroys a key block protection key in the token. Transport keys that came or left under it stay."
            },
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  kiln key-block-key destroy --name acme"})
    static final class Destroy implements Callable<Integer> {

        @Mixin
        private DataOption data = new DataOption();

        @Option(names = "--name", required = true, description = "its name")
        private String name = "";

        @Override
        public Integer call() {
            new TransportKeyDesk(data).inCeremony((ceremony, register) -> {
                new KeyBlocks(ceremony).destroyProtectionKey(name);
                return name;
            });
            System.out.println("the token holds no key block protection key '" + name + "' any more");
            return 0;
        }
    }
}
