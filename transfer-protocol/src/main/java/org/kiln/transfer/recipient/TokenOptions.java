package org.kiln.transfer.recipient;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.kiln.secret.Secret;
import org.kiln.token.Pins;
import org.kiln.token.SoftHsm;
import org.kiln.token.TokenProfile;
import picocli.CommandLine.Option;

/** How the recipient's token is reached. There is no option for the PIN: command lines can be seen by everybody. */
final class TokenOptions {

    private static final String PIN_VARIABLE = "KILN_RECIPIENT_PIN";

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            defaultValue = "softhsm2",
            description =
                    "what kind of token it is, or a profile of your own as a .yaml file (default: ${DEFAULT-VALUE})")
    private String profile = "softhsm2";

    @Option(
            names = "--module",
            paramLabel = "FILE",
            description = "the PKCS#11 module (default: where the profile looks for it)")
    private @Nullable Path module;

    @Option(
            names = "--softhsm",
            paramLabel = "DIR",
            description = "for SoftHSM: the folder with softhsm2.conf (default: as SOFTHSM2_CONF says)")
    private @Nullable Path softHsm;

    @Option(names = "--token", paramLabel = "LABEL", required = true, description = "the token's label")
    private String label = "";

    @Option(
            names = "--pin-file",
            paramLabel = "FILE",
            defaultValue = "recipient.pin",
            description = "a file with the user's PIN, read unless " + PIN_VARIABLE
                    + " is set in the environment (default: ${DEFAULT-VALUE})")
    private Path pinFile = Path.of("recipient.pin");

    /** What a command does with the token and its user's PIN. */
    interface Task {
        void run(RecipientToken token, Secret pin) throws IOException;
    }

    void with(Task task) throws IOException {
        try (Secret pin = Pins.read(PIN_VARIABLE, pinFile);
                RecipientToken token = open(pin)) {
            task.run(token, pin);
        }
    }

    private RecipientToken open(Secret pin) {
        if (softHsm != null) {
            SoftHsm.select(softHsm);
        }
        TokenProfile chosen = TokenProfile.of(profile, Path.of(""));
        return RecipientToken.open(chosen, module == null ? chosen.findModule() : module, label, pin);
    }
}
