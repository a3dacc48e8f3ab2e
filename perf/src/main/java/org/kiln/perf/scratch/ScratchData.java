package org.kiln.perf.scratch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.kiln.kms.keys.KeyPolicy;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.server.AucNode;
import org.kiln.kms.server.DataFolder;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.kms.server.Preparation;
import org.kiln.kms.sqn.SqnScheme;
import org.kiln.kms.sqn.SqnState;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.transfer.numbering.Supi;

/** A data folder with subscribers who all have one Ki and one OPc, made by the token; deleted when closed. */
public final class ScratchData implements AutoCloseable {

    private static final int KI_OCTETS = 16;
    private static final int AMF = 0x8000;
    private static final int BATCH = 10_000;

    private final Path root;
    private final DataFolder folder;
    private KilnConfiguration configuration;

    private ScratchData(Path root, DataFolder folder, KilnConfiguration configuration) {
        this.root = root;
        this.folder = folder;
        this.configuration = configuration;
    }

    /**
     * Prepares a folder below {@code where} whose node has so many lanes. Its token has a laboratory's unlocked storage key, which no
     * node uses unless {@code hsm.kek} is {@code session}.
     */
    public static ScratchData prepare(Path where, int lanes) {
        try {
            Path root = Files.createTempDirectory(where, "kiln-measure");
            DataFolder folder = new DataFolder(root.resolve("data"));
            var _ = Preparation.prepareSessionKek(folder, line -> {});
            Path yaml = folder.configuration();
            Files.writeString(
                    yaml,
                    Files.readString(yaml)
                            .replaceFirst("(?m)^  lanes: .*$", "  lanes: " + lanes)
                            .replaceFirst("(?m)^  kek: .*$", "  kek: token"));
            return new ScratchData(root, folder, KilnConfiguration.read(yaml));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public DataFolder folder() {
        return folder;
    }

    /** A folder for other files, which goes with it. */
    public Path scratch() {
        return root;
    }

    /**
     * A copy of the data as they are, for a node of its own beside; it uses the same token, since SoftHSM's configuration names the
     * folder of that. No node may have the data open meanwhile.
     */
    public ScratchData copy() {
        try {
            Path copied = Files.createTempDirectory(root, "copy");
            DataFolder other = new DataFolder(copied.resolve("data"));
            try (Stream<Path> walk = Files.walk(folder.root())) {
                for (Path path : walk.toList()) {
                    Files.copy(
                            path,
                            other.root().resolve(folder.root().relativize(path)),
                            StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
            return new ScratchData(copied, other, KilnConfiguration.read(other.configuration()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Opens its node in this process; the caller closes it. */
    public AucNode open() {
        return AucNode.open(folder, configuration);
    }

    /** The subscriber of that number. */
    public static Supi supi(int number) {
        return new Supi("imsi-00101%010d".formatted(number));
    }

    /** Adds subscribers 0 to {@code count} - 1, in order, as a load file would. */
    public static void load(AucNode node, int count) {
        load(node, 0, count);
    }

    /** Adds subscribers {@code first} to {@code count} - 1. */
    public static void load(AucNode node, int first, int count) {
        Subscriber model = node.tokens().call(session -> newSubscriber(session, node));
        for (int from = first; from < count; from += BATCH) {
            List<Subscriber> batch = IntStream.range(from, Math.min(count, from + BATCH))
                    .mapToObj(number -> named(model, supi(number)))
                    .toList();
            node.database().write(connection -> {
                node.subscribers().insert(connection, batch);
                return batch.size();
            });
        }
    }

    private static Subscriber named(Subscriber model, Supi supi) {
        return new Subscriber(supi, model.algorithm(), model.ki(), model.opc(), AMF, model.sqn());
    }

    private static Subscriber newSubscriber(Session session, AucNode node) {
        KeyPolicy policy = new KeyPolicy(node.tokens().profile().privateSessionObjects());
        long ki = session.generateKey(Mechanism.of(Ckm.AES_KEY_GEN), policy.newSubscriberKey(KI_OCTETS));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(KI_OCTETS, 8);
            session.generateRandom(value);
            WrappedKey shelved = node.storageKeys().shelveOpc(session, value);
            return new Subscriber(
                    supi(0),
                    Algorithm.Milenage.STANDARD,
                    node.storageKeys().hide(session, ki),
                    shelved,
                    AMF,
                    new SqnState(SqnScheme.TIME_BASED, 5, 0));
        } finally {
            session.destroyObject(ki);
        }
    }

    /**
     * A PostgreSQL database.
     *
     * @param url JDBC's
     * @param passwordFile with its user's password; empty if the server asks for none
     */
    public record PostgreSql(String url, String user, String passwordFile) {}

    /** Has the nodes that are opened from now on keep their data there, where they find nobody. */
    public void move(PostgreSql database) {
        try {
            Files.writeString(
                    folder.configuration(),
                    """

                    store:
                      url: %s
                      user: %s
                      passwordFile: "%s"
                      connections: 8
                    """.formatted(database.url, database.user, database.passwordFile),
                    StandardOpenOption.APPEND);
            configuration = KilnConfiguration.read(folder.configuration());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Replaces a line of {@code kiln.yaml}, which has it once; for nodes in processes of their own. */
    public void configure(String line, String by) {
        try {
            Matcher matcher = Pattern.compile("(?m)^" + line + "$").matcher(Files.readString(folder.configuration()));
            if (!matcher.find()) {
                throw new IllegalArgumentException("kiln.yaml has no line " + line);
            }
            Files.writeString(folder.configuration(), matcher.replaceFirst(by));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try (Stream<Path> walk = Files.walk(root)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
