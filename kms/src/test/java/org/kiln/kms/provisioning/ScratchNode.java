package org.kiln.kms.provisioning;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.kiln.kms.aka.TestCard;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.keys.Ceremony;
import org.kiln.kms.keys.Kcv;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.Partner;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.keys.ScratchKeys;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.kms.rotation.CurrentVersion;
import org.kiln.kms.rotation.OpcKeyTable;
import org.kiln.kms.rotation.StorageKeyRegister;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.kms.subscriber.AlgorithmCatalogue;
import org.kiln.kms.subscriber.SubscriberBlobs;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.pkcs11.Binding;
import org.kiln.token.ScratchToken;
import org.kiln.transfer.numbering.Supi;

/** A node on a scratch token and a scratch database, with one partner who provisions it. */
public final class ScratchNode implements AutoCloseable {

    private final ScratchKeys keys;
    private final KeyRing ring = new KeyRing();
    private final TokenCluster tokens;
    private final RecordMac mac;
    private final Database database;
    private final SubscriberStore store;
    private final StorageKeys storageKeys;
    private final StorageKeyRegister storageKeyRegister;
    private final CurrentVersion currentVersion;
    private final TransportKeyRegister register;
    private final Path folder;

    public ScratchNode(Path folder) {
        this(folder, Binding.FFM, Ceremony::foundation);
    }

    public ScratchNode(Path folder, Binding binding) {
        this(folder, binding, Ceremony::foundation);
    }

    /** @param ceremonies all that are held before the node logs in */
    public ScratchNode(Path folder, Consumer<Ceremony> ceremonies) {
        this(folder, Binding.FFM, ceremonies);
    }

    private ScratchNode(Path folder, Binding binding, Consumer<Ceremony> ceremonies) {
        this.folder = folder;
        keys = ScratchKeys.create(binding, ceremonies);
        Partner.introduce(keys);
        tokens = keys.open(2);
        mac = tokens.call(session -> RecordMac.derive(session, ring));
        database = Database.open(ScratchDatabase.in(folder));
        database.migrate("auc");
        storageKeyRegister = new StorageKeyRegister(database, InstantSource.system());
        currentVersion = new CurrentVersion(storageKeyRegister);
        storageKeys = new StorageKeys(ring, ScratchToken.profile(), currentVersion, new OpcKeyTable(database));
        store = new SubscriberStore(database, mac);
        register = new TransportKeyRegister(database, mac);
        register.add(TransportKey.made(
                Partner.LABEL,
                "partner",
                Direction.INCOMING,
                32,
                new Kcv("000000", "0000000000"),
                TransportKey.Period.UNBOUNDED,
                Instant.now()));
    }

    public static Supi supi(int number) {
        return new Supi("imsi-00101%010d".formatted(number));
    }

    public static byte[] ki(int number) {
        return sixteenOctets("ki" + number);
    }

    public static byte[] opc(int number) {
        return sixteenOctets("opc" + number);
    }

    /** The check value of {@link #ki}. */
    static String kcv(int number) {
        return Partner.kcv(ki(number)).toUpperCase(Locale.ROOT);
    }

    public static TestCard card(int number) {
        return new TestCard(ki(number), opc(number));
    }

    private static byte[] sixteenOctets(String seed) {
        try {
            return Arrays.copyOf(
                    MessageDigest.getInstance("SHA-256").digest(seed.getBytes(StandardCharsets.UTF_8)), 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A good row of a load file. */
    public static String row(int number) {
        return String.join(
                ",",
                supi(number).value(),
                "milenage",
                Partner.LABEL,
                number % 2 == 0 ? "aes-kw" : "aes-kwp",
                number % 2 == 0 ? Partner.kw(ki(number)) : Partner.kwp(ki(number)),
                number % 2 == 0 ? Partner.kw(opc(number)) : Partner.kwp(opc(number)),
                "8000",
                "000000000020");
    }

    /** Writes a load file of these rows. */
    public Path loadFile(String... rows) throws Exception {
        Path file = Files.createTempFile(folder, "load", ".csv");
        return Files.writeString(
                file, String.join(",", SubscriberImport.COLUMNS) + "\n" + String.join("\n", rows) + "\n");
    }

    /** Provisions subscribers 0 to {@code count} - 1. */
    public void provision(int count) throws Exception {
        provision(0, count);
    }

    /** Provisions subscribers {@code from} to {@code to} - 1. */
    public void provision(int from, int to) throws Exception {
        String[] rows = IntStream.range(from, to).mapToObj(ScratchNode::row).toArray(String[]::new);
        importer().run(loadFile(rows), SubscriberImport.OnBadRow.REFUSE_FILE, done -> {});
    }

    public SubscriberImport importer() {
        return new SubscriberImport(tokens, ring, storageKeys, register, database, store);
    }

    /** An importer that takes the algorithms of this catalogue. */
    public SubscriberImport importer(AlgorithmCatalogue catalogue) {
        return new SubscriberImport(tokens, ring, storageKeys, register, database, store, catalogue);
    }

    /** Provisions subscribers whom {@code centre} serves. */
    public SubscriberProvisioning provisioning(AuthenticationCentre centre) {
        return new SubscriberProvisioning(
                tokens, ring, storageKeys, register, store, AlgorithmCatalogue.MILENAGE_ONLY, centre::withdraw);
    }

    public TokenCluster tokens() {
        return tokens;
    }

    String tokenLabel() {
        return keys.token().label();
    }

    TransportKeyRegister register() {
        return register;
    }

    public StorageKeys storageKeys() {
        return storageKeys;
    }

    public StorageKeyRegister storageKeyRegister() {
        return storageKeyRegister;
    }

    public CurrentVersion currentVersion() {
        return currentVersion;
    }

    public SubscriberBlobs blobs() {
        return new SubscriberBlobs(mac);
    }

    SubscriberBlobs stagedBlobs() {
        return SubscriberBlobs.ofStaged(mac);
    }

    /** Makes the second version of the storage keys current, which {@code ceremonies} have made. */
    void rotate() {
        storageKeyRegister.promote(2);
        currentVersion.refresh();
    }

    SubscriberExport exporter(AlgorithmCatalogue catalogue) {
        return new SubscriberExport(tokens, storageKeys, register, store, catalogue);
    }

    public SubscriberStore store() {
        return store;
    }

    public Database database() {
        return database;
    }

    @Override
    public void close() {
        currentVersion.close();
        database.close();
        mac.close();
        tokens.close();
        keys.close();
    }
}
