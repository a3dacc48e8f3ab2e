package org.kiln.personalisation.cli;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.cli.DataOption;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.kms.lab.LabAuthority.ClientIdentity;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.personalisation.client.ApiClient;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The service that a command talks to, and as whom. */
final class ServerOption {

    /** Where the personalisation API begins. */
    static final String API = "/personalisation/v1";

    @Mixin
    private DataOption data = new DataOption();

    @Option(
            names = "--server",
            paramLabel = "URL",
            description =
                    "the service, such as https://127.0.0.1:8443 (default: https.host and https.port of the folder)")
    private @Nullable URI server;

    @Option(
            names = "--as",
            paramLabel = "NAME",
            defaultValue = "operator",
            description = "whose certificate to show: pki/clients/NAME.pem of the folder (default: ${DEFAULT-VALUE})")
    private String name = "operator";

    /** The client; the caller closes it. */
    ApiClient client() {
        KilnConfiguration configuration = KilnConfiguration.read(data.folder().configuration());
        Path pki = data.folder().pki();
        ClientIdentity identity = LabAuthority.client(pki, name);
        if (!Files.isReadable(identity.certificate())) {
            throw new ConfigurationException("there is no certificate " + identity.certificate()
                    + "; name another with --as, or have one made with 'kiln caller certify " + name + "'");
        }
        URI base = server == null
                ? URI.create("https://" + configuration.https().host() + ":"
                        + configuration.https().port())
                : server;
        return new ApiClient(base, pki.resolve("ca.pem"), identity);
    }
}
