package org.kiln.personalisation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.kiln.kms.access.Grant;
import org.kiln.kms.cli.DataOption;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.kms.lab.LabAuthority.ClientIdentity;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.personalisation.client.ApiClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code kiln caller}. */
@Command(
        name = "caller",
        description = "Who may call: kiln.yaml lists their names and roles; a certificate proves the name.",
        mixinStandardHelpOptions = true,
        subcommands = {
            CallerCommand.ListAll.class,
            CallerCommand.Certify.class,
            CallerCommand.Revoke.class,
            CallerCommand.Unlock.class
        },
        footer = {
            "",
            "Examples:",
            "  kiln caller list",
            "  kiln caller certify acme",
            "  kiln caller revoke acme",
            "  kiln caller unlock udm-1 --as operator"
        })
final class CallerCommand {

    private CallerCommand() {}

    @Command(name = "list", description = "lists callers and their roles", mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {

        @Mixin
        private DataOption data = new DataOption();

        @Override
        public Integer call() {
            KilnConfiguration configuration = data.configuration();
            configuration
                    .callers()
                    .forEach(caller -> System.out.printf(
                            "%-20s %s%n",
                            caller.name(),
                            caller.grants().stream().map(Grant::toString).collect(Collectors.joining(", "))));
            return 0;
        }
    }

    @Command(
            name = "certify",
            description = {
                "makes a client's key and certificate with the laboratory's authority, in pki/clients;",
                "in production the operator's own PKI certifies callers"
            },
            mixinStandardHelpOptions = true)
    static final class Certify implements Callable<Integer> {

        @Mixin
        private DataOption data = new DataOption();

        @Parameters(paramLabel = "NAME", description = "the common name")
        private String name = "";

        @Override
        public Integer call() {
            KilnConfiguration configuration = data.configuration();
            if (configuration.callers().stream()
                    .noneMatch(caller -> caller.name().equals(name))) {
                throw new ConfigurationException(
                        "'callers' in " + data.folder().configuration() + " has no " + name + "; enter him first");
            }
            ClientIdentity identity = LabAuthority.client(data.folder().pki(), name);
            if (Files.exists(identity.certificate())) {
                throw new ConfigurationException(identity.certificate() + " is there already; remove it first");
            }
            System.out.println(
                    LabAuthority.open(data.folder().pki()).newClient(name).certificate());
            return 0;
        }
    }

    @Command(
            name = "unlock",
            description = {
                "lets a caller in who was locked out, for he asked for too many subscribers whom nobody knows (anomalies in",
                "kiln.yaml); at the node that is asked, for each counts by itself"
            },
            mixinStandardHelpOptions = true)
    static final class Unlock extends ApiCommand {

        @Parameters(paramLabel = "NAME", description = "the caller's name in kiln.yaml")
        private String name = "";

        @Override
        JsonNode ask(ApiClient client) throws IOException, InterruptedException {
            return client.act("/kiln/v1/callers/" + URLEncoder.encode(name, StandardCharsets.UTF_8) + "/unlock");
        }

        @Override
        void print(JsonNode answer) {
            out.println(text(answer, "caller")
                    + (answer.path("unlocked").asBoolean() ? " is let in again" : " was not locked out"));
        }
    }

    @Command(
            name = "revoke",
            description = {
                "enters a client's certificate in the revocation list of the laboratory's authority, pki/crl.pem;",
                "a node whose tls.crl names it ends his connections within seconds"
            },
            mixinStandardHelpOptions = true)
    static final class Revoke implements Callable<Integer> {

        @Mixin
        private DataOption data = new DataOption();

        @Parameters(paramLabel = "NAME", description = "the common name")
        private String name = "";

        @Override
        public Integer call() {
            KilnConfiguration configuration = data.configuration();
            ClientIdentity identity = LabAuthority.client(data.folder().pki(), name);
            if (!Files.exists(identity.certificate())) {
                throw new ConfigurationException("there is no certificate " + identity.certificate());
            }
            System.out.println(LabAuthority.open(data.folder().pki())
                    .revoke(LabAuthority.readCertificate(identity.certificate())));
            if (configuration.tls().crl().isEmpty()) {
                System.err.println("no node heeds it yet: name the list in tls.crl of "
                        + data.folder().configuration() + " and restart");
            }
            return 0;
        }
    }
}
