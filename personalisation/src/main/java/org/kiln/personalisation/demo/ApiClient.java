package org.kiln.personalisation.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.kiln.kms.lab.LabAuthority.ClientIdentity;

/** A client of Kiln's APIs: HTTP/2, TLS 1.3, a certificate of its own. */
public final class ApiClient implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final HttpClient http;
    private final URI base;

    /** @param base such as {@code https://127.0.0.1:8443} */
    public ApiClient(URI base, Path authority, ClientIdentity identity) {
        this.base = base;
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_2)
                .sslContext(tls(authority, identity))
                .connectTimeout(TIMEOUT)
                .build();
    }

    /** An answer that is not what was asked for. */
    public static final class UnexpectedAnswer extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnexpectedAnswer(String message) {
            super(message);
        }
    }

    public JsonNode post(String path, Object body) throws IOException, InterruptedException {
        return json(send(HttpRequest.newBuilder(base.resolve(path))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))));
    }

    public JsonNode get(String path) throws IOException, InterruptedException {
        return json(send(HttpRequest.newBuilder(base.resolve(path)).GET()));
    }

    /** Fetches a file. */
    public void download(String path, Path target) throws IOException, InterruptedException {
        HttpResponse<Path> response = http.send(
                HttpRequest.newBuilder(base.resolve(path))
                        .timeout(TIMEOUT)
                        .GET()
                        .build(),
                HttpResponse.BodyHandlers.ofFile(target));
        if (response.statusCode() != 200) {
            throw new UnexpectedAnswer(path + " answered " + response.statusCode());
        }
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.timeout(TIMEOUT).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static JsonNode json(HttpResponse<byte[]> response) throws IOException {
        JsonNode body = JSON.readTree(response.body());
        if (response.statusCode() >= 300) {
            throw new UnexpectedAnswer(response.uri().getPath() + " answered " + response.statusCode() + " "
                    + body.path("cause").asText() + ": " + body.path("detail").asText());
        }
        return body;
    }

    /** TLS that trusts the authority and shows the identity. */
    public static SSLContext tls(Path authority, ClientIdentity identity) {
        try {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("ca", readCertificate(authority));
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(trusted);
            KeyStore own = KeyStore.getInstance("PKCS12");
            own.load(null, null);
            own.setKeyEntry("client", readKey(identity.key()), new char[0], new X509Certificate[] {
                readCertificate(identity.certificate())
            });
            KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
            keys.init(own, new char[0]);
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("the client's certificate cannot be used: " + e.getMessage(), e);
        }
    }

    private static X509Certificate readCertificate(Path file) throws IOException, GeneralSecurityException {
        if (parse(file) instanceof X509CertificateHolder holder) {
            return new JcaX509CertificateConverter().getCertificate(holder);
        }
        throw new GeneralSecurityException(file + " holds no certificate");
    }

    private static PrivateKey readKey(Path file) throws IOException, GeneralSecurityException {
        if (parse(file) instanceof PrivateKeyInfo info) {
            return new JcaPEMKeyConverter().getPrivateKey(info);
        }
        throw new GeneralSecurityException(file + " holds no private key");
    }

    private static Object parse(Path file) throws IOException {
        try (Reader reader = Files.newBufferedReader(file);
                PEMParser parser = new PEMParser(reader)) {
            Object parsed = parser.readObject();
            return parsed == null ? file : parsed;
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
