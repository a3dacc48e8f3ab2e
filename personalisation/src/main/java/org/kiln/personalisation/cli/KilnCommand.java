package org.kiln.personalisation.cli;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import org.kiln.kms.approval.SecondPerson;
import org.kiln.kms.cli.AuditCommand;
import org.kiln.kms.cli.BackupCommand;
import org.kiln.kms.cli.CeremonyCommand;
import org.kiln.kms.cli.ConfigCommand;
import org.kiln.kms.cli.HsmCommand;
import org.kiln.kms.cli.InitCommand;
import org.kiln.kms.cli.KeyBlockKeyCommand;
import org.kiln.kms.cli.MasterKeyCommand;
import org.kiln.kms.cli.OperatorConstantCommand;
import org.kiln.kms.cli.PlainErrors;
import org.kiln.kms.cli.RestoreCommand;
import org.kiln.kms.cli.StorageKeyCommand;
import org.kiln.kms.cli.StoreCommand;
import org.kiln.kms.cli.SubscriberCommand;
import org.kiln.kms.cli.SuciKeyCommand;
import org.kiln.kms.cli.TransportKeyCommand;
import org.kiln.kms.rotation.BlobTable;
import org.kiln.kms.server.AucNode;
import org.kiln.kms.store.Database;
import org.kiln.personalisation.identity.IdentityBlobs;
import org.kiln.personalisation.order.CardBlobs;
import org.kiln.personalisation.order.CardRowBlobs;
import org.kiln.personalisation.order.OrderBook;
import org.kiln.personalisation.profile.ProfileBook;
import org.kiln.personalisation.server.PartnerCertificates;
import org.kiln.secret.SecretEnvironment;
import org.kiln.transfer.recipient.RecipientCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code kiln}: every verb but those of the launcher script. */
@Command(
        name = "kiln",
        description = "HSM-backed key management for mobile operators.",
        mixinStandardHelpOptions = true,
        version = "kiln 0.1.0",
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            InitCommand.class,
            TransportKeyCommand.class,
            SuciKeyCommand.class,
            OperatorConstantCommand.class,
            MasterKeyCommand.class,
            KeyBlockKeyCommand.class,
            SubscriberCommand.class,
            ProfileCommand.class,
            PartnerCommand.class,
            NumbersCommand.class,
            OrderCommand.class,
            BatchCommand.class,
            IdentityCommand.class,
            CallerCommand.class,
            ApprovalCommand.class,
            HsmCommand.class,
            AuditCommand.class,
            RecipientCommand.class,
            CommandLine.HelpCommand.class
        },
        footer = {
            "",
            "Beside these, the launcher knows './kiln test', which builds Kiln and runs all its tests, './kiln bench', which",
            "measures it, and './kiln plan', which works out what a network of subscribers needs.",
            "Errors are one sentence; set KILN_DEBUG=1 to see where they come from."
        })
public final class KilnCommand {

    /** Whose tables are in the node's database. */
    private static final List<String> ROOMS = List.of("auc", "personalisation");

    private KilnCommand() {}

    private static List<BlobTable<?>> tablesOfPersonalisation(Database database) {
        database.migrate("personalisation");
        return List.of(new CardBlobs(), new CardRowBlobs(), new IdentityBlobs());
    }

    /** What waited for a second person when a backup was made may have been decided since. */
    private static void endWhatWaits(AucNode node, Connection restored) throws SQLException {
        SecondPerson secondPerson = node.dualControl().secondPerson();
        InstantSource clock = InstantSource.system();
        ProfileBook profiles = new ProfileBook(node.database(), secondPerson, clock);
        new OrderBook(node.database(), profiles, secondPerson, clock).expireAll(restored);
        profiles.expireAll(restored);
    }

    private static CommandLine commandLine() {
        return new CommandLine(new KilnCommand())
                .addSubcommand(new StorageKeyCommand(KilnCommand::tablesOfPersonalisation))
                .addSubcommand(new CeremonyCommand(KilnCommand::commandLine))
                .addSubcommand(new ConfigCommand(ROOMS, PartnerCertificates::in))
                .addSubcommand(new StoreCommand(ROOMS))
                .addSubcommand(new BackupCommand(ROOMS))
                .addSubcommand(new RestoreCommand(ROOMS, KilnCommand::endWhatWaits))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(new PlainErrors());
    }

    public static void main(String[] arguments) {
        SecretEnvironment.hide();
        System.exit(commandLine().execute(arguments));
    }
}
