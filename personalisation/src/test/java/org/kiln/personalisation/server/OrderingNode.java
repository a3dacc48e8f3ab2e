package org.kiln.personalisation.server;

import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.kiln.kms.approval.SecondPerson;
import org.kiln.kms.keys.Ceremony;
import org.kiln.kms.keys.Kcv;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.keys.TransportKeys;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.provisioning.ScratchNode;
import org.kiln.kms.provisioning.SubscriberIntake;
import org.kiln.kms.provisioning.TransportKey;
import org.kiln.kms.provisioning.TransportKeyRegister;
import org.kiln.kms.subscriber.AlgorithmCatalogue;
import org.kiln.kms.subscriber.EngineChoice;
import org.kiln.personalisation.custody.Activation;
import org.kiln.personalisation.custody.Caretaker;
import org.kiln.personalisation.custody.Destruction;
import org.kiln.personalisation.document.Documents;
import org.kiln.personalisation.generation.BatchGeneration;
import org.kiln.personalisation.generation.ShelvedCodes;
import org.kiln.personalisation.intake.BatchIntake;
import org.kiln.personalisation.intake.StagedCards;
import org.kiln.personalisation.numbering.NumberRange;
import org.kiln.personalisation.numbering.NumberRanges;
import org.kiln.personalisation.order.CardOrder;
import org.kiln.personalisation.order.CardStore;
import org.kiln.personalisation.order.DeliveryBook;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderBook;
import org.kiln.personalisation.order.OrderState;
import org.kiln.personalisation.output.ClearCodes;
import org.kiln.personalisation.output.DeliveryFiles;
import org.kiln.personalisation.output.Envelopes;
import org.kiln.personalisation.partner.Partner;
import org.kiln.personalisation.partner.PartnerRegister;
import org.kiln.personalisation.profile.CardProfile;
import org.kiln.personalisation.profile.ProfileBook;
import org.kiln.personalisation.profile.ProfileVersion;
import org.kiln.token.ScratchToken;
import org.kiln.transfer.batch.StagingCipher;
import org.kiln.transfer.envelope.Identity;
import org.kiln.transfer.envelope.SignerTrust;
import org.kiln.transfer.output.OutputFormat;
import org.kiln.transfer.recipient.KeyUse;

/** A personalisation centre on a scratch token, in this process and without its API: what is ordered is made, or taken. */
final class OrderingNode implements AutoCloseable {

    private static final String OPERATOR = "laboratory";
    private static final InstantSource CLOCK = InstantSource.system();

    private final Path files;
    private final ScratchNode node;
    private final RecordMac mac;
    private final SecondPerson secondPerson;
    private final ProfileBook profiles;
    private final OrderBook orders;
    private final DeliveryBook deliveries;
    private final CardStore cards;
    private final BatchGeneration generation;
    private final DeliveryFiles deliveryFiles;
    private final BatchIntake intake;
    private final Identity kiln = identity("Kiln");
    private final Identity acme = identity("acme");
    private final VendorHouse vendor;
    private final KeyRing ring = new KeyRing();
    private final List<TransportKey> made = new ArrayList<>();
    private int ordered;

    final Destruction destruction;

    /** What happens when a code is read for a file that has it in the clear. */
    Runnable whenACodeIsRead = () -> {};

    /** @param partners who get an outgoing transport key, {@code NAME-out}, and one for key blocks, {@code NAME-blocks}; the first one a short one
     *     besides, {@code NAME-short} */
    OrderingNode(Path folder, EngineChoice engines, PartnerToken... partners) throws Exception {
        files = folder.resolve("batches");
        vendor = new VendorHouse(folder, name -> acme);
        node = new ScratchNode(folder, ceremony -> {
            ceremony.foundation();
            ceremony.provideOperatorConstant(OPERATOR);
            ceremony.provideTop(OPERATOR);
            exchangeKeys(ceremony, partners);
        });
        mac = node.tokens().call(session -> RecordMac.derive(session, ring));
        node.database().migrate("personalisation");
        secondPerson = new SecondPerson(mac, Duration.ofHours(24));
        TransportKeyRegister register = new TransportKeyRegister(node.database(), mac);
        made.forEach(register::add);
        for (var range :
                Documents.yamlAsJson("ranges", Files.readAllBytes(Path.of("..", "examples", "numbers.yaml")))) {
            new NumberRanges(node.database(), secondPerson, CLOCK)
                    .add(Documents.readStored(range.toString(), NumberRange.class), "operator");
        }
        profiles = new ProfileBook(node.database(), secondPerson, CLOCK);
        orders = new OrderBook(node.database(), profiles, secondPerson, CLOCK);
        deliveries = new DeliveryBook(node.database(), orders, CLOCK);
        cards = new CardStore(node.database());
        deliveryFiles = new DeliveryFiles(
                files,
                OPERATOR,
                new Envelopes(kiln, kiln.certificate(), OPERATOR, CLOCK),
                cards,
                register,
                new WatchedCodes(new ShelvedCodes(node.tokens(), node.storageKeys())),
                CLOCK);
        generation = generation(engines);
        destruction = new Destruction(node.database(), node.store(), cards, orders, deliveries, deliveryFiles);
        intake = new BatchIntake(
                kiln,
                OPERATOR,
                node.tokens(),
                new SubscriberIntake(
                        ring,
                        node.storageKeys(),
                        register,
                        ScratchToken.profile(),
                        new AlgorithmCatalogue(engines, Map.of())),
                ring,
                node.storageKeys(),
                new StagedCards(node.database(), node.store(), cards, orders, deliveries, deliveryFiles),
                CLOCK);
    }

