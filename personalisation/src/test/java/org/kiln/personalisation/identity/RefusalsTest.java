package org.kiln.personalisation.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.kms.keys.OneTimeKeys;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.personalisation.demo.FieldDevice;
import org.kiln.personalisation.document.DocumentException;
import org.kiln.personalisation.document.Documents;
import org.kiln.transfer.numbering.Supi;

/** Whoever is not the device, or is it no more, gets nothing, and nothing is entered. */
@Tag(ScratchDatabase.TAG)
class RefusalsTest {

    private static final String METER = "meter-0003";

    @TempDir
    private Path folder;

    private IdentityShop shop;
    private FieldDevice device;

    @BeforeEach
    void open() throws Exception {
        shop = new IdentityShop(folder, OneTimeKeys.Place.HOST);
        device = shop.device(METER, FieldDevice.WrappedFor.CERTIFIED_KEY);
    }

    @AfterEach
    void close() {
        shop.close();
    }

    private void refused(Refusal refusal, ThrowingCallable asking) {
        int before = shop.book.page(null, 1000).size();
        assertThatThrownBy(asking)
                .isInstanceOfSatisfying(
                        IdentityException.class, e -> assertThat(e.refusal()).isEqualTo(refusal));
        assertThat(shop.book.page(null, 1000)).hasSize(before);
    }

    private DeviceIdentity ask() {
        return shop.ask(device, IdentityShop.wish(device.nonce()));
    }

    @Test
    void anUnknownMaker() {
        TestMaker stranger = new TestMaker("Stranger", shop.now);
        device.certify(TestMaker.pem(stranger.certify(METER, device.publicKey(), shop.now.minusSeconds(60))));

        refused(Refusal.MAKER_UNKNOWN, this::ask);
    }

    @Test
    void aMakerWhoOnlyHasTheNameOfOne() {
        TestMaker impostor = new TestMaker("Meters", shop.now);
        device.certify(TestMaker.pem(impostor.certify(METER, device.publicKey(), shop.now.minusSeconds(60))));

        refused(Refusal.MAKER_UNKNOWN, this::ask);
    }

    @Test
    void aRevokedCertificate() {
        shop.revoke(shop.certify(device, shop.now.minusSeconds(60)));

        refused(Refusal.CERTIFICATE_REVOKED, this::ask);
    }

    @Test
    void aMakersListThatIsOutOfDate() {
        shop.letCrlLapse();

        refused(Refusal.REVOCATION_UNKNOWN, this::ask);
    }

    @Test
    void anExpiredCertificate() {
        shop.certify(device, shop.now.minus(Duration.ofDays(366)));

        refused(Refusal.CERTIFICATE_EXPIRED, this::ask);
    }

    @Test
    void aCertificateThatIsNotValidYet() {
        shop.certify(device, shop.now.plus(Duration.ofDays(1)));

        refused(Refusal.CERTIFICATE_EXPIRED, this::ask);
    }

    @Test
    void anotherDevicesCertificate() {
        device.certify(TestMaker.pem(shop.maker.certify("meter-9999", device.publicKey(), shop.now.minusSeconds(60))));

        refused(Refusal.DEVICE_ID_MISMATCH, this::ask);
    }

    @Test
    void theMakersOwnCertificateAlone() {
        device.certify(TestMaker.pem(shop.maker.authority()));

        refused(Refusal.CERTIFICATE_REFUSED, this::ask);
    }

    @Test
    void aCertificateThatDoesNotSign() {
        device.certify(TestMaker.pem(
                shop.maker.certify(METER, device.publicKey(), shop.now.minusSeconds(60), KeyUsage.keyAgreement)));

        refused(Refusal.CERTIFICATE_REFUSED, this::ask);
    }

    @Test
    void aCertificateThatDoesNotAgree() {
        device.certify(TestMaker.pem(
                shop.maker.certify(METER, device.publicKey(), shop.now.minusSeconds(60), KeyUsage.digitalSignature)));

        refused(Refusal.CERTIFICATE_REFUSED, this::ask);
    }

