package org.kiln.personalisation.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.kms.server.DataFolder;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.identity.IdentityRequest;
import org.kiln.personalisation.identity.SealedPackage;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.FfmCryptoki;
import org.kiln.pkcs11.Session;
import org.kiln.secret.Secret;
import org.kiln.token.SoftHsm;
import org.kiln.token.TokenProfile;

/** A device of the demo and its maker: the device's token stands beside the vendor's, in the same folder. */
final class FieldSide implements AutoCloseable {

    private static final String API = "/personalisation/v1";
    private static final String IDENTITIES = API + "/identities";
    private static final String NETWORK = "5G:mnc001.mcc001.3gppnetwork.org";
    private static final String MAKER = "maker";
    private static final HexFormat HEX = HexFormat.of();

    private final Session session;
    private final FieldDevice device;
    private final X509Certificate operator;

    private FieldSide(Session session, FieldDevice device, X509Certificate operator) {
        this.session = session;
        this.device = device;
        this.operator = operator;
    }

    /** Has the service take devices of the demo's maker; once, before it starts. */
    static void configure(DataFolder folder) throws IOException {
        Path configuration = folder.configuration();
        if (Files.readString(configuration).contains("\nidentities:")) {
            return;
        }
        LabAuthority.create(folder.pki().resolve(MAKER));
        Files.writeString(configuration, """

                identities:
                  oneTimeKey: host
                  confirmHours: 24
                  fallbackHours: 72
                  makers:
                    - {name: demo, certificate: pki/%s/ca.pem, crl: ""}
                """.formatted(MAKER), StandardOpenOption.APPEND);
    }

    /**
     * Makes a device on a new token; SoftHSM is configured already.
     *
     * @param operator who signs packages
     */
    static FieldSide create(DataFolder folder, X509Certificate operator) throws IOException {
        TokenProfile profile = TokenProfile.named("softhsm2");
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        String id = "meter-" + HEX.formatHex(random, 0, 4);
        FfmCryptoki cryptoki = FfmCryptoki.load(profile.findModule());
        try (Secret soPin = Secret.takeFrom(HEX.formatHex(random, 4, 14).toCharArray());
                Secret pin = Secret.takeFrom(HEX.formatHex(random, 14, 24).toCharArray())) {
            Session session = cryptoki.openSession(
                    SoftHsm.createToken(cryptoki, id, soPin, pin).slot(), true);
            session.login(Ck.CKU_USER, pin);
            FieldDevice device = new FieldDevice(id, session, profile, FieldDevice.WrappedFor.X25519);
            device.certify(
                    pem(LabAuthority.open(folder.pki().resolve(MAKER)).certifyDevice(device.publicKey(), device.id())));
            return new FieldSide(session, device, operator);
        }
    }

    private static String pem(X509Certificate certificate) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(certificate);
        }
        return text.toString();
    }

    /** Gets a credential, uses it, and changes to another; both are this operator's, which the device does not see. */
    void changeOperators(Story story, ApiClient operator, ApiClient network) throws IOException, InterruptedException {
        FieldDevice.Installed first = install(operator, null);
        register(network, first);
        await(operator, first.supi(), "ACTIVE");
        story.tell(
                "%s: its request signed by the key born in its token; credential wrapped for it alone, in use",
                device.id());
        FieldDevice.Installed second = install(operator, first.supi());
        register(network, first);
        story.tell("a new credential confirmed; until it has authenticated, the old one is served too");
        register(network, second);
        await(operator, second.supi(), "ACTIVE");
        requireSuspended(network, first);
        story.tell("it has authenticated: the old one is suspended, RES* of the new one equals XRES*");
    }

    private static void requireSuspended(ApiClient network, FieldDevice.Installed old)
            throws IOException, InterruptedException {
        try {
            register(network, old);
        } catch (ApiClient.UnexpectedAnswer e) {
            return;
        }
        throw new Demo.Failed("the old credential is served after the change");
    }

    /**
     * The exchange up to the confirmation.
     *
     * @param replaces the SUPI that the device changes from; null for none
     */
    private FieldDevice.Installed install(ApiClient broker, @Nullable String replaces)
            throws IOException, InterruptedException {
        String nonce = device.nonce();
        IdentityRequest request = device.request(
                new FieldDevice.Wish(nonce, "laboratory", "m2m-embedded", "lab-iccid", "lab-imsi", replaces, null));
        String id = broker.post(IDENTITIES, request).path("id").asText();
        SealedPackage sealed = FieldDevice.sealed(broker.get(IDENTITIES + "/" + id + "/package"));
        FieldDevice.Installed installed = device.install(sealed, operator, nonce);
        broker.post(IDENTITIES + "/" + id + "/confirmation", device.confirmation(id, nonce, sealed.sha256()));
        return installed;
    }

    /** The device registers; its network tells the home network that it did. */
    private static void register(ApiClient network, FieldDevice.Installed installed)
            throws IOException, InterruptedException {
        String ue = "/nudm-ueau/v1/" + installed.supi();
        JsonNode vector = network.post(
                        ue + "/security-information/generate-auth-data",
                        Map.of("servingNetworkName", NETWORK, "ausfInstanceId", UUID.randomUUID()))
                .path("authenticationVector");
        byte[] rand = HEX.parseHex(vector.path("rand").asText());
        Usim.Answer answer = installed
                .usim()
                .challenge(rand, HEX.parseHex(vector.path("autn").asText()));
        if (!(answer instanceof Usim.Accepted accepted)
                || !HEX.formatHex(accepted.resStar(NETWORK, rand))
                        .equals(vector.path("xresStar").asText())) {
            throw new Demo.Failed("the device refuses the challenge, or RES* is not XRES*");
        }
        network.post(
                ue + "/auth-events",
                Map.of(
                        "nfInstanceId",
                        UUID.randomUUID(),
                        "success",
                        true,
                        "timeStamp",
                        Instant.now().toString(),
                        "authType",
                        "5G_AKA",
                        "servingNetworkName",
                        NETWORK));
    }

    /** Looks until the identity of a subscriber is in a state; it comes within a second or two. */
    private static void await(ApiClient operator, String supi, String state) throws IOException, InterruptedException {
        for (long end = System.nanoTime() + 60_000_000_000L; System.nanoTime() < end; ) {
            for (JsonNode each : operator.get(IDENTITIES).path("items")) {
                if (each.path("supi").asText().equals(supi)
                        && each.path("state").asText().equals(state)) {
                    return;
                }
            }
            Thread.sleep(100);
        }
        throw new Demo.Failed("the identity does not become " + state);
    }

    @Override
    public void close() {
        session.close();
    }
}
