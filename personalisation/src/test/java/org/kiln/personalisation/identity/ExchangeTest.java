package org.kiln.personalisation.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.auc.AuthenticationException;
import org.kiln.kms.keys.OneTimeKeys;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.kms.subscriber.SubscriberStatus;
import org.kiln.personalisation.demo.FieldDevice;
import org.kiln.personalisation.demo.Usim;
import org.kiln.personalisation.document.Documents;
import org.kiln.personalisation.journal.JournalEntry;

/** A device and its operator, each with a token: from the request to the first authentication. */
@Tag(ScratchDatabase.TAG)
class ExchangeTest {

    private static final String METER = "meter-0001";

    @TempDir
    private Path folder;

    private IdentityShop shop;

    @BeforeEach
    void open() throws Exception {
        shop = new IdentityShop(folder, OneTimeKeys.Place.HOST);
    }

    @AfterEach
    void close() {
        shop.close();
    }

    private static void authenticates(IdentityShop shop, IdentityShop.InUse inUse) {
        AuthenticationVector.FiveGHe vector = shop.vector(inUse.supi());
        Usim.Answer answer = inUse.usim().challenge(vector.rand(), vector.autn());
        assertThat(answer)
                .isInstanceOfSatisfying(
                        Usim.Accepted.class,
                        accepted -> assertThat(accepted.resStar(IdentityShop.NETWORK, vector.rand()))
                                .isEqualTo(vector.xresStar()));
    }

    @ParameterizedTest
    @EnumSource(FieldDevice.WrappedFor.class)
    void aDeviceGetsItsCredentialAndAuthenticatesWithIt(FieldDevice.WrappedFor wrappedFor) {
        FieldDevice device = shop.device(METER, wrappedFor);

        IdentityShop.InUse inUse = shop.installed(device, IdentityShop.wish(device.nonce()));

        assertThat(inUse.identity().state()).isEqualTo(IdentityState.CONFIRMED);
        authenticates(shop, inUse);
        shop.tell(inUse.supi(), true);
        shop.succession.round();
        assertThat(shop.state(inUse.identity()).state()).isEqualTo(IdentityState.ACTIVE);
        assertThat(shop.book.events(inUse.identity().id()))
                .extracting(JournalEntry::event)
                .containsExactly("REQUESTED", "ISSUED", "DELIVERED", "CONFIRMED", "ACTIVE");

        FieldDevice another = shop.device("meter-0002", wrappedFor);
        IdentityShop.InUse tuak = shop.installed(another, IdentityShop.wishForTuak(another.nonce()));
        assertThat(shop.subscribers().find(tuak.supi()).orElseThrow().algorithm())
                .isInstanceOf(Algorithm.Tuak.class);
        authenticates(shop, tuak);
        authenticates(shop, tuak);
    }

    /** A device of software, whose certificate has an RSA key: it signs and unwraps with that. */
    @Test
    void aDeviceWithAnRsaCertificateOpensItsPackage() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair rsa = generator.generateKeyPair();
        String certificates = TestMaker.pem(shop.maker.certify(
                METER,
                rsa.getPublic(),
                shop.now.minusSeconds(60),
                KeyUsage.digitalSignature | KeyUsage.keyEncipherment));
        DeviceIdentity issued = shop.exchange.request(rsaRequest(certificates, rsa), "broker-1", "broker");

