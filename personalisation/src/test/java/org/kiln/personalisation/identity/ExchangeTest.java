package org.kiln.personalisation.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.auc.AuthenticationException;
import org.kiln.kms.keys.OneTimeKeys;
import org.kiln.kms.subscriber.SubscriberStatus;
import org.kiln.personalisation.demo.FieldDevice;
import org.kiln.personalisation.demo.Usim;
import org.kiln.personalisation.document.Documents;

/** A device and its operator, each with a token: from the request to the first authentication. */
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
                .extracting(IdentityEvent::event)
                .containsExactly("REQUESTED", "ISSUED", "DELIVERED", "CONFIRMED", "ACTIVE");
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
        String kept = shop.database().read(connection -> {
            try (var row = connection.createStatement().executeQuery("select operator_keys from identity")) {
                row.next();
                return row.getString(1);
            }
        });
        assertThat(Documents.readRow(kept).keySet()).containsExactly("KIC1");
    }

    /** What a crash leaves between the entry and the making: the device asks again. */
    @Test
    void whatWasEnteredAndNotMadeIsMadeWhenTheDeviceAsksAgain() {
        FieldDevice device = shop.device(METER, FieldDevice.WrappedFor.CERTIFIED_KEY);
        FieldDevice.Wish wish = IdentityShop.wish(device.nonce());
        IdentityRequest request = device.request(wish);
        Device known = new Device(METER, "meters", certificate(request));
        DeviceIdentity entered =
                new Enrolment(shop.book, IdentityShop.CONFIRM).enter(request, known, "broker-1", "broker");
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
