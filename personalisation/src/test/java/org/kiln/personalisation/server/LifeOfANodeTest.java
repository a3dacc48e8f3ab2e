package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.KilnProcess;

/** The kiln command as people run it, in processes of its own: serving, importing beside it, and what goes wrong. */
class LifeOfANodeTest {

    private static final String SUPI = "imsi-001019999999999";
    private static final byte[] KEY = HexFormat.of().parseHex("5a".repeat(32));
    private static final byte[] ZEROS = new byte[32];

    @TempDir
    private static Path folder;

    private static String data;

    @BeforeAll
    static void prepare() throws Exception {
        data = folder.resolve("data").toString();
        KilnProcess.succeed("init", "--data", data);
    }

    private static KilnProcess up() throws IOException {
        return KilnProcess.up(folder.resolve("kiln.log"), "--data", data, "--port", "0", "--lab", "--lab-port", "0");
    }

    private static void assertOneSentence(KilnProcess.Ended ended, String... parts) {
        assertThat(ended.exitCode()).isNotZero();
        assertThat(ended.err()).startsWith("kiln: ").doesNotContain("\tat ").contains(parts);
        assertThat(ended.err().lines()).hasSize(1);
    }

    private static String component(String name, byte[] value) throws Exception {
        Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
        aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(value, "AES"));
        String kcv = HexFormat.of().formatHex(aes.doFinal(new byte[16]), 0, 3);
        return Files.writeString(folder.resolve(name), HexFormat.of().formatHex(value) + "\n" + kcv + "\n")
                .toString();
    }

    private static String wrapped() throws Exception {
        Cipher kwp = Cipher.getInstance("AES/KWP/NoPadding");
        kwp.init(Cipher.WRAP_MODE, new SecretKeySpec(KEY, "AES"));
        return HexFormat.of().formatHex(kwp.wrap(new SecretKeySpec(new byte[16], "AES")));
    }

    private static HttpResponse<String> post(KilnProcess kiln, String path, String body) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://" + kiln.lab() + path))
                            .header("content-type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String metrics(KilnProcess kiln) throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://" + kiln.lab() + "/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private static HttpResponse<String> fiveG(KilnProcess kiln, String supi, String more) throws Exception {
        return post(
                kiln,
                "/nudm-ueau/v1/" + supi + "/security-information/generate-auth-data",
                "{\"servingNetworkName\":\"5G:mnc001.mcc001.3gppnetwork.org\",\"ausfInstanceId\":"
                        + "\"3fa85f64-5717-4562-b3fc-2c963f66afa6\"" + more + "}");
    }

    @Test
    void noSecretIsLeftInTheEnvironmentOfAServingProcess() throws Exception {
        Path file = Path.of(data, "pins", "user.pin");
        String pin = Files.readString(file).strip();
        Path aside = Files.move(file, folder.resolve("user.pin.aside"));
        try (KilnProcess kiln = KilnProcess.up(
                Map.of("KILN_USER_PIN", pin, "KILN_STORE_PASSWORD", "a-password-for-nothing", "KILN_PINK", "stays"),
                folder.resolve("kiln.log"),
                "--data",
                data,
                "--port",
                "0")) {
            assertThat(Files.readString(Path.of("/proc/" + kiln.pid() + "/environ"), StandardCharsets.ISO_8859_1))
                    .contains("KILN_USER_PIN=\0", "KILN_PINK=stays\0")
                    .doesNotContain(pin, "a-password-for-nothing");
        } finally {
            Files.move(aside, file);
        }
    }

    @Test
    void servesWhatWasImportedBesideItAndAnswersErrorsWithProblems() throws Exception {
        try (KilnProcess kiln = up()) {
            assertThat(fiveG(kiln, SUPI, "").statusCode()).isEqualTo(404);
            assertThat(fiveG(kiln, SUPI, "").body()).contains("USER_NOT_FOUND");
            assertThat(KilnProcess.succeed(
                            "caller", "unlock", "udm", "--data", data, "--server", "https://" + kiln.https()))
                    .isEqualTo("udm was not locked out");

            assertThat(KilnProcess.succeed(
                            "transport-key",
                            "import",
                            "--data",
                            data,
                            "--label",
                            "beside-in",
                            "--partner",
                            "beside",
                            "--direction",
                            "incoming",
                            "--component",
                            component("one", KEY),
                            "--component",
                            component("two", HexFormat.of().parseHex("01".repeat(32))),
                            "--component",
                            component("three", HexFormat.of().parseHex("01".repeat(32)))))
                    .contains("transport key 'beside-in' imported");
            Path load = Files.writeString(
                    folder.resolve("load.csv"),
                    "supi,algorithm,transportKey,wrapping,eki,eopc,amf,sqn\n" + SUPI + ",milenage,beside-in,aes-kwp,"
                            + wrapped() + "," + wrapped() + ",8000,000000000020\n");
            assertThat(KilnProcess.succeed("subscriber", "import", "--data", data, load.toString()))
                    .contains("imported 1 subscribers");
            assertOneSentence(
                    KilnProcess.run(Map.of(), "subscriber", "import", "--data", data, load.toString()),
                    "line 2, column supi: this subscriber exists already; nothing was imported");

            HttpResponse<String> answer = fiveG(kiln, SUPI, "");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("\"avType\":\"5G_HE_AKA\"", "\"supi\":\"" + SUPI + "\"");

            assertThat(metrics(kiln))
                    .contains(
                            "kiln_vectors_total{algorithm=\"milenage\",engine=\"portable\",outcome=\"computed\"} 1.0",
                            "kiln_token_calls_total{mechanism=\"CKM_AES_ECB\",outcome=\"ok\",token=\"kiln\"} ",
                            "kiln_store_seconds_bucket{kind=\"write\",outcome=\"ok\",le=\"0.001\"} ",
                            "kiln_certificate_left_seconds{name=",
                            "kiln_orders{state=\"ready\"} 0.0",
                            "kiln_approvals_open 0.0")
                    .doesNotContain(SUPI.substring("imsi-".length()));

            HttpResponse<String> badAuts = fiveG(
                    kiln,
                    SUPI,
                    ",\"resynchronizationInfo\":{\"rand\":\"" + "00".repeat(16) + "\",\"auts\":\"" + "00".repeat(14)
                            + "\"}");
            assertThat(badAuts.statusCode()).isEqualTo(403);
            assertThat(badAuts.body()).contains("AUTHENTICATION_REJECTED");
            assertThat(badAuts.headers().firstValue("content-type")).hasValue("application/problem+json");

            String av = "/nudm-ueau/v1/" + SUPI + "/hss-security-information/";
            assertThat(post(kiln, av + "cave/generate-av", "{}").statusCode()).isEqualTo(404);
            assertThat(post(kiln, av + "eps-aka/generate-av", "not json").body())
                    .contains("INVALID_MSG_FORMAT");
            assertThat(post(kiln, av + "eps-aka/generate-av", "{}").body()).contains("MANDATORY_IE_MISSING");
            assertThat(post(
                                    kiln,
                                    av + "eps-aka/generate-av",
                                    "{\"hssAuthType\":\"EPS_AKA\",\"numOfRequestedVectors\":6,"
                                            + "\"servingNetworkId\":{\"mcc\":\"001\",\"mnc\":\"01\"}}")
                            .body())
                    .contains("numOfRequestedVectors");
            assertThat(post(kiln, "/personalisation/v1/orders", "{\"vendor\":\"acme\",\"quantity\":0}")
                            .body())
                    .contains("ROLE_NEEDED");
            assertOneSentence(
                    KilnProcess.run(Map.of(), "up", "--data", data, "--port", "0"), "another 'kiln up' serves from");
            assertThat(kiln.stop()).isZero();
        }
        try (KilnProcess again = up()) {
            assertThat(fiveG(again, SUPI, "").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void theExamplesWorkAsTheirReadmeSays() throws Exception {
        String fresh = folder.resolve("examples").toString();
        Path examples = Path.of("..", "examples");
        assertThat(KilnProcess.succeed(
                        "transport-key",
                        "import",
                        "--data",
                        fresh,
                        "--label",
                        "example-in",
                        "--partner",
                        "example",
                        "--direction",
                        "incoming",
                        "--component",
                        examples.resolve("component-alice.txt").toString(),
                        "--component",
                        examples.resolve("component-bob.txt").toString(),
                        "--kcv",
                        "228763"))
                .contains("228763 (zero block)");
        assertThat(KilnProcess.succeed(
                        "subscriber",
                        "import",
                        "--data",
                        fresh,
                        examples.resolve("subscribers.csv").toString()))
                .isEqualTo("imported 2 subscribers");
        assertThat(KilnProcess.succeed("hsm", "audit", "--data", fresh)).endsWith("0 violations");
        assertThat(KilnProcess.succeed("hsm", "probe", "--data", fresh)).contains("TUAK");
    }

    @Test
    void aCallerWithoutACertificateIsTurnedAway() throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream ca = Files.newInputStream(Path.of(data, "pki", "ca.pem"))) {
            trusted.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(ca));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        SSLContext tls = SSLContext.getInstance("TLSv1.3");
        tls.init(null, trust.getTrustManagers(), null);
        try (KilnProcess kiln = up();
                HttpClient stranger = HttpClient.newBuilder().sslContext(tls).build();
                ApiClient known = new ApiClient(
                        URI.create("https://" + kiln.https()),
                        Path.of(data, "pki", "ca.pem"),
                        LabAuthority.client(Path.of(data, "pki"), "operator"))) {
            HttpRequest health = HttpRequest.newBuilder(URI.create("https://" + kiln.https() + "/health"))
                    .build();
            assertThatThrownBy(() -> stranger.send(health, HttpResponse.BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class);
            assertThat(known.get("/health").path("status").asText()).isEqualTo("UP");
        }
    }

    @Test
    void withoutLabThereIsNoListenerWithoutTls() throws Exception {
        String other = folder.resolve("nolab").toString();
        try (KilnProcess kiln = KilnProcess.up(folder.resolve("nolab.log"), "--data", other, "--port", "0")) {
            assertThat(kiln.lab()).isEmpty();
            assertThat(kiln.https()).startsWith("127.0.0.1:");
        }
    }

    @Test
    void aWrongPinIsSaidInOneSentence() throws Exception {
        assertOneSentence(
                KilnProcess.run(Map.of("KILN_USER_PIN", "wrong-pin-1234"), "up", "--data", data, "--port", "0"),
                "refuses the user's PIN (CKR_PIN_INCORRECT); check KILN_USER_PIN");
    }

    private static String changed(String name, String from, String to) throws Exception {
        Path copy = folder.resolve(name);
        Files.createDirectories(copy);
        String yaml = Files.readString(Path.of(data, "kiln.yaml"))
                .replace(from, to)
                .replace("softhsm: hsm", "softhsm: " + Path.of(data, "hsm"))
                .replace("pins/", Path.of(data, "pins") + "/");
        Files.writeString(copy.resolve("kiln.yaml"), yaml);
        return copy.toString();
    }

    @Test
    void aMissingModuleATokenThatIsNotThereAndABadSettingAreNamed() throws Exception {
        assertOneSentence(
                KilnProcess.run(Map.of(), "up", "--data", changed("m", "module: auto", "module: /nowhere/p11.so")),
                "PKCS#11 module /nowhere/p11.so cannot be used: there is no such file");
        assertOneSentence(
                KilnProcess.run(Map.of(), "up", "--data", changed("t", "token: kiln", "token: nobody")),
                "no initialised token is labelled 'nobody'");
        assertOneSentence(
                KilnProcess.run(Map.of(), "up", "--data", changed("s", "lanes: 2", "lanes: none")), "kiln.yaml, line ");
        assertOneSentence(
                KilnProcess.run(Map.of(), "up", "--data", changed("k", "  lanes: 2", "  lines: 2")),
                "kiln.yaml, line ",
                "lanes");
        assertOneSentence(
                KilnProcess.run(Map.of(), "up", "--data", changed("e", "  kek: token", "  kek: session")),
                "hsm.kek is 'session'",
                "start the laboratory with --lab");
        assertOneSentence(
                KilnProcess.run(Map.of(), "up", "--lab", "--data", changed("l", "  kek: token", "  kek: session")),
                "holds no key labelled 'laboratory/SK-1'",
                "kiln init --session-kek");
    }

    @Test
    void aLaboratorysSessionStorageKeyIsMadeByInitAndNamedByTheAudit() throws Exception {
        String laboratory = folder.resolve("laboratory").toString();
        KilnProcess.succeed("init", "--data", laboratory, "--session-kek");
        KilnProcess.Ended audit = KilnProcess.run(Map.of(), "hsm", "audit", "--data", laboratory);
        assertThat(audit.exitCode()).isNotZero();
        assertThat(audit.out()).containsPattern("VIOLATION +laboratory/SK-1 ").contains("1 violations");
        assertOneSentence(
                KilnProcess.run(Map.of(), "storage-key", "rotate", "--data", laboratory),
                "set it to 'token', and start the node anew, before they are rotated");
        assertOneSentence(
                KilnProcess.run(
                        Map.of(),
                        "init",
                        "--data",
                        folder.resolve("backed").toString(),
                        "--session-kek",
                        "--backup",
                        "keys.json"),
                "has no backup");
        try (KilnProcess node = KilnProcess.up(
                folder.resolve("laboratory.log"), "--data", laboratory, "--port", "0", "--lab", "--lab-port", "0")) {
            assertThat(node.lab()).isNotEmpty();
        }
    }

    @Test
    void aPortThatIsTakenIsNamed() throws Exception {
        String other = folder.resolve("other").toString();
        KilnProcess.succeed("init", "--data", other);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertOneSentence(
                    KilnProcess.run(
                            Map.of("KILN_LOG_LEVEL", "OFF"),
                            "up",
                            "--data",
                            other,
                            "--port",
                            String.valueOf(taken.getLocalPort())),
                    "port " + taken.getLocalPort() + " on 127.0.0.1 is taken");
        }
    }

    @Test
    void aFolderThatIsSomethingElseIsLeftAlone() throws Exception {
        Path something = Files.createDirectories(folder.resolve("something"));
        Files.writeString(something.resolve("thesis.txt"), "do not touch");
        assertOneSentence(
                KilnProcess.run(Map.of(), "up", "--data", something.toString()), "is not empty and holds no kiln.yaml");
        assertThat(something).isDirectoryContaining("glob:**thesis.txt");
    }

    @Test
    void componentsThatAreWrongAreRefused() throws Exception {
        Path broken = Files.writeString(folder.resolve("broken"), HexFormat.of().formatHex(ZEROS) + "\n000000\n");
        assertOneSentence(
                KilnProcess.run(
                        Map.of(),
                        "transport-key",
                        "import",
                        "--data",
                        data,
                        "--label",
                        "broken-in",
                        "--partner",
                        "p",
                        "--direction",
                        "incoming",
                        "--component",
                        component("good", KEY),
                        "--component",
                        broken.toString()),
                "component " + broken,
                "states the check value 000000");
    }
}
