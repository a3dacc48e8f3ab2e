package org.kiln.personalisation.identity;

import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.approval.SecondPerson;
import org.kiln.kms.auc.AucSettings;
import org.kiln.kms.auc.AuthEvent;
import org.kiln.kms.auc.AuthEvents;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.auc.VectorRequest;
import org.kiln.kms.keys.Kcv;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.OneTimeKeys;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.keys.TransportKeys;
import org.kiln.kms.provisioning.ScratchNode;
import org.kiln.kms.provisioning.TransportKey;
import org.kiln.kms.provisioning.TransportKeyRegister;
import org.kiln.kms.store.Database;
import org.kiln.kms.subscriber.EngineChoice;
import org.kiln.kms.subscriber.SubscriberStatus;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.personalisation.demo.FieldDevice;
import org.kiln.personalisation.demo.Usim;
import org.kiln.personalisation.document.Documents;
import org.kiln.personalisation.numbering.NumberRange;
import org.kiln.personalisation.numbering.NumberRanges;
import org.kiln.personalisation.partner.Partner;
import org.kiln.personalisation.partner.PartnerRegister;
import org.kiln.personalisation.profile.CardProfile;
import org.kiln.personalisation.profile.ProfileBook;
import org.kiln.personalisation.profile.ProfileVersion;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Session;
import org.kiln.token.ScratchToken;
import org.kiln.transfer.envelope.Identity;
import org.kiln.transfer.numbering.Supi;

/** An AuC and a personalisation centre on a scratch token, a maker, his devices on tokens of their own, and a clock to set. */
final class IdentityShop implements AutoCloseable {

    static final String EMBEDDED = """
            name: meter
            cardKind: EMBEDDED
            authentication: {algorithm: milenage, operatorConstant: laboratory}
            keysets:
              - {channel: SCP80, keyVersion: 1, algorithm: AES_128, kcv: CMAC}
              - {channel: SCP81, keyVersion: 64, algorithm: AES_256, kcv: GLOBALPLATFORM_AES}
            retain: [KIC1]
            """;
    /** A profile of TUAK with a K of 256 bits, codes, and OTA keys of 3DES. */
    static final String TUAK = """
            name: tuak-meter
            cardKind: EMBEDDED
            authentication: {algorithm: tuak, keyOctets: 32, operatorConstant: laboratory}
            codes:
              ADM1: {rule: random-hex}
              PIN1: {rule: disabled}
              PUK1: {rule: random-digits, length: 8}
            keysets:
              - {channel: SCP80, keyVersion: 1, algorithm: DES3_2KEY}
              - {channel: SCP80, keyVersion: 2, algorithm: DES3_3KEY}
            retain: [PUK1, KIC2]
            """;

    private static final EngineChoice ENGINES = new EngineChoice(Set.of(), Set.of("tuak"), false);
    static final String NETWORK = "5G:mnc001.mcc001.3gppnetwork.org";
    static final Duration CONFIRM = Duration.ofHours(24);
    static final Duration FALLBACK = Duration.ofHours(72);

    static final String PLATFORM = "smdp";
    static final String PLATFORM_KEY = "smdp-out";

    private final KeyPair platform = rsa();
    private byte[] transportKeyForPlatform = {};
    private final ScratchNode node;
    private final RecordMac mac;
    private final KeyPair signing = TestMaker.pair();
    private final AuthEvents events;
    private final Session deviceSession = ScratchToken.create().openAs(Ck.CKU_USER);
    private final Path crl;

    final AuthenticationCentre centre;
    final TestMaker maker = new TestMaker("Meters", Instant.now());
    final X509Certificate operatorCertificate =
            maker.certify("operator", signing.getPublic(), Instant.now().minusSeconds(60));
    final IdentityBook book;
    final Exchange exchange;
    final Succession succession;
    final ProfileBook profiles;
    final NumberRanges ranges;
    final PartnerRegister partners;
    Instant now = Instant.now();

