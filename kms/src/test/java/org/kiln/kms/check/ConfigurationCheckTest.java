package org.kiln.kms.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.cli.ConfigCommand;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.kms.keys.ScratchKeys;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.kms.server.DataFolder;
import org.kiln.kms.server.Expiry;
import org.kiln.kms.server.ScratchFolder;
import org.kiln.kms.store.Database;
import org.kiln.pkcs11.Session;
import org.kiln.token.ScratchToken;
import org.kiln.token.TokenCertificates;
import picocli.CommandLine;

class ConfigurationCheckTest {

    private static final String APPROVALS = "\napprovals:\n  hours: 24\n";

    @TempDir
    private Path root;

    private DataFolder folder;

    @BeforeEach
    void prepare() throws Exception {
        folder = ScratchFolder.create(root, ScratchToken.create().label());
        Files.delete(root.resolve("pins/so.pin"));
        mode("pins/user.pin", "rw-------");
        mode("kiln.yaml", "rw-r--r--");
        LabAuthority.create(folder.pki());
        change("port: 8443", "port: 0");
        append(APPROVALS);
    }

    private void change(String setting, String other) throws Exception {
        String text = Files.readString(folder.configuration());
        assertThat(text).contains(setting);
        Files.writeString(folder.configuration(), text.replace(setting, other));
    }

    private void append(String text) throws Exception {
        Files.writeString(folder.configuration(), text, StandardOpenOption.APPEND);
    }

    private void mode(String file, String mode) throws Exception {
        Files.setPosixFilePermissions(root.resolve(file), PosixFilePermissions.fromString(mode));
    }

    private Findings check() {
        return check(Instant.now());
    }

    private Findings check(Instant now) {
        return new ConfigurationCheck(folder, false, now, List.of("auc"), _ -> Stream.empty()).run();
    }