    /** Tells the test of each code, and does as the real one. */
    private final class WatchedCodes implements ClearCodes {

        private final ClearCodes codes;

        WatchedCodes(ClearCodes codes) {
            this.codes = codes;
        }

        @Override
        public String read(WrappedKey code) {
            whenACodeIsRead.run();
            return codes.read(code);
        }

        @Override
        public StagingCipher newCipher() {
            return codes.newCipher();
        }
    }

    private void exchangeKeys(Ceremony ceremony, PartnerToken... partners) {
        try {
            add("acme-in", "acme", Direction.INCOMING, 32, vendor.importTransportKey(ceremony));
            for (PartnerToken partner : partners) {
                exchange(ceremony, partner, partner.name + "-out", Direction.OUTGOING, 32, KeyUse.PRODUCTION);
                exchange(ceremony, partner, partner.name + "-blocks", Direction.KEY_BLOCKS, 32, KeyUse.KEY_BLOCKS);
            }
            PartnerToken first = partners[0];
            exchange(ceremony, first, first.name + "-short", Direction.KEY_BLOCKS, 16, KeyUse.KEY_BLOCKS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void exchange(
            Ceremony ceremony, PartnerToken partner, String label, Direction direction, int octets, KeyUse use)
            throws Exception {
        TransportKeys.Exported key =
                new TransportKeys(ceremony).generateFor(label, direction, octets, partner.receiver());
        partner.receive(label, key.wrapped(), use);
        add(label, partner.name, direction, octets, key.kcv());
    }

    private void add(String label, String partner, Direction direction, int octets, Kcv kcv) {
        made.add(TransportKey.made(
                label, partner, direction, octets, kcv, TransportKey.Period.UNBOUNDED, CLOCK.instant()));
    }

    private static Identity identity(String name) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        X500Name subject = new X500Name("CN=" + name);
        Instant now = CLOCK.instant();
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                subject,
                BigInteger.ONE,
                Date.from(now.minusSeconds(3600)),
                Date.from(now.plusSeconds(86_400)),
                subject,
                pair.getPublic());
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyAgreement));
        return Identity.inMemory(
                pair.getPrivate(),
                new JcaX509CertificateConverter()
                        .getCertificate(builder.build(
                                new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))));
    }

    private static String pem(X509Certificate certificate) throws Exception {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
            pem.writeObject(certificate);
        }
        return text.toString();
    }

    /** Who signs files. */
    X509Certificate signer() {
        return kiln.certificate();
    }

    void publish(String yaml) {
        ProfileVersion version = profiles.add(
                Documents.readYaml("the profile", yaml.getBytes(StandardCharsets.UTF_8), CardProfile.class), "one");
        profiles.publish(version.profile().name(), version.version(), "another");
    }

    /** Enters a partner with his transport key {@code NAME-out}. */
    void introduce(PartnerToken partner, String formatYaml) throws Exception {
        new PartnerRegister(node.database(), secondPerson, CLOCK)
                .put(
                        new Partner(
                                partner.name,
                                partner.name + "-out",
                                null,
                                partner.certificate(),
                                null,
                                null,
                                format(formatYaml),
                                null),
                        "operator");
    }

    static OutputFormat format(String yaml) {
        return Documents.readYaml("the format", yaml.getBytes(StandardCharsets.UTF_8), OutputFormat.class);
    }

    /** An order of acme's for cards that Kiln makes; his token gets the file. */
    CardOrder order(PartnerToken card, String profile, int quantity, String formatYaml) throws Exception {
        return new CardOrder(
                "order-" + ++ordered,
                card.name,
                OPERATOR,
                profile,
                null,
                quantity,
                "lab-iccid",
                "lab-imsi",
                null,
                null,
                card.name + "-out",
                card.certificate(),
                null,
                null,
                format(formatYaml),
                null,
                null);
    }

    /** An order of acme's, who makes the keys. */
    CardOrder orderOfVendorsKeys(String profile, int quantity) throws Exception {
        return new CardOrder(
                "order-" + ++ordered,
                "acme",
                OPERATOR,
                profile,
                null,
                quantity,
                "lab-iccid",
                "lab-imsi",
                null,
                null,
                "acme-in",
                pem(acme.certificate()),
                null,
                null,
                null,
                null,
                CardOrder.Maker.VENDOR);
    }

    /** Asked for; refused as the API would. */
    Order asked(CardOrder request) {
        Order preview = orders.preview(request, "acme");
        generation.requireMakeable(preview, orders.plan(preview));
        return orders.enter(request, "acme");
    }

    /** Asked for and approved, and not begun. */
    Order approved(CardOrder request) {
        return orders.approve(asked(request).id(), "approver");
    }

    void start(Order order) {
        generation.start(order);
    }

    void fail(Order order) {
        orders.markFailed(order.id(), "the test wants it");
    }

    void fetched(Order order, PartnerToken partner) {
        deliveries.markFetched(order.id(), partner.name, partner.name);
    }

    /** Destroys what was kept too long, at a time of the test's. */
    void destroyOverdue(Instant now, Duration kept) {
        try (Caretaker caretaker = new Caretaker(
                orders, new Activation(node.database(), node.store(), cards, orders), destruction, kept, () -> now)) {
            caretaker.destroyOverdue();
        }
    }

    /** Refused as on a node with other engines. */
    void requireMakeable(CardOrder request, EngineChoice engines) {
        Order preview = orders.preview(request, "acme");
        try (BatchGeneration other = generation(engines)) {
            other.requireMakeable(preview, orders.plan(preview));
        }
    }

    private BatchGeneration generation(EngineChoice engines) {
        return new BatchGeneration(
                node.tokens(),
                ring,
                node.storageKeys(),
                engines,
                node.database(),
                node.store(),
                orders,
                deliveries,
                cards,
                deliveryFiles,
                Optional.empty());
    }

    /** Made, with its files. */
    Order made(CardOrder request) throws Exception {
        Order order = approved(request);
        generation.start(order);
        while (state(order) == OrderState.GENERATING) {
            Thread.sleep(5);
        }
        return orders.find(order.id()).orElseThrow();
    }

    OrderState state(Order order) {
        return orders.find(order.id()).orElseThrow().state();
    }

    List<String> events(Order order) {
        return orders.events(order.id()).stream()
                .map(entry -> entry.event() + " " + entry.detail())
                .toList();
    }

    /** What the vendor hands in: his batch for an order, good unless {@code change} spoils it. */
    Path batch(Order order, int cards, List<VendorHouse.Secret> secrets, boolean tuak) throws Exception {
        VendorHouse.Batch batch = new VendorHouse.Batch(
                        order.id(),
                        cards,
                        Long.parseLong(order.numbers().iccid()),
                        Long.parseLong(order.numbers().imsi()),
                        "acme",
                        -1)
                .with(secrets);
        return vendor.sealed(kiln.certificate(), tuak ? batch.ofTuak() : batch);
    }

    Order take(Order order, Path batch) {
        return intake.take(order, batch, SignerTrust.pinned(acme.certificate()), "acme");
    }

    Path file(Order order, PartnerToken partner) {
        return deliveryFiles.path(order.id(), partner.name);
    }

    List<Path> filesOnDisk() throws Exception {
        if (!Files.isDirectory(files)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(files)) {
            return found.toList();
        }
    }

    long count(String what) {
        return node.database().read(connection -> {
            try (ResultSet row = connection.createStatement().executeQuery("select " + what)) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    /** States of an order's files. */
    Set<String> deliveries(Order order) {
        return deliveries.of(order.id()).stream()
                .map(delivery -> delivery.state().name())
                .collect(Collectors.toSet());
    }

    @Override
    public void close() {
        generation.close();
        mac.close();
        node.close();
    }
}