    IdentityShop(Path folder, OneTimeKeys.Place place) throws Exception {
        node = new ScratchNode(folder, ceremony -> {
            ceremony.foundation();
            ceremony.provideOperatorConstant("laboratory");
            ceremony.provideTop("laboratory");
            transportKeyForPlatform = new TransportKeys(ceremony)
                    .generateFor(PLATFORM_KEY, 32, (RSAPublicKey) platform.getPublic())
                    .wrapped();
        });
        KeyRing ring = new KeyRing();
        mac = node.tokens().call(session -> RecordMac.derive(session, ring));
        node.database().migrate("personalisation");
        InstantSource clock = () -> now;
        centre = new AuthenticationCentre(
                node.tokens(),
                node.storageKeys(),
                node.store(),
                new AucSettings(0, 1, 100, ENGINES, new CompositeMeterRegistry()));
        events = new AuthEvents(node.database());
        SecondPerson secondPerson = new SecondPerson(mac, Duration.ofHours(24));
        profiles = new ProfileBook(node.database(), secondPerson, clock);
        ranges = new NumberRanges(node.database(), secondPerson, clock);
        partners = new PartnerRegister(node.database(), secondPerson, clock);
        publish(EMBEDDED);
        publish(TUAK);
        for (var range :
                Documents.yamlAsJson("ranges", Files.readAllBytes(Path.of("..", "examples", "numbers.yaml")))) {
            ranges.add(Documents.readStored(range.toString(), NumberRange.class), "operator");
        }
        crl = folder.resolve("maker.crl");
        revoke();
        book = new IdentityBook(node.database(), mac, node.store(), profiles, clock);
        exchange = new Exchange(
                book,
                ranges,
                new Makers(List.of(new Makers.Maker("meters", maker.authority(), Optional.of(crl))), clock),
                new Issuance(
                        book,
                        node.tokens(),
                        ring,
                        node.storageKeys(),
                        ENGINES,
                        new OneTimeKeys(ScratchToken.profile(), node.storageKeys(), place),
                        new Platforms(partners, new TransportKeyRegister(node.database(), mac), clock),
                        Identity.inMemory(signing.getPrivate(), operatorCertificate),
                        authentication -> {}),
                CONFIRM,
                FALLBACK,
                centre::withdraw);
        succession = new Succession(book, centre::withdraw);
    }

    private static KeyPair rsa() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(3072);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Enters the platform as a partner with a transport key in use. */
    void introducePlatform() {
        new TransportKeyRegister(node.database(), mac)
                .add(TransportKey.made(
                        PLATFORM_KEY,
                        PLATFORM,
                        TransportKeys.Direction.OUTGOING,
                        32,
                        new Kcv("000000", "0000000000"),
                        TransportKey.Period.UNBOUNDED,
                        now));
        partners.put(
                new Partner(PLATFORM, PLATFORM_KEY, null, TestMaker.pem(operatorCertificate), null, null, null, null),
                "operator");
    }

    /** The transport key, as the platform has it in its own token. */
    SecretKeySpec transportKey() throws GeneralSecurityException {
        Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPPadding");
        oaep.init(
                Cipher.DECRYPT_MODE,
                platform.getPrivate(),
                new OAEPParameterSpec("SHA-1", "MGF1", MGF1ParameterSpec.SHA1, PSource.PSpecified.DEFAULT));
        return new SecretKeySpec(oaep.doFinal(transportKeyForPlatform), "AES");
    }

    Database database() {
        return node.database();
    }

    SubscriberStore subscribers() {
        return node.store();
    }

    /** Publishes a profile. */
    void publish(String yaml) {
        ProfileVersion version = profiles.add(
                Documents.readYaml("the profile", yaml.getBytes(StandardCharsets.UTF_8), CardProfile.class), "one");
        profiles.publish(version.profile().name(), version.version(), "another");
    }

