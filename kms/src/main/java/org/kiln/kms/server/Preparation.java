package org.kiln.kms.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.kiln.kms.keys.Ceremony;
import org.kiln.kms.keys.KekPlace;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.kms.keys.TransportKeys;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.TokenInfo;
import org.kiln.secret.Secret;
import org.kiln.token.SoftHsm;
import org.kiln.token.TokenCertificates;

/**
 * Prepares a data folder for SoftHSM: PINs, token, the first ceremony, laboratory certificates, configuration. The
 * configuration comes last, so that a folder that has one is whole.
 */
public final class Preparation {

    /** The transport key for load files to an AuC of another make. */
    public static final String AUC_TRANSPORT = "auc-transport";

    private static final String LOCK = "preparation.lock";
    private static final String PIN_CHARACTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    private static final int PIN_LENGTH = 24;

    private final DataFolder folder;
    private final Consumer<String> story;
    private final Foundation foundation;
    private final KekPlace kek;

    private Preparation(DataFolder folder, Consumer<String> story, Foundation foundation, KekPlace kek) {
        this.folder = folder;
        this.story = story;
        this.foundation = foundation;
        this.kek = kek;
    }

    /** How a new token comes to the keys that every Kiln token has: made, with a backup or without, or restored. */
    @FunctionalInterface
    public interface Foundation {

        /** @param operator whose OP constant belongs to them */
        void lay(Ceremony ceremony, String operator);
    }

    private static void withoutBackup(Ceremony ceremony, String operator) {
        ceremony.foundation();
        ceremony.provideOperatorConstant(operator);
    }

    /**
     * Prepares {@code folder} unless it is prepared. A folder that holds anything else is left alone.
     *
     * @param story told what is done, a line each
     * @throws ConfigurationException if the folder holds something but no configuration
     */
    public static KilnConfiguration ensure(DataFolder folder, Consumer<String> story) {
        if (!Files.exists(folder.configuration())) {
            new Preparation(folder, story, Preparation::withoutBackup, KekPlace.TOKEN).underLock();
        }
        return KilnConfiguration.read(folder.configuration());
    }

    /**
     * Prepares a new folder.
     *
     * @param story told what is done, a line each
     * @throws ConfigurationException if the folder holds anything
     */
    public static KilnConfiguration prepareNew(DataFolder folder, Consumer<String> story, Foundation foundation) {
        return prepareNew(folder, new Preparation(folder, story, foundation, KekPlace.TOKEN));
    }

    /**
     * Prepares a new folder for a laboratory that has storage keys in sessions, which costs what {@link KekPlace#SESSION} says.
     *
     * @param story told what is done, a line each
     * @throws ConfigurationException if the folder holds anything
     */
    public static KilnConfiguration prepareSessionKek(DataFolder folder, Consumer<String> story) {
        return prepareNew(folder, new Preparation(folder, story, Preparation::unlocked, KekPlace.SESSION));
    }

    private static void unlocked(Ceremony ceremony, String operator) {
        ceremony.laboratoryFoundation();
        ceremony.provideOperatorConstant(operator);
    }

    private static KilnConfiguration prepareNew(DataFolder folder, Preparation preparation) {
        if (Files.exists(folder.configuration())) {
            throw new ConfigurationException(folder.root() + " is prepared already; name a new folder with --data");
        }
        preparation.underLock();
        return KilnConfiguration.read(folder.configuration());
    }

