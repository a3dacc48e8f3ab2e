package org.kiln.kms.cli;

import picocli.CommandLine.Command;

/** {@code kiln transport-key}. */
@Command(
        name = "transport-key",
        description = "Transport keys: made here for a partner, brought by custodians, or taken from a partner.",
        mixinStandardHelpOptions = true,
        subcommands = {
            TransportKeyMaking.Import.class,
            TransportKeyMaking.Create.class,
            TransportKeyExchange.Offer.class,
            TransportKeyExchange.Receive.class,
            TransportKeyLife.ListKeys.class,
            TransportKeyLife.Activate.class,
            TransportKeyLife.Suspend.class,
            TransportKeyLife.Retire.class,
            TransportKeyLife.Destroy.class
        })
public final class TransportKeyCommand {}