    /** Has a profile on an eUICC since it was made, whose subscriber the network serves. */
    Supi orderedFor(String eid) throws Exception {
        node.provision(1);
        Supi supi = ScratchNode.supi(0);
        node.database().write(connection -> {
            try (var statement = connection.createStatement()) {
                statement.executeUpdate("insert into card_order (id, idempotency_key, vendor, state, request,"
                        + " profile_name, profile_version, created, requested_by, changed)"
                        + " values ('o', 'o', 'v', 'ACTIVE', '{}', 'meter', 1, '', '', '')");
                return statement.executeUpdate(
                        "insert into card (order_id, position, iccid, imsi, eid, operator_keys) values ('o', 0, '1', '"
                                + supi.imsi().digits() + "', '" + eid + "', '{}')");
            }
        });
        return supi;
    }

    /** Has the maker revoke these, and nothing else. */
    void revoke(X509Certificate... certificates) {
        maker.writeCrl(crl, now.minusSeconds(60), now.plus(Duration.ofDays(30)), certificates);
    }

    void letCrlLapse() {
        maker.writeCrl(crl, now.minus(Duration.ofDays(30)), now.minus(Duration.ofHours(1)));
    }

    FieldDevice device(String id, FieldDevice.WrappedFor wrappedFor) {
        FieldDevice device = new FieldDevice(id, deviceSession, ScratchToken.profile(), wrappedFor);
        certify(device, now.minusSeconds(60));
        return device;
    }

    X509Certificate certify(FieldDevice device, Instant from) {
        X509Certificate certificate = maker.certify(device.id(), device.publicKey(), from);
        device.certify(TestMaker.pem(certificate));
        return certificate;
    }

    static FieldDevice.Wish wish(String nonce) {
        return new FieldDevice.Wish(nonce, "laboratory", "meter", "lab-iccid", "lab-imsi", null, null);
    }

    static FieldDevice.Wish wishForTuak(String nonce) {
        return new FieldDevice.Wish(nonce, "laboratory", "tuak-meter", "lab-iccid", "lab-imsi", null, null);
    }

    static FieldDevice.Wish wish(String nonce, Supi replaces) {
        return new FieldDevice.Wish(nonce, "laboratory", "meter", "lab-iccid", "lab-imsi", replaces.value(), null);
    }

    DeviceIdentity ask(FieldDevice device, FieldDevice.Wish wish) {
        return exchange.request(device.request(wish), "broker-1", "broker");
    }

    /** What a device has once it confirmed. */
    record InUse(DeviceIdentity identity, Usim usim) {
        Supi supi() {
            return identity.issue().supi();
        }
    }

    /** The whole exchange up to the confirmation. */
    InUse installed(FieldDevice device, FieldDevice.Wish wish) {
        DeviceIdentity issued = ask(device, wish);
        SealedPackage sealed = exchange.deliver(issued.id(), false, "broker-1");
        FieldDevice.Installed installed = device.install(sealed, operatorCertificate, wish.nonce());
        var confirmation = device.confirmation(issued.id(), wish.nonce(), sealed.sha256());
        DeviceIdentity confirmed =
                exchange.confirm(issued.id(), confirmation.get("sha256"), confirmation.get("signature"), "broker-1");
        return new InUse(confirmed, installed.usim());
    }

    DeviceIdentity state(DeviceIdentity identity) {
        return book.find(identity.id()).orElseThrow();
    }

    SubscriberStatus status(Supi supi) {
        return node.store().find(supi).orElseThrow().status();
    }

    /** A 5G vector, for which the device is asked. */
    AuthenticationVector.FiveGHe vector(Supi supi) {
        try {
            return (AuthenticationVector.FiveGHe)
                    centre.authenticate(VectorRequest.fiveG(supi, NETWORK, Optional.empty()))
                            .join()
                            .getFirst();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /** A network tells that the subscriber authenticated, or that he did not. */
    void tell(Supi supi, boolean success) {
        events.confirm(supi, new AuthEvent(UUID.randomUUID().toString(), success, now.toString(), "5G_AKA", NETWORK))
                .join();
    }

    void pass(Duration time) {
        now = now.plus(time);
        revoke();
    }

    @Override
    public void close() {
        succession.close();
        events.close();
        centre.close();
        mac.close();
        deviceSession.close();
        node.close();
    }
}
