package org.kiln.personalisation.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Reader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.function.Consumer;
import java.util.stream.Stream;
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
    private static final int BUFFER = 1 << 16;
    private static final String DATA = "data: ";

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

        private final int status;

        UnexpectedAnswer(int status, String message) {
            super(message);
            this.status = status;
        }

        public int status() {
            return status;
        }
    }

    public JsonNode post(String path, Object body) throws IOException, InterruptedException {
        return send("POST", path, "application/json", JSON.writeValueAsBytes(body));
    }

    public JsonNode put(String path, Object body) throws IOException, InterruptedException {
        return send("PUT", path, "application/json", JSON.writeValueAsBytes(body));
    }

    /** Sends a body of another media type. */
    public JsonNode send(String method, String path, String mediaType, byte[] body)
            throws IOException, InterruptedException {
        return json(send(HttpRequest.newBuilder(base.resolve(path))
                .header("content-type", mediaType)
                .method(method, HttpRequest.BodyPublishers.ofByteArray(body))));
    }

    /** Puts a file; waits as long as it takes to have it taken in. */
    public JsonNode upload(String path, String mediaType, Path file) throws IOException, InterruptedException {
        return json(http.send(
                HttpRequest.newBuilder(base.resolve(path))
                        .header("content-type", mediaType)
                        .PUT(HttpRequest.BodyPublishers.ofFile(file))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray()));
    }

    /** Has something done that needs no body. */
    public JsonNode act(String path) throws IOException, InterruptedException {
        return json(send(HttpRequest.newBuilder(base.resolve(path)).POST(HttpRequest.BodyPublishers.noBody())));
    }

    public JsonNode get(String path) throws IOException, InterruptedException {
        return json(send(HttpRequest.newBuilder(base.resolve(path)).GET()));
    }

    /** Takes server-sent events until the stream ends. */
    public void watch(String path, Consumer<JsonNode> event) throws IOException, InterruptedException {
        HttpResponse<Stream<String>> response = http.send(
                HttpRequest.newBuilder(base.resolve(path))
                        .header("accept", "text/event-stream")
                        .GET()
                        .build(),
                HttpResponse.BodyHandlers.ofLines());
        try (Stream<String> lines = response.body()) {
            if (response.statusCode() != 200) {
                throw refused(response, JSON.readTree(String.join("\n", lines.toList())));
            }
            for (String line : (Iterable<String>) lines.filter(each -> each.startsWith(DATA))::iterator) {
                event.accept(JSON.readTree(line.substring(DATA.length())));
            }
        }
    }

    /** Told how much of a file is here. */
    @FunctionalInterface
    public interface Arrival {

        /**
         * More of it is.
         *
         * @param octets that are here, with those of tries before
         * @param total of the file; 0 if the server does not tell
         */
        void reached(long octets, long total);
    }

    /** As {@link #download(String, Path, Arrival)}, telling nobody. */
    public void download(String path, Path target) throws IOException, InterruptedException {
        download(path, target, (_, _) -> {});
    }

    /**
     * Fetches a file; what is there of it from a try before is not fetched again.
     *
     * @param arrival told as it comes
     *
     * @throws IOException if the connection breaks, or the file's digest is not the one that the server tells
     */
    public void download(String path, Path target, Arrival arrival) throws IOException, InterruptedException {
        Path part = target.resolveSibling(target.getFileName() + ".part");
        long have = Files.exists(part) ? Files.size(part) : 0;
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path)).GET();
        if (have > 0) {
            request.header("range", "bytes=" + have + "-");
        }
        HttpResponse<InputStream> response = http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() == 416) {
                Files.delete(part);
                throw new IOException("what was fetched of " + path + " before is no part of it; try again");
            }
            if (response.statusCode() >= 300) {
                throw refused(response, JSON.readTree(body));
            }
            boolean goesOn = response.statusCode() == 206;
            try (OutputStream out = Files.newOutputStream(
                    part,
                    StandardOpenOption.CREATE,
                    goesOn ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING)) {
                long before = goesOn ? have : 0;
                long rest =
                        response.headers().firstValueAsLong("content-length").orElse(-before);
                copy(body, out, before, before + rest, arrival);
            }
        }
        String told = response.headers().firstValue("repr-digest").orElse("");
        if (!told.isEmpty() && !told.equals("sha-256=:" + Base64.getEncoder().encodeToString(sha256(part)) + ":")) {
            Files.delete(part);
            throw new IOException("the file of " + path + " is not the one that the server has; fetch it again");
        }
        Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void copy(InputStream body, OutputStream out, long before, long total, Arrival arrival)
            throws IOException {
        byte[] buffer = new byte[BUFFER];
        long here = before;
        for (int read = body.read(buffer); read > 0; read = body.read(buffer)) {
            out.write(buffer, 0, read);
            here += read;
            arrival.reached(here, total);
        }
    }

    private static byte[] sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            in.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
            return digest.digest();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.timeout(TIMEOUT).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static JsonNode json(HttpResponse<byte[]> response) throws IOException {
        JsonNode body = JSON.readTree(response.body());
        if (response.statusCode() >= 300) {
            throw refused(response, body);
        }
        return body;
    }

    private static UnexpectedAnswer refused(HttpResponse<?> response, JsonNode problem) {
        return new UnexpectedAnswer(
                response.statusCode(),
                response.uri().getPath() + " answered " + response.statusCode() + " "
                        + problem.path("cause").asText() + ": "
                        + problem.path("detail").asText());
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