    /** Somebody has the device's certificate, which is no secret, and not its key. */
    @Test
    void anotherDevicesSignature() {
        FieldDevice thief = shop.device(METER, FieldDevice.WrappedFor.CERTIFIED_KEY);
        thief.certify(TestMaker.pem(shop.certify(device, shop.now.minusSeconds(60))));

        refused(Refusal.SIGNATURE_REFUSED, () -> shop.ask(thief, IdentityShop.wish(thief.nonce())));
    }

    /** A broker cannot turn what the device signed into a request for something else. */
    @ParameterizedTest
    @ValueSource(strings = {"operator", "profile", "replaces", "agreementKey", "nonce", "platform"})
    void aRequestThatWasChangedOnTheWay(String member) {
        IdentityRequest signed = device.request(IdentityShop.wish(device.nonce()));
        IdentityRequest changed = new IdentityRequest(
                signed.deviceId(),
                member.equals("nonce") ? device.nonce() : signed.nonce(),
                signed.certificates(),
                signed.signature(),
                member.equals("operator") ? "another" : signed.operator(),
                member.equals("profile") ? "another" : signed.profile(),
                null,
                signed.iccids(),
                signed.imsis(),
                null,
                member.equals("agreementKey")
                        ? Base64.getEncoder()
                                .encodeToString(TestMaker.pair().getPublic().getEncoded())
                        : null,
                member.equals("replaces") ? "imsi-001010000000001" : null,
                member.equals("platform") ? "smdp" : null);

        refused(Refusal.SIGNATURE_REFUSED, () -> shop.exchange.request(changed, "broker-1", "broker"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "000102030405060708090a0b0c0d0e", "0g0102030405060708090a0b0c0d0e0f"})
    void aNonceThatIsTooShortOrNone(String nonce) {
        refused(Refusal.NONCE_REFUSED, () -> shop.ask(device, IdentityShop.wish(nonce)));
    }

    @Test
    void aNonceThatIsTooLong() {
        refused(Refusal.NONCE_REFUSED, () -> shop.ask(device, IdentityShop.wish("00".repeat(33))));
    }

    @Test
    void aNonceThatTheDeviceHasUsedForSomethingElse() {
        String nonce = device.nonce();
        shop.ask(device, IdentityShop.wish(nonce));
        shop.publish(IdentityShop.EMBEDDED.replace("name: meter", "name: meter-2"));

        refused(
                Refusal.NONCE_USED,
                () -> shop.ask(
                        device,
                        new FieldDevice.Wish(nonce, "laboratory", "meter-2", "lab-iccid", "lab-imsi", null, null)));
    }

    /** The very octets that were sent once, sent again by whoever saw them, in any case of letters. */
    @Test
    void aReplayedRequest() {
        IdentityRequest seen = device.request(IdentityShop.wish(device.nonce()));
        DeviceIdentity issued = shop.exchange.request(seen, "broker-1", "broker");
        shop.succession.revoke(issued.id(), "operator", "test");

        refused(Refusal.NONCE_USED, () -> shop.exchange.request(seen, "broker-1", "broker"));
    }

    @Test
    void anotherBrokersReplay() {
        IdentityRequest seen = device.request(IdentityShop.wish(device.nonce()));
        shop.exchange.request(seen, "broker-1", "broker");

        refused(Refusal.NONCE_USED, () -> shop.exchange.request(seen, "broker-2", "another"));
    }

    /** A maker, or somebody in his house, certifies another key for a device that is known. */
    @Test
    void anotherDeviceWithTheSameId() {
        ask();
        FieldDevice clone = shop.device(METER, FieldDevice.WrappedFor.CERTIFIED_KEY);

        refused(Refusal.DEVICE_CHANGED, () -> shop.ask(clone, IdentityShop.wish(clone.nonce())));
    }

    @Test
    void anOldCertificateAfterANewerOneWasSeen() {
        X509Certificate first = shop.certify(device, shop.now.minus(Duration.ofDays(10)));
        ask();
        shop.certify(device, shop.now.minusSeconds(60));
        ask();
        device.certify(TestMaker.pem(first));

        refused(Refusal.CERTIFICATE_SUPERSEDED, this::ask);
    }

    @Test
    void aProfileOfAnotherKind() {
        shop.publish(IdentityShop.EMBEDDED.replace("name: meter", "name: card").replace("EMBEDDED", "UICC"));
        shop.publish(IdentityShop.EMBEDDED.replace("name: meter", "name: esim").replace("EMBEDDED", "EUICC_PROFILE"));
        for (String profile : new String[] {"card", "esim"}) {
            refused(
                    Refusal.PROFILE_UNFIT,
                    () -> shop.ask(
                            device,
                            new FieldDevice.Wish(
                                    device.nonce(), "laboratory", profile, "lab-iccid", "lab-imsi", null, null)));
        }
    }

    @Test
    void aProfileWithKeysDerivedFromAMaster() {
        shop.publish(IdentityShop.EMBEDDED
                .replace("name: meter", "name: derived")
                .replace("kcv: CMAC", "kcv: CMAC, diversifiedFrom: ota-master"));
        refused(
                Refusal.PROFILE_UNFIT,
                () -> shop.ask(
                        device,
                        new FieldDevice.Wish(
                                device.nonce(), "laboratory", "derived", "lab-iccid", "lab-imsi", null, null)));
    }

    @Test
    void aPlatformThatIsNoPartner() {
        refused(
                Refusal.PLATFORM_REFUSED,
                () -> shop.ask(
                        device,
                        new FieldDevice.Wish(
                                device.nonce(), "laboratory", "meter", "lab-iccid", "lab-imsi", null, "smdp")));
    }

    @Test
    void aReplacementThatIsNotTheDevicesOwn() {
        FieldDevice neighbour = shop.device("meter-0004", FieldDevice.WrappedFor.CERTIFIED_KEY);
        IdentityShop.InUse theirs = shop.installed(neighbour, IdentityShop.wish(neighbour.nonce()));
        shop.tell(theirs.supi(), true);
        shop.succession.round();

        refused(Refusal.REPLACEMENT_REFUSED, () -> shop.ask(device, IdentityShop.wish(device.nonce(), theirs.supi())));
        refused(
                Refusal.REPLACEMENT_REFUSED,
                () -> shop.ask(device, IdentityShop.wish(device.nonce(), new Supi("imsi-001019999999999"))));
    }

    @Test
    void aReplacementThatIsSuspendedOrNotYetInUse() {
        DeviceIdentity open = ask();
        refused(
                Refusal.REPLACEMENT_REFUSED,
                () -> shop.ask(
                        device, IdentityShop.wish(device.nonce(), open.issue().supi())));

        IdentityShop.InUse own = shop.installed(device, IdentityShop.wish(device.nonce()));
        shop.tell(own.supi(), true);
        shop.succession.round();
        shop.succession.revoke(own.identity().id(), "operator", "stolen");
        refused(Refusal.REPLACEMENT_REFUSED, () -> shop.ask(device, IdentityShop.wish(device.nonce(), own.supi())));
    }

    @Test
    void aSecondChangeWhileOneIsUnderWay() {
        shop.installed(device, IdentityShop.wish(device.nonce()));

        refused(Refusal.IDENTITY_STATE, this::ask);
    }

    @Test
    void aDeviceThatAsksWithoutEnd() {
        for (int i = 0; i < 10; i++) {
            ask();
        }
        refused(Refusal.DEVICE_ASKS_TOO_OFTEN, this::ask);

        shop.pass(Duration.ofDays(1));
        assertThat(ask().state()).isEqualTo(IdentityState.ISSUED);
    }

    @Test
    void aCurveThatTheTokenMayNotServe(@TempDir Path other) throws Exception {
        try (IdentityShop inToken = new IdentityShop(other, OneTimeKeys.Place.TOKEN)) {
            FieldDevice onCurve = inToken.device("meter-0005", FieldDevice.WrappedFor.CERTIFIED_KEY);
            FieldDevice withRsa = inToken.device("meter-0006", FieldDevice.WrappedFor.RSA);

            assertThatThrownBy(() -> inToken.ask(onCurve, IdentityShop.wish(onCurve.nonce())))
                    .isInstanceOfSatisfying(
                            IdentityException.class,
                            e -> assertThat(e.refusal()).isEqualTo(Refusal.ONE_TIME_KEY_REFUSED))
                    .hasMessageContaining("identities.oneTimeKey");
            assertThat(inToken.installed(withRsa, IdentityShop.wish(withRsa.nonce()))
                            .identity()
                            .state())
                    .isEqualTo(IdentityState.CONFIRMED);
        }
    }

    @Test
    void aConfirmationThatIsNotTheDevicesOrNotOfThis() {
        FieldDevice.Wish wish = IdentityShop.wish(device.nonce());
        DeviceIdentity issued = shop.ask(device, wish);
        SealedPackage sealed = shop.exchange.deliver(issued.id(), false, "broker-1");
        FieldDevice thief = shop.device(METER, FieldDevice.WrappedFor.CERTIFIED_KEY);
        String theirs =
                thief.confirmation(issued.id(), wish.nonce(), sealed.sha256()).get("signature");
        String ofAnother =
                device.confirmation("another", wish.nonce(), sealed.sha256()).get("signature");
        String digest = "00".repeat(32);
        String ofOtherContent =
                device.confirmation(issued.id(), wish.nonce(), digest).get("signature");

        for (String signature : new String[] {theirs, ofAnother, ofOtherContent, "", "no base64!"}) {
            refused(
                    Refusal.SIGNATURE_REFUSED,
                    () -> shop.exchange.confirm(issued.id(), sealed.sha256(), signature, "broker-1"));
        }
        refused(Refusal.DIGEST_MISMATCH, () -> shop.exchange.confirm(issued.id(), digest, ofOtherContent, "broker-1"));
        assertThat(shop.state(issued).state()).isEqualTo(IdentityState.DELIVERED);
    }

    @Test
    void aConfirmationByADeviceWhoseCertificateWasRevokedMeanwhile() {
        X509Certificate certificate = shop.certify(device, shop.now.minusSeconds(60));
        FieldDevice.Wish wish = IdentityShop.wish(device.nonce());
        DeviceIdentity issued = shop.ask(device, wish);
        SealedPackage sealed = shop.exchange.deliver(issued.id(), false, "broker-1");
        shop.revoke(certificate);

        refused(
                Refusal.CERTIFICATE_REVOKED,
                () -> shop.exchange.confirm(
                        issued.id(),
                        sealed.sha256(),
                        device.confirmation(issued.id(), wish.nonce(), sealed.sha256())
                                .get("signature"),
                        "broker-1"));
    }

    /** Whatever is done to a good request, it is refused in words, or is the same request. */
    @Test
    void mutatedRequests() {
        long seed = Long.getLong("kiln.seed", System.nanoTime());
        System.out.println("RefusalsTest: -Dkiln.seed=" + seed);
        Random random = new Random(seed);
        IdentityRequest good = device.request(IdentityShop.wish(device.nonce()));
        String id = shop.exchange.request(good, "broker-1", "broker").id();
        byte[] json = Documents.writeJson(good).getBytes(StandardCharsets.UTF_8);
        for (int round = 0; round < 400; round++) {
            byte[] mutated = json.clone();
            for (int change = 0; change <= random.nextInt(3); change++) {
                mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
            }
            try {
                IdentityRequest read = Documents.readJson("the request", mutated, IdentityRequest.class);
                assertThat(shop.exchange.request(read, "broker-1", "broker").id())
                        .isEqualTo(id);
            } catch (IdentityException | DocumentException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }
}
