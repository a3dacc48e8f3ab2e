package org.kiln.personalisation.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.kiln.kms.aka.TuakParameters;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.kms.lab.LabAuthority.ClientIdentity;
import org.kiln.kms.server.DataFolder;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;
import org.kiln.transfer.recipient.BatchOpener;
import org.kiln.transfer.recipient.Card;
import org.kiln.transfer.recipient.LabReveal;

/**
 * The whole story with real parts: the operator in processes of his own, the vendor and his cards in this one.
 */
public final class Demo {

    private static final String OPERATOR = "operator";
    private static final String APPROVER = "approver";
    private static final String NETWORK = "udm";
    private static final byte PAD = (byte) 0xff;

    private final DataFolder folder;
    private final Path orderFile;
    private final OptionalInt quantity;
    private final Story story;

    /**
     * @param orderFile the order to post, YAML
     * @param quantity cards, if not as many as the order says
     */
    public Demo(DataFolder folder, Path orderFile, OptionalInt quantity, PrintStream out) {
        this.folder = folder;
        this.orderFile = orderFile;
        this.quantity = quantity;
        story = new Story(out);
    }

    /** A step did not end as it should. */
    public static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Failed(String message) {
            super(message);
        }
    }

    /** Runs the story; throws at the first step that fails. */
    public void run() throws IOException, InterruptedException {
        String data = folder.root().toString();
        Path log = folder.resolve("log/kiln.log");
        ObjectNode order = readOrder();
        String transportKey = order.path("transportKey").asText();

        story.step("The operator's token");
        story.tell("%s", KilnProcess.succeed("init", "--data", data));
        SuciMaker phone = homeNetworkKey(data);
        allowTuak(data);
        FieldSide.configure(folder);
        try (VendorSide vendor = VendorSide.open(folder.resolve("vendor"))) {
            story.step("The vendor's token, and a transport key between the two");
            exchangeTransportKey(vendor, data, transportKey);

            story.step("The service, in a process of its own");
            try (KilnProcess kiln = KilnProcess.up(log, "--data", data, "--port", "0");
                    ApiClient operator = client(kiln, OPERATOR);
                    ApiClient approver = client(kiln, APPROVER);
                    ApiClient client = client(kiln, VendorSide.NAME);
                    ApiClient network = client(kiln, NETWORK)) {
                story.tell("https://%s: HTTP/2, TLS 1.3, client certificates; its key is in the token", kiln.https());
                OrderDesk desk = new OrderDesk(orderFile, operator, approver, client);

                story.step("What may be ordered: a profile, and numbers for it");
                String profile = desk.publish("profile-milenage-uicc.yaml");
                desk.addRanges("numbers.yaml");
                story.tell(
                        "profile %s, written by '%s', published by '%s'; ranges of numbers",
                        profile, OPERATOR, APPROVER);

                story.step("An order, posted as the vendor posts it, approved by a second person");
                order.put("deliveryCertificate", vendor.certificate());
                String id = desk.order(order);
                story.tell(
                        "order %s: %d cards made in the token, each secret wrapped for the vendor",
                        id, order.path("quantity").asInt());

                story.step("The vendor's file, opened on the vendor's side");
                Path file = folder.resolve("vendor").resolve(id + ".kiln");
                desk.fetch(id, file);
                Evidence evidence = open(vendor, file, transportKey);

                story.step("The vendor's word, and the cards are served");
                desk.acknowledge(id, vendor.acknowledge(file, signer()));
                story.tell("signed by the vendor's token, checked; his file is destroyed here, the subscribers served");

                story.step("A card of the batch in the field");
                Field field = new Field(story, network, phone, evidence.inLog);
                firstCard(vendor, file, transportKey, (card, reveal) -> playCard(vendor, card, reveal, field));

                story.step("A card of TUAK, which this token cannot compute");
                tuak(desk, vendor, order, transportKey, evidence, field);

                story.step("The order is closed: what is left of it?");
                tellHoldings(desk.close(id));

                story.step("A device in the field changes operators");
                changeOperators(desk, operator, network);

                story.step("Is any of it on disk in the clear?");
                story.tell("the service stopped with exit code %d", kiln.stop());
                scan(evidence, log);
                tellHowToGoOn(file, log);
            }
        }
    }

    /** SoftHSM has no mechanism for TUAK: the site must say that its host may compute it. */
    private void allowTuak(String data) throws IOException, InterruptedException {
        KilnProcess.succeed("operator-constant", "create", "--data", data, "--operator", "laboratory", "--kind", "TOP");
        String yaml = Files.readString(folder.configuration());
        Files.writeString(folder.configuration(), yaml.replace("guardedHost: []", "guardedHost: [tuak]"));
    }

    private void tuak(
            OrderDesk desk, VendorSide vendor, ObjectNode order, String transportKey, Evidence evidence, Field field)
            throws IOException, InterruptedException {
        String profile = desk.publish("profile-tuak-uicc.yaml");
        String id = desk.order(
                order.deepCopy().put("profile", profile.split("/", 2)[0]).put("quantity", 1));
        Path file = folder.resolve("vendor").resolve(id + ".kiln");
        desk.fetch(id, file);
        BatchOpener opener = vendor.opener(signer());
        LabReveal reveal = vendor.reveal(transportKey);
        opener.open(file, opener.verify(file), card -> collect(card, reveal, evidence));
        desk.acknowledge(id, vendor.acknowledge(file, signer()));
        firstCard(vendor, file, transportKey, (card, revealed) -> playTuak(card, revealed, field));
    }

    private static void playTuak(Card card, LabReveal reveal, Field field) throws IOException {
        try (Secret k = reveal.reveal(card.value("KI").orElseThrow());
                Secret topc = reveal.reveal(card.value("TOPC").orElseThrow())) {
            field.registerTuak(
                    "imsi-" + card.value("IMSI").orElseThrow(),
                    new Usim(new CardAlgorithm.OfTuak(
                            k.expose(SecretAccess.granted()),
                            topc.expose(SecretAccess.granted()),
                            TuakParameters.USUAL)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** The key under which phones conceal who they are; an earlier demo may have made it. */
    private SuciMaker homeNetworkKey(String data) throws IOException, InterruptedException {
        if (!KilnProcess.succeed("suci-key", "list", "--data", data).contains("ACTIVE")) {
            KilnProcess.succeed("suci-key", "create", "--data", data, "--identifier", "1", "--scheme", "PROFILE_A");
        }
        SuciMaker phone = SuciMaker.of(KilnProcess.succeed("suci-key", "export", "--data", data), 1);
        story.tell("home-network key %d (X25519) in the token, its public half on every card", phone.keyIdentifier());
        return phone;
    }

    private ObjectNode readOrder() throws IOException {
        JsonNode order = new ObjectMapper(new YAMLFactory()).readTree(Files.readString(orderFile));
        if (!(order instanceof ObjectNode object)) {
            throw new Failed(orderFile + " is no order");
        }
        quantity.ifPresent(cards -> object.put("quantity", cards));
        return object;
    }

    private void exchangeTransportKey(VendorSide vendor, String data, String label)
            throws IOException, InterruptedException {
        if (vendor.holds(label)) {
            story.tell("both hold transport key '%s' from an earlier demo", label);
            return;
        }
        Path wrapped = folder.resolve("vendor").resolve(label + ".key");
        Files.deleteIfExists(wrapped);
        story.tell(
                "%s",
                KilnProcess.succeed(
                        "transport-key",
                        "create",
                        "--data",
                        data,
                        "--label",
                        label,
                        "--partner",
                        VendorSide.NAME,
                        "--for",
                        vendor.publicKeyFile().toString(),
                        "--out",
                        wrapped.toString()));
        String kcv = vendor.receive(wrapped);
        story.tell("received by the vendor's token under the RSA key born there; check value %s", kcv);
    }

    private ApiClient client(KilnProcess kiln, String name) {
        ClientIdentity identity = LabAuthority.client(folder.pki(), name);
        LabAuthority authority = LabAuthority.open(folder.pki());
        if (!Files.exists(identity.certificate())) {
            identity = authority.newClient(name);
        }
        return new ApiClient(URI.create("https://" + kiln.https()), authority.certificateFile(), identity);
    }

    /** Both operators are this one's: what counts is which credential is served when. */
    private void changeOperators(OrderDesk desk, ApiClient operator, ApiClient network)
            throws IOException, InterruptedException {
        desk.publish("profile-m2m-embedded.yaml");
        try (FieldSide field = FieldSide.create(folder, signer())) {
            field.changeOperators(story, operator, network);
        }
    }

    /** What the demo learnt that must not be found on disk. */
    private static final class Evidence {
        private final CleartextScan onDisk = new CleartextScan();
        private final CleartextScan inLog = new CleartextScan();
        private int keys;
    }

    private Evidence open(VendorSide vendor, Path file, String transportKey) throws IOException {
        BatchOpener opener = vendor.opener(signer());
        BatchOpener.CheckedBatch checked = opener.verify(file);
        story.tell(
                "signature of %s good; manifest: %d cards for '%s'",
                checked.signer().getSubjectX500Principal().getName(),
                checked.manifest().quantity(),
                checked.manifest().recipient());
        LabReveal reveal = vendor.reveal(transportKey);
        Evidence evidence = new Evidence();
        BatchOpener.Opened opened = opener.open(file, checked, card -> collect(card, reveal, evidence));
        story.tell(
                "%d cards: %d keys unwrapped into the vendor's token, %d check values compared",
                opened.cards(), opened.keys(), opened.checkValues());
        return evidence;
    }

    /** Does something with a card. */
    private interface CardPlay {
        void with(Card card, LabReveal reveal) throws IOException;
    }

    private void firstCard(VendorSide vendor, Path file, String transportKey, CardPlay play) throws IOException {
        BatchOpener opener = vendor.opener(signer());
        LabReveal reveal = vendor.reveal(transportKey);
        boolean[] played = new boolean[1];
        opener.open(file, opener.verify(file), card -> {
            if (!played[0]) {
                played[0] = true;
                play.with(card, reveal);
            }
        });
    }

    private void tellHoldings(JsonNode held) {
        for (JsonNode each : held.path("files")) {
            if (each.path("onDisk").asBoolean() || each.path("lines").asLong() > 0) {
                throw new Failed("the file for " + each.path("partner").asText() + " is still there");
            }
        }
        story.tell(
                "no file, no wrapped line; retained as the profile says: %s; served: %s",
                held.path("retainedKeys"), held.path("subscribers"));
    }

    /** The laboratory's transport key lets the vendor's token reveal what it received, for the scan. */
    private static void collect(Card card, LabReveal reveal, Evidence evidence) throws IOException {
        for (String column : card.keys().keySet()) {
            String wrapped = card.value(column).orElseThrow();
            try (Secret secret = reveal.reveal(wrapped)) {
                byte[] octets = secret.expose(SecretAccess.granted()).toArray(ValueLayout.JAVA_BYTE);
                if (!isDigits(column)) {
                    evidence.onDisk.add(octets);
                    evidence.keys++;
                }
                if (!isDigits(column) || octets[octets.length - 1] != PAD) {
                    evidence.inLog.add(octets);
                }
                Arrays.fill(octets, (byte) 0);
            }
        }
    }

    /** PINs and PUKs: four digits, and even eight, are found by chance in megabytes of hexadecimal. */
    private static boolean isDigits(String column) {
        return column.startsWith("PIN") || column.startsWith("PUK");
    }

    private void playCard(VendorSide vendor, Card card, LabReveal reveal, Field field) throws IOException {
        String supi = "imsi-" + card.value("IMSI").orElseThrow();
        try (Secret opc = reveal.reveal(card.value("OPC").orElseThrow())) {
            field.play(supi, vendor.usim(card, opc.expose(SecretAccess.granted())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private X509Certificate signer() throws IOException {
        try (InputStream in = Files.newInputStream(folder.signingCertificate())) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private void scan(Evidence evidence, Path log) throws IOException {
        try (CleartextScan onDisk = evidence.onDisk;
                CleartextScan inLog = evidence.inLog) {
            CleartextScan.Result disk = onDisk.below(folder.root());
            CleartextScan.Result logged = inLog.below(log);
            story.tell(
                    "cleartext keys on disk: %d (looked for %d keys, as octets and in hexadecimal, in %d files, %d MB)",
                    disk.found().size(), evidence.keys, disk.files(), disk.octets() >> 20);
            story.tell(
                    "keys, codes and responses in the log: %d", logged.found().size());
            List<Path> found = disk.found().isEmpty() ? logged.found() : disk.found();
            if (!found.isEmpty()) {
                throw new Failed("a secret stands in the clear in " + found.getFirst());
            }
        }
    }

    private void tellHowToGoOn(Path file, Path log) {
        story.step("Where things are, and how to go on");
        story.tell("the vendor's file   %s", file);
        story.tell("the database        %s", folder.database());
        story.tell("the configuration   %s", folder.configuration());
        story.tell("the service's log   %s", log);
        story.tell("");
        story.tell("./kiln up --lab --data %s    serves from this folder, with a listener for curl:", folder.root());
        story.tell("./kiln demo --data %s        makes another batch, with numbers of its own", folder.root());
        story.tell("./kiln help                  lists the rest");
    }
}
