package org.kiln.kms.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.kms.server.TokenConnection;
import org.kiln.secret.Secret;
import org.kiln.token.Pins;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kiln storage-key bring}. */
@Command(
        name = "bring",
        description = {
            "Brings the storage keys of a backup into a token of this node's cluster (hsm.cluster in kiln.yaml), as far",
            "as it lacks them: all of them into a new token, the newest ones during a rotation. As many custodians as",
            "the backup key takes bring their shares; the token's security officer brings his PIN."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example:",
            "  kiln storage-key bring --token kiln-b --so-pin-file so-b.pin --backup keys.json --share a --share b"
        })
public final class StorageKeyBring implements Callable<Integer> {

    @Mixin
    private DataOption data = new DataOption();

    @Option(names = "--token", required = true, description = "the token's label in hsm.cluster")
    private String token = "";

    @Option(
            names = "--so-pin-file",
            required = true,
            paramLabel = "FILE",
            description = "the PIN of that token's security officer")
    private Path soPinFile = Path.of("");

    @Mixin
    private BackupOption backup = new BackupOption();

    @Override
    public Integer call() {
        KilnConfiguration configuration = data.configuration();
        TokenConnection connection = TokenConnection.load(data.folder(), configuration.hsm());
        try (Secret soPin = Pins.fromFile(soPinFile);
                Secret userPin = connection.userPin(token)) {
            List<String> brought = backup.supplement(connection.ceremony(token, soPin, userPin));
            System.out.println(
                    brought.isEmpty()
                            ? "token '" + token + "' holds all keys of the backup already"
                            : "brought into token '" + token + "': " + String.join(", ", brought));
            return 0;
        }
    }
}
