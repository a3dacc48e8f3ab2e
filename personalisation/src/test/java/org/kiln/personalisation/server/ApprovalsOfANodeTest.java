package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.KilnProcess;

/** A node whose configuration asks for two people, from the terminals of those people. */
class ApprovalsOfANodeTest {

    private static final Path EXAMPLES = Path.of("..", "examples");
    private static final String APPROVALS = "/kiln/v1/approvals";
    private static final Pattern REQUEST = Pattern.compile("kiln approval request ([a-z-]+) '([^']+)'");

    @TempDir
    private static Path folder;

    private static String data;

    @BeforeAll
    static void prepare() throws Exception {
        data = folder.resolve("data").toString();
        KilnProcess.succeed("init", "--data", data);
        for (String name : new String[] {"officer", "officer-2", "custodian"}) {
            LabAuthority.open(Path.of(data, "pki")).newClient(name);
        }
        Files.writeString(configuration(), Files.readString(configuration()) + "\napprovals:\n  hours: 1\n");
    }

    private static Path configuration() {
        return Path.of(data, "kiln.yaml");
    }

    private static KilnProcess up() throws Exception {
        return KilnProcess.up(folder.resolve("kiln.log"), "--data", data, "--port", "0");
    }

    private static ApiClient as(KilnProcess kiln, String name) {
        Path pki = Path.of(data, "pki");
        return new ApiClient(
                URI.create("https://" + kiln.https()), pki.resolve("ca.pem"), LabAuthority.client(pki, name));
    }

    private static KilnProcess.Ended run(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--data", data));
        return KilnProcess.run(Map.of(), all.toArray(String[]::new));
    }

    /** Has what was refused approved, as the refusal says. */
    private static String approved(KilnProcess kiln, KilnProcess.Ended refused, String second) throws Exception {
        assertThat(refused.exitCode()).isNotZero();
        Matcher request = REQUEST.matcher(refused.err());
        assertThat(request.find()).as(refused.err()).isTrue();
        return approved(kiln, second, request.group(1), request.group(2));
    }

    private static String approved(KilnProcess kiln, String second, String act, String object) throws Exception {
        try (ApiClient officer = as(kiln, "officer");
                ApiClient other = as(kiln, second)) {
            String id = officer.post(APPROVALS, Map.of("act", act, "object", object, "reason", "a test"))
                    .path("id")
                    .asText();
            assertThatThrownBy(() -> officer.act(APPROVALS + "/" + id + "/approve"))
                    .hasMessageContaining("SECOND_PERSON_NEEDED");
            assertThat(other.act(APPROVALS + "/" + id + "/approve")
                            .path("state")
                            .asText())
                    .isEqualTo("APPROVED");
            return id;
        }
    }

    private static KilnProcess.Ended importKey() throws Exception {
        return run(
                "transport-key",
                "import",
                "--label",
                "acme-in",
                "--partner",
                "acme",
                "--direction",
                "incoming",
                "--component",
                EXAMPLES.resolve("component-alice.txt").toString(),
                "--component",
                EXAMPLES.resolve("component-bob.txt").toString());
    }

    private static void profilesThatWaitAreListed(KilnProcess kiln) throws Exception {
        String server = "https://" + kiln.https();
        KilnProcess.Ended added = run(
                "profile",
                "add",
                EXAMPLES.resolve("profile-milenage-uicc.yaml").toString(),
                "--server",
                server,
                "--as",
                "operator");
        assertThat(added.exitCode()).as(added.err()).isZero();
        assertThat(run("approval", "list", "--server", server, "--as", "operator")
                        .out())
                .contains(
                        "WAITING  profile-publication milenage-uicc/1",
                        "asked for by operator",
                        "kiln profile publish milenage-uicc 1");
        assertThat(run("approval", "list", "--server", server, "--as", "officer")
                        .out())
                .contains("transport-key-import")
                .doesNotContain("WAITING");
        assertThat(run("profile", "publish", "milenage-uicc", "1", "--server", server, "--as", "approver")
                        .exitCode())
                .isZero();
        assertThat(run("approval", "list", "--server", server, "--as", "operator")
                        .out())
                .doesNotContain("WAITING");
    }

    @Test
    void keysMoveAndRolesChangeWhenTwoWantIt() throws Exception {
        String old = Files.readString(configuration());
        String changed = old.replace("\ncallers:\n", "\ncallers:\n  - {name: hss-2, role: \"hlr:001-02\"}\n");
        Path wanted = folder.resolve("wanted.yaml");
        Files.writeString(wanted, changed);
        try (KilnProcess kiln = up()) {
            String id = approved(kiln, importKey(), "custodian");
            KilnProcess.Ended imported = importKey();
            assertThat(imported.exitCode()).as(imported.err()).isZero();
            assertThat(run("approval", "list", "--server", "https://" + kiln.https(), "--as", "auditor")
                            .out())
                    .contains(id + " DONE", "transport-key-import acme-in, INCOMING, of acme", "decided by custodian");
            profilesThatWaitAreListed(kiln);
            approved(kiln, run("storage-key", "rotate"), "officer-2");
            assertThat(run("storage-key", "rotate").exitCode()).isZero();
            assertThat(run("storage-key", "destroy", "1").err()).contains("storage-key-destruction 'SK-1'");
            assertThat(run(
                                    "subscriber",
                                    "export",
                                    "--transport-key",
                                    "auc-transport",
                                    "--out",
                                    folder.resolve("out.csv").toString())
                            .err())
                    .contains("subscriber-export 'under auc-transport, all, for ");
            assertThatThrownBy(() -> approved(kiln, "approver", "roles", "x")).hasMessageContaining("ROLE_NEEDED");

            Files.writeString(configuration(), changed);
            assertThat(run("transport-key", "activate", "acme-in").err()).contains("are not those that were approved");
            approved(kiln, "officer-2", "roles", KilnConfiguration.rolesDigest(wanted));
            assertThat(kiln.stop()).isZero();
        }
        try (KilnProcess kiln = up()) {
            assertThat(kiln.stop()).isZero();
        }
        for (String nobodyApproved : new String[] {old, changed.replace("\napprovals:\n  hours: 1\n", "")}) {
            Files.writeString(configuration(), nobodyApproved);
            KilnProcess.Ended refused = run("up", "--port", "0");
            assertThat(refused.exitCode()).isNotZero();
            assertThat(refused.err()).contains("kiln approval request roles");
        }
    }
}
