package org.kiln.personalisation.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.kms.server.DataFolder;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.token.ScratchToken;

/** The demo's step with a device in the field, by itself. */
class FieldSideTest {

    private static final String API = "/personalisation/v1";

    @TempDir
    private Path folder;

    private static JsonNode example(String name) throws IOException {
        return new ObjectMapper(new YAMLFactory()).readTree(Files.readString(Path.of("..", "examples", name)));
    }

    private static ApiClient client(KilnProcess kiln, DataFolder data, String name) {
        return new ApiClient(
                URI.create("https://" + kiln.https()),
                data.pki().resolve("ca.pem"),
                LabAuthority.client(data.pki(), name));
    }

    @Test
    void theOldCredentialIsServedUntilTheNewOneHasAuthenticated() throws Exception {
        assertThat(ScratchToken.configurationFolder()).exists();
        DataFolder data = new DataFolder(folder.resolve("data"));
        KilnProcess.succeed("init", "--data", data.root().toString());
        FieldSide.configure(data);
        FieldSide.configure(data);
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        try (KilnProcess kiln = KilnProcess.up(
                        folder.resolve("kiln.log"), "--data", data.root().toString(), "--port", "0");
                ApiClient operator = client(kiln, data, "operator");
                ApiClient approver = client(kiln, data, "approver");
                ApiClient network = client(kiln, data, "udm");
                FieldSide field = FieldSide.create(data, signer(data))) {
            operator.post(API + "/profiles", example("profile-m2m-embedded.yaml"));
            approver.act(API + "/profiles/m2m-embedded/1/publish");
            for (JsonNode range : example("numbers.yaml")) {
                operator.post(API + "/number-ranges", range);
            }

            field.changeOperators(new Story(new PrintStream(told, true, StandardCharsets.UTF_8)), operator, network);
        }
        assertThat(told.toString(StandardCharsets.UTF_8))
                .contains("the old one is suspended, RES* of the new one equals XRES*");
    }

    private static X509Certificate signer(DataFolder data) throws Exception {
        try (InputStream in = Files.newInputStream(data.signingCertificate())) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }
}