        SealedPackage sealed = shop.exchange.deliver(issued.id(), false, "broker-1");
        Credential credential = Documents.readJson(
                        "the package", Base64.getDecoder().decode(sealed.content()), DevicePackage.class)
                .credential();
        assertThat(credential.wrapping()).isEqualTo("RSA_OAEP_SHA1_KWP");
        Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPPadding");
        oaep.init(
                Cipher.DECRYPT_MODE,
                rsa.getPrivate(),
                new OAEPParameterSpec("SHA-1", "MGF1", MGF1ParameterSpec.SHA1, PSource.PSpecified.DEFAULT));
        Cipher kwp = Cipher.getInstance("AES/KWP/NoPadding");
        kwp.init(
                Cipher.UNWRAP_MODE,
                new SecretKeySpec(oaep.doFinal(HexFormat.of().parseHex(credential.sent())), "AES"));
        Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
        aes.init(
                Cipher.ENCRYPT_MODE,
                kwp.unwrap(HexFormat.of().parseHex(credential.keys().get("KI")), "AES", Cipher.SECRET_KEY));
        assertThat(HexFormat.of().withUpperCase().formatHex(aes.doFinal(new byte[16]), 0, 3))
                .isEqualTo(credential.checkValues().get("KI"));
        assertThat(credential.keys().keySet())
                .containsExactlyInAnyOrder("KI", "OPC", "ADM1", "PUK1", "KIC1", "KID1", "KIK1", "KIC2", "KID2", "KIK2");
        assertThat(new String(unwrapped(kwp, credential, "PUK1"), StandardCharsets.US_ASCII))
                .matches("[0-9]{8}");
        assertThat(new String(unwrapped(kwp, credential, "ADM1"), StandardCharsets.US_ASCII))
                .matches("[0-9A-F]{8}");
        assertThat(credential.checkValues().keySet()).doesNotContain("ADM1", "PUK1");
        for (String name : List.of("KIC1", "KID1", "KIK1", "KIC2", "KID2", "KIK2")) {
            byte[] key = unwrapped(kwp, credential, name);
            assertThat(key).hasSize(name.endsWith("1") ? 16 : 24);
            byte[] three = Arrays.copyOf(key, 24);
            System.arraycopy(key, 0, three, 16, key.length == 16 ? 8 : 0);
            Cipher des = Cipher.getInstance("DESede/ECB/NoPadding");
            des.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(three, "DESede"));
            assertThat(HexFormat.of().withUpperCase().formatHex(des.doFinal(new byte[8]), 0, 3))
                    .isEqualTo(credential.checkValues().get(name));
        }
        assertThat(retained(issued.id())).containsExactlyInAnyOrder("PUK1", "KIC2");
    }

    private static byte[] unwrapped(Cipher kwp, Credential credential, String name) throws GeneralSecurityException {
        return kwp.unwrap(HexFormat.of().parseHex(credential.keys().get(name)), "any", Cipher.SECRET_KEY)
                .getEncoded();
    }

    /** What the operator keeps of an identity. */
    private Set<String> retained(String id) {
        return Documents.readRow(shop.database().read(connection -> {
                    try (var row = connection
                            .createStatement()
                            .executeQuery("select operator_keys from identity where id = '" + id + "'")) {
                        row.next();
                        return row.getString(1);
                    }
                }))
                .keySet();
    }

    private static IdentityRequest rsaRequest(String certificates, KeyPair rsa) throws Exception {
        IdentityRequest draft = rsaRequest(certificates, "");
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(rsa.getPrivate());
        signature.update(Statements.request(draft));
        return rsaRequest(certificates, Base64.getEncoder().encodeToString(signature.sign()));
    }

    private static IdentityRequest rsaRequest(String certificates, String signature) {
        return new IdentityRequest(
                METER,
                "00112233445566778899AABBCCDDEEFF",
                certificates,
                signature,
                "laboratory",
                "tuak-meter",
                1,
                "lab-iccid",
                "lab-imsi",
                "lab-msisdn",
                null,
                null,
                null);
    }

    @Test
    void theNetworkServesNobodyBeforeTheDeviceHasConfirmed() {
        FieldDevice device = shop.device(METER, FieldDevice.WrappedFor.CERTIFIED_KEY);
        DeviceIdentity issued = shop.ask(device, IdentityShop.wish(device.nonce()));

        assertThat(shop.status(issued.issue().supi())).isEqualTo(SubscriberStatus.PENDING);
        assertThatThrownBy(() -> shop.vector(issued.issue().supi()))
                .isInstanceOf(AuthenticationException.UnknownSubscriber.class);
    }

    @Test
    void theSameRequestIsTheSameIdentityAndTheSamePackageUntilItIsConfirmed() {
        FieldDevice device = shop.device(METER, FieldDevice.WrappedFor.CERTIFIED_KEY);
        FieldDevice.Wish wish = IdentityShop.wish(device.nonce());
        DeviceIdentity first = shop.ask(device, wish);
        SealedPackage sealed = shop.exchange.deliver(first.id(), false, "broker-1");

        assertThat(shop.ask(device, wish).id()).isEqualTo(first.id());
        assertThat(shop.exchange.deliver(first.id(), false, "broker-1")).isEqualTo(sealed);

        shop.exchange.confirm(
                first.id(),
                sealed.sha256(),
                device.confirmation(first.id(), wish.nonce(), sealed.sha256()).get("signature"),
                "broker-1");
        assertThatThrownBy(() -> shop.exchange.deliver(first.id(), false, "broker-1"))
                .isInstanceOfSatisfying(
                        IdentityException.class, e -> assertThat(e.refusal()).isEqualTo(Refusal.IDENTITY_STATE));
        assertThatThrownBy(() -> shop.ask(device, wish))
                .isInstanceOfSatisfying(
                        IdentityException.class, e -> assertThat(e.refusal()).isEqualTo(Refusal.NONCE_USED));
        Optional<SealedPackage> left =
                shop.database().read(connection -> shop.book.table().sealed(connection, first.id()));
        assertThat(left).isEmpty();
    }

    @Test
    void confirmingTwiceChangesNothing() {
        FieldDevice device = shop.device(METER, FieldDevice.WrappedFor.CERTIFIED_KEY);
        FieldDevice.Wish wish = IdentityShop.wish(device.nonce());
        IdentityShop.InUse inUse = shop.installed(device, wish);
        String id = inUse.identity().id();
        String digest = inUse.identity().packageSha256();

        shop.exchange.confirm(
                id, digest, device.confirmation(id, wish.nonce(), digest).get("signature"), "broker-1");

        assertThat(shop.book.events(id)).hasSize(4);
    }

    @Test
    void theOperatorRetainsWhatItsProfileSaysAndTheDeviceGetsEveryKey() {
        FieldDevice device = shop.device(METER, FieldDevice.WrappedFor.CERTIFIED_KEY);
        DeviceIdentity issued = shop.ask(device, IdentityShop.wish(device.nonce()));

        SealedPackage sealed = shop.exchange.deliver(issued.id(), false, "broker-1");
        DevicePackage opened =
                Documents.readJson("the package", Base64.getDecoder().decode(sealed.content()), DevicePackage.class);
        assertThat(opened.credential().keys().keySet())
                .containsExactlyInAnyOrder("KI", "OPC", "KIC1", "KID1", "KIK1", "SCP81_PSK_40", "SCP81_DEK_40");
        assertThat(opened.credential().checkValues().keySet()).doesNotContain("OPC");
        assertThat(opened.credential().counters()).containsEntry("CNTR1", "0000000000");
        assertThat(retained(issued.id())).containsExactly("KIC1");
    }

    /** What a crash leaves between the entry and the making: the device asks again. */
    @Test
    void whatWasEnteredAndNotMadeIsMadeWhenTheDeviceAsksAgain() {
        FieldDevice device = shop.device(METER, FieldDevice.WrappedFor.CERTIFIED_KEY);
        FieldDevice.Wish wish = IdentityShop.wish(device.nonce());
        IdentityRequest request = device.request(wish);
        Device known = new Device(METER, "meters", certificate(request));
        DeviceIdentity entered =
                new Enrolment(shop.book, shop.ranges, IdentityShop.CONFIRM).enter(request, known, "broker-1", "broker");
        assertThat(entered.state()).isEqualTo(IdentityState.REQUESTED);

        DeviceIdentity issued = shop.ask(device, wish);

        assertThat(issued.id()).isEqualTo(entered.id());
        assertThat(issued.state()).isEqualTo(IdentityState.ISSUED);
        assertThat(shop.subscribers().count()).isEqualTo(1);
    }

    private static X509Certificate certificate(IdentityRequest request) {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(
                            new ByteArrayInputStream(request.certificates().getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aNewRequestEndsWhatTheDeviceHasNotConfirmed() {
        FieldDevice device = shop.device(METER, FieldDevice.WrappedFor.CERTIFIED_KEY);
        DeviceIdentity lost = shop.ask(device, IdentityShop.wish(device.nonce()));

        DeviceIdentity next = shop.ask(device, IdentityShop.wish(device.nonce()));

        assertThat(shop.state(lost).state()).isEqualTo(IdentityState.EXPIRED);
        assertThat(shop.subscribers().contains(lost.issue().supi())).isFalse();
        assertThat(next.issue().imsi()).isNotEqualTo(lost.issue().imsi());
        assertThat(shop.subscribers().count()).isEqualTo(1);
    }

    @Test
    void whatIsNotConfirmedInTimeExpires() {
        FieldDevice device = shop.device(METER, FieldDevice.WrappedFor.CERTIFIED_KEY);
        FieldDevice.Wish wish = IdentityShop.wish(device.nonce());
        DeviceIdentity issued = shop.ask(device, wish);
        SealedPackage sealed = shop.exchange.deliver(issued.id(), false, "broker-1");
        shop.succession.round();
        assertThat(shop.state(issued).state()).isEqualTo(IdentityState.DELIVERED);

        shop.pass(IdentityShop.CONFIRM.plusMinutes(1));
        shop.succession.round();

        assertThat(shop.state(issued).state()).isEqualTo(IdentityState.EXPIRED);
        assertThat(shop.subscribers().contains(issued.issue().supi())).isFalse();
        assertThatThrownBy(() -> shop.exchange.confirm(
                        issued.id(),
                        sealed.sha256(),
                        device.confirmation(issued.id(), wish.nonce(), sealed.sha256())
                                .get("signature"),
                        "broker-1"))
                .isInstanceOfSatisfying(
                        IdentityException.class, e -> assertThat(e.refusal()).isEqualTo(Refusal.IDENTITY_STATE));
    }

    @Test
    void aRevokedIdentityIsServedNoMore() {
        FieldDevice device = shop.device(METER, FieldDevice.WrappedFor.CERTIFIED_KEY);
        IdentityShop.InUse inUse = shop.installed(device, IdentityShop.wish(device.nonce()));
        authenticates(shop, inUse);

        shop.succession.revoke(inUse.identity().id(), "operator", "stolen");

        assertThat(shop.state(inUse.identity()).state()).isEqualTo(IdentityState.REVOKED);
        assertThatThrownBy(() -> shop.vector(inUse.supi())).isInstanceOf(AuthenticationException.class);
    }

    @Test
    void aRowThatSomethingElseChangedIsRefused() {
        FieldDevice device = shop.device(METER, FieldDevice.WrappedFor.CERTIFIED_KEY);
        DeviceIdentity issued = shop.ask(device, IdentityShop.wish(device.nonce()));
        shop.database()
                .write(connection -> connection
                        .createStatement()
                        .executeUpdate("update identity set body = replace(body, '\"operator\":\"laboratory\"',"
                                + " '\"operator\":\"another\"')"));

        assertThatThrownBy(() -> shop.book.find(issued.id())).hasMessageContaining("damaged");
    }

    @Test
    void noKeyStandsInThePackageInTheClear() throws Exception {
        FieldDevice device = shop.device(METER, FieldDevice.WrappedFor.CERTIFIED_KEY);
        DeviceIdentity issued = shop.ask(device, IdentityShop.wish(device.nonce()));
        SealedPackage sealed = shop.exchange.deliver(issued.id(), false, "broker-1");
        JsonNode keys = new ObjectMapper()
                .readTree(Base64.getDecoder().decode(sealed.content()))
                .path("credential")
                .path("keys");
        // AES-KWP makes 24 octets of 16, and 40 of 32.
        assertThat(keys.path("KI").asText()).hasSize(48);
        assertThat(keys.path("SCP81_PSK_40").asText()).hasSize(80);
    }
}