    private void underLock() {
        try {
            Files.createDirectories(folder.root());
            try (FileChannel channel = FileChannel.open(
                            folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                if (lock.isValid() && !Files.exists(folder.configuration())) {
                    requireEmpty();
                    prepare();
                }
            }
            Files.deleteIfExists(folder.resolve(LOCK));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void requireEmpty() throws IOException {
        try (Stream<Path> content = Files.list(folder.root())) {
            if (content.anyMatch(path -> !path.getFileName().toString().equals(LOCK))) {
                throw new ConfigurationException(folder.root()
                        + " is not empty and holds no kiln.yaml: its preparation was broken off, or it is something"
                        + " else; remove it or choose another folder with --data");
            }
        }
    }

    private void prepare() throws IOException {
        story.accept("preparing the new data folder " + folder.root());
        String defaults = defaults()
                .replaceFirst("(?m)^  kek: .*$", "  kek: " + kek.name().toLowerCase(Locale.ROOT));
        Path staged = folder.resolve("kiln.yaml.new");
        Files.writeString(staged, defaults);
        KilnConfiguration configuration = KilnConfiguration.read(staged);
        SoftHsm.configure(folder.resolve(configuration.hsm().softhsm()));
        try (Secret soPin = newPin(folder.resolve(configuration.hsm().soPinFile()));
                Secret userPin = newPin(folder.resolve(configuration.hsm().userPinFile()))) {
            TokenConnection connection = TokenConnection.load(folder, configuration.hsm());
            TokenInfo token = SoftHsm.createToken(
                    connection.cryptoki(), configuration.hsm().token(), soPin, userPin);
            story.accept("SoftHSM token '" + token.label() + "' made; PINs in " + folder.resolve("pins"));
            Ceremony ceremony = connection.ceremony(soPin, userPin);
            foundation.lay(ceremony, configuration.operator());
            new TransportKeys(ceremony).generate(AUC_TRANSPORT, 32);
            story.accept("ceremony done: storage keys, record-master, signing, tls-server, " + AUC_TRANSPORT + ", "
                    + KeyLabels.op(configuration.operator()));
            try (Session session = connection.cryptoki().openSession(token.slot(), true)) {
                session.login(Ck.CKU_USER, userPin);
                certify(session);
                session.logout();
            }
        }
        Files.move(staged, folder.configuration(), StandardCopyOption.ATOMIC_MOVE);
    }

    private void certify(Session session) {
        LabAuthority authority = LabAuthority.create(folder.pki());
        X509Certificate signing =
                certify(session, authority, KeyLabels.SIGNING, "Kiln signing", LabAuthority.Purpose.DOCUMENT_SIGNING);
        LabAuthority.writeCertificate(folder.signingCertificate(), signing);
        certify(session, authority, KeyLabels.ENVELOPE, "Kiln envelopes", LabAuthority.Purpose.ENVELOPE);
        certify(session, authority, KeyLabels.TLS_SERVER, "localhost", LabAuthority.Purpose.SERVER);
        for (String caller : List.of("operator", "approver", "auditor", "udm", "hlr", "monitor")) {
            authority.newClient(caller);
        }
        story.accept("laboratory CA and certificates in " + folder.pki());
    }

    private static X509Certificate certify(
            Session session, LabAuthority authority, String label, String name, LabAuthority.Purpose purpose) {
        PublicKey key = TokenCertificates.p256PublicKey(session, label);
        X509Certificate certificate = authority.certify(key, name, purpose);
        TokenCertificates.store(session, label, label.getBytes(StandardCharsets.UTF_8), certificate);
        return certificate;
    }

    private static Secret newPin(Path file) throws IOException {
        SecureRandom random = new SecureRandom();
        byte[] pin = new byte[PIN_LENGTH];
        try {
            for (int i = 0; i < pin.length; i++) {
                pin[i] = (byte) PIN_CHARACTERS.charAt(random.nextInt(PIN_CHARACTERS.length()));
            }
            Files.createDirectories(
                    file.getParent(),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.write(file, pin);
            return Secret.takeFrom(pin);
        } finally {
            Arrays.fill(pin, (byte) 0);
        }
    }

    private static String defaults() throws IOException {
        try (InputStream in = Preparation.class.getResourceAsStream("/kiln-default.yaml")) {
            if (in == null) {
                throw new IllegalStateException("kiln-default.yaml is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