    private int lineOf(String start) throws Exception {
        List<String> lines = Files.readAllLines(folder.configuration());
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith(start)) {
                return i + 1;
            }
        }
        throw new AssertionError("no line begins with " + start);
    }

    private static List<String> lines(Findings findings, Finding.Level level) {
        return findings.all().stream()
                .filter(each -> each.level() == level)
                .map(Finding::toString)
                .toList();
    }

    private static List<String> errors(Findings findings) {
        return lines(findings, Finding.Level.ERROR);
    }

    @Test
    void aFolderWithNothingWrongHasNoErrorAndStaysAsItIs() throws Exception {
        Findings findings = check();
        assertThat(errors(findings)).isEmpty();
        assertThat(lines(findings, Finding.Level.WARN)).allMatch(line -> line.startsWith("WARN  memory:"));
        assertThat(lines(findings, Finding.Level.OK))
                .anyMatch(line -> line.contains("hsm.module:") && line.contains("with token"))
                .anyMatch(line -> line.contains("tls.authorities: ") && line.contains("valid until"))
                .anyMatch(line -> line.contains("store: ") && line.contains("is not there yet"));
        assertThat(folder.database()).doesNotExist();
        assertThat(folder.serverLock()).doesNotExist();
    }

    @Test
    void everyKeyThatNoSettingHasIsToldWithItsPlace() throws Exception {
        change("  lanes: 2\n", "  lanes: 2\n  lanez: 3\n");
        append("  ours: 1\nextra: {a: 1}\n");
        int lines = (int) Files.readString(folder.configuration()).lines().count();
        assertThat(errors(check()))
                .anyMatch(line -> line.matches(
                        "ERROR kiln.yaml: line \\d+, column 3: there is no setting hsm.lanez; known here: .*lanes.*"))
                .anyMatch(line -> line.startsWith("ERROR kiln.yaml: line " + (lines - 1)
                        + ", column 3: there is no setting approvals.ours; known here: hours"))
                .anyMatch(line ->
                        line.startsWith("ERROR kiln.yaml: line " + lines + ", column 1: there is no setting extra;"))
                .hasSize(3);
    }

    @Test
    void aValueOutOfItsRangeIsToldWithItsPlaceAndItsRule() throws Exception {
        change("  lanes: 2\n", "  lanes: 2000\n");
        assertThat(errors(check()))
                .singleElement()
                .asString()
                .matches("ERROR kiln.yaml: line " + lineOf("  lanes: 2000") + ", column 3: hsm.lanes is 1 to 256");
    }

    @Test
    void aStorageKeyInSessionsIsForLaboratories() throws Exception {
        change("  kek: token\n", "  kek: session\n");
        assertThat(errors(check())).singleElement().asString().contains("hsm.kek", "--lab");
        change("  kek: session\n", "");
        assertThat(errors(check())).isEmpty();
    }

    @Test
    void aSectionThatStandsTwiceAndBrokenYamlAreTold() throws Exception {
        append(APPROVALS);
        assertThat(errors(check()))
                .anyMatch(line -> line.matches(
                        "ERROR kiln.yaml: line \\d+, column 1: approvals stands on line \\d+ already; .*"));
        append("  - [\n");
        assertThat(errors(check())).anyMatch(line -> line.matches("ERROR kiln.yaml: line \\d+, column \\d+: .*YAML.*"));
    }

    @Test
    void secretsThatOthersReadAndAConfigurationThatTheyWriteAreErrors() throws Exception {
        mode("pins/user.pin", "rw-r-----");
        mode("kiln.yaml", "rw-rw-r--");
        assertThat(errors(check()))
                .containsExactly(
                        "ERROR hsm.userPinFile: " + root.resolve("pins/user.pin") + " can be read by others; chmod 600 "
                                + root.resolve("pins/user.pin"),
                        "ERROR kiln.yaml: " + folder.configuration()
                                + " can be written by others, who could make themselves operators; chmod go-w "
                                + folder.configuration());
        mode("pins", "rwx------");
        mode("kiln.yaml", "rw-r--r--");
        assertThat(errors(check())).isEmpty();
        Files.delete(root.resolve("pins/user.pin"));
        assertThat(errors(check()))
                .singleElement()
                .asString()
                .contains("is not there; put it there, or set KILN_USER_PIN");
    }

    @Test
    void anOfficersPinOnAServingMachineIsAWarning() throws Exception {
        Files.writeString(root.resolve("pins/so.pin"), "so-12345678");
        mode("pins/so.pin", "rw-------");
        assertThat(lines(check(), Finding.Level.WARN))
                .anyMatch(line -> line.startsWith("WARN  hsm.soPinFile: ") && line.contains("keep it off"));
    }

    @Test
    void certificatesThatEndAndListsThatAreDueAreTold() throws Exception {
        LabAuthority authority = LabAuthority.open(folder.pki());
        Path list = authority.revoke(
                LabAuthority.readCertificate(authority.newClient("former").certificate()));
        append("tls:\n  versions: [TLSv1.3]\n  authorities: pki/ca.pem\n  crl: " + list + "\n  certificate: \"\"\n");
        Instant end = LabAuthority.readCertificate(folder.pki().resolve("ca.pem"))
                .getNotAfter()
                .toInstant();
        assertThat(errors(check())).isEmpty();
        assertThat(lines(check(end.minus(Duration.ofDays(3))), Finding.Level.WARN))
                .anyMatch(line -> line.startsWith("WARN  tls.authorities: "));
        assertThat(errors(check(end.plusSeconds(1))))
                .anyMatch(line -> line.startsWith("ERROR tls.authorities: ") && line.endsWith("; have it renewed"))
                .anyMatch(line -> line.startsWith("ERROR tls.crl: ") && line.contains("was due on"));
    }

    @Test
    void filesThatAreNotThereOrSomethingElseAreNamed() throws Exception {
        append("tls:\n  versions: [TLSv1.3]\n  authorities: pki/none.pem\n  crl: \"\"\n  certificate: kiln.yaml\n");
        append(
                "oauth2:\n  issuer: nrf\n  audience: [UDM]\n  clockSkewSeconds: 1\n  keys:\n    - {kid: a, file: kiln.yaml}\n");
        change("  module: auto\n", "  module: /nowhere/libcryptoki.so\n");
        assertThat(errors(check()))
                .anyMatch(line -> line.contains("tls.authorities: ") && line.contains("none.pem cannot be read"))
                .anyMatch(line -> line.contains("tls.certificate: ") && line.contains("kiln.yaml"))
                .anyMatch(line -> line.contains("oauth2.keys: ") && line.contains("kiln.yaml"))
                .anyMatch(line -> line.contains("hsm.module: ") && line.contains("there is no such file"));
    }

    @Test
    void aTokenThatTheModuleDoesNotHaveIsNamedWithThoseItHas() throws Exception {
        change("  token: scratch", "  token: nobodys-scratch");
        assertThat(errors(check()))
                .singleElement()
                .asString()
                .startsWith("ERROR hsm.token: no initialised token is labelled 'nobodys-scratch");
    }

    @Test
    void aServersCertificateOfAnotherKeyIsNotTakenForTheTokens() throws Exception {
        append("tls:\n  versions: [TLSv1.3]\n  authorities: pki/ca.pem\n  crl: \"\"\n  certificate: pki/chain.pem\n");
        LabAuthority authority = LabAuthority.open(folder.pki());
        String client = Files.readString(authority.newClient("not-a-server").certificate());
        Files.writeString(root.resolve("pki/chain.pem"), client + client);
        assertThat(errors(check()))
                .anyMatch(line -> line.contains("is not for TLS servers"))
                .anyMatch(line -> line.contains("was not issued by"));
    }

    @Test
    void aServersCertificateIsHeldAgainstTheTokensKeyWithoutAPin() throws Exception {
        append("tls:\n  versions: [TLSv1.3]\n  authorities: pki/ca.pem\n  crl: \"\"\n  certificate: pki/server.pem\n");
        LabAuthority authority = LabAuthority.open(folder.pki());
        try (ScratchKeys own = ScratchKeys.create();
                ScratchKeys others = ScratchKeys.create()) {
            String text = Files.readString(folder.configuration());
            Files.writeString(
                    folder.configuration(),
                    text.replaceFirst(
                            "  token: scratch-\\d+", "  token: " + own.token().label()));
            certifyServer(authority, own);
            Findings good = check();
            assertThat(errors(good)).isEmpty();
            assertThat(lines(good, Finding.Level.OK))
                    .contains("OK    tls.certificate: is of the token's key tls-server");
            certifyServer(authority, others);
            assertThat(errors(check()))
                    .singleElement()
                    .asString()
                    .contains("the first certificate is not of the token's key tls-server");
        }
    }

    private void certifyServer(LabAuthority authority, ScratchKeys keys) {
        try (Session session = keys.token().cryptoki().openSession(keys.token().slot(), false)) {
            LabAuthority.writeCertificate(
                    root.resolve("pki/server.pem"),
                    authority.certify(
                            TokenCertificates.p256PublicKey(session, KeyLabels.TLS_SERVER),
                            "localhost",
                            LabAuthority.Purpose.SERVER));
        }
    }

    @Test
    void aPortThatSomethingElseHasIsAnError() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            change(
                    "https:\n  host: 127.0.0.1\n  port: 0",
                    "https:\n  host: 127.0.0.1\n  port: " + taken.getLocalPort());
            assertThat(errors(check()))
                    .singleElement()
                    .asString()
                    .startsWith("ERROR https: 127.0.0.1:" + taken.getLocalPort() + " cannot be had");
        }
    }

    @Test
    void theStoresTablesAreHeldAgainstThisReleases() {
        try (Database database = Database.open(folder.database())) {
            database.read(connection -> connection);
        }
        assertThat(lines(check(), Finding.Level.WARN))
                .anyMatch(line -> line.startsWith("WARN  store: ") && line.contains("are of version 0, "));
        try (Database database = Database.open(folder.database())) {
            database.migrate("auc");
        }
        Findings findings = new ConfigurationCheck(
                        folder,
                        false,
                        Instant.now(),
                        List.of("auc"),
                        _ -> Stream.of(new Expiry("partner", "acme", Instant.EPOCH)))
                .run();
        assertThat(lines(findings, Finding.Level.OK))
                .anyMatch(line -> line.contains("the tables of auc are of version"));
        assertThat(errors(findings))
                .singleElement()
                .asString()
                .startsWith("ERROR partner: the certificate of acme was valid until 1970-01-01");
    }

    @Test
    void aStoreThatIsDamagedIsNamed() throws Exception {
        Files.writeString(folder.database(), "this is no database at all");
        assertThat(errors(check())).singleElement().asString().startsWith("ERROR store: ");
    }

    private record Ended(int exitCode, String out) {}

    private Ended command(String... arguments) {
        StringWriter out = new StringWriter();
        int code = new CommandLine(new ConfigCommand(List.of("auc"), _ -> Stream.empty()))
                .setOut(new PrintWriter(out))
                .execute(arguments);
        return new Ended(code, out.toString());
    }

    @Test
    void theCommandTellsTheWorstByItsExitCodeAsLinesAndAsJson() throws Exception {
        Ended good = command("check", "--data", root.toString());
        assertThat(good.exitCode()).isLessThan(2);
        assertThat(good.out()).contains("\n0 errors, ");
        mode("pins/user.pin", "rw-r--r--");
        Ended bad = command("check", "--data", root.toString(), "--json");
        assertThat(bad.exitCode()).isEqualTo(2);
        JsonNode report = new ObjectMapper().readTree(bad.out());
        assertThat(report.path("errors").asInt()).isEqualTo(1);
        assertThat(report.path("findings"))
                .anyMatch(finding -> finding.path("level").asText().equals("error")
                        && finding.path("subject").asText().equals("hsm.userPinFile")
                        && finding.path("advice").asText().startsWith("chmod 600 "));
    }

    @Test
    void aFolderWithoutConfigurationIsNotPrepared() {
        Path none = root.resolve("none");
        Ended ended = command("check", "--data", none.toString());
        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.out()).contains("kiln init");
        assertThat(none).doesNotExist();
    }
}
