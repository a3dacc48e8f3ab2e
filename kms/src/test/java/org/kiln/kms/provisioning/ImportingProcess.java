package org.kiln.kms.provisioning;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kiln.kms.hsm.LaneSettings;
import org.kiln.kms.hsm.TokenAccess;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.provisioning.SubscriberImport.OnBadRow;
import org.kiln.kms.rotation.CurrentVersion;
import org.kiln.kms.rotation.OpcKeyTable;
import org.kiln.kms.rotation.StorageKeyRegister;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.StoreLocation;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.pkcs11.Binding;
import org.kiln.secret.Secret;
import org.kiln.token.TokenModule;
import org.kiln.token.TokenProfile;

/** An import in a process of its own, that can be killed. Says on standard output how far it is. */
final class ImportingProcess {

    private ImportingProcess() {}

    /** @param args the token's label, the load file, what to stop and wait at ("" for nothing), and where the store is */
    public static void main(String[] args) throws IOException {
        TokenProfile profile = TokenProfile.named("softhsm2");
        TokenAccess access = new TokenAccess(
                new TokenModule(Binding.FFM, profile.findModule(), Map.of()),
                profile,
                args[0],
                () -> Secret.takeFrom("user-12345678".toCharArray()));
        KeyRing ring = new KeyRing();
        try (TokenCluster tokens = TokenCluster.open(
                        List.of(access), new LaneSettings(2, 256, Duration.ofSeconds(30)), session -> {});
                RecordMac mac = tokens.call(session -> RecordMac.derive(session, ring));
                Database database = Database.open(store(args));
                CurrentVersion current = new CurrentVersion(new StorageKeyRegister(database, InstantSource.system()))) {
            SubscriberStore store = new SubscriberStore(database, mac);
            System.out.println("imported "
                    + new SubscriberImport(
                                    tokens,
                                    ring,
                                    new StorageKeys(ring, profile, current, new OpcKeyTable(database)),
                                    new TransportKeyRegister(database, mac),
                                    database,
                                    store)
                            .run(Path.of(args[1]), OnBadRow.REFUSE_FILE, said(args[2]))
                            .imported());
        }
    }

    private static StoreLocation store(String[] args) {
        return args.length == 4
                ? new StoreLocation.Sqlite(Path.of(args[3]))
                : new StoreLocation.PostgreSql(args[3], args[4], Optional.of(args[5]), 8);
    }

    /** The arguments that tell where a store is. */
    static List<String> arguments(StoreLocation location) {
        return switch (location) {
            case StoreLocation.Sqlite sqlite -> List.of(sqlite.file().toString());
            case StoreLocation.PostgreSql server ->
                List.of(server.url(), server.user(), server.password().orElseThrow());
        };
    }

    private static ImportWatcher said(String waitAt) {
        return new ImportWatcher() {
            @Override
            public void goesOn(long rows, long of) {
                say("goes on " + rows);
            }

            @Override
            public void takes(long rows, long of) {
                say("took " + rows);
            }

            @Override
            public void releases(long subscribers, long of) {
                say("released " + subscribers);
            }

            private void say(String word) {
                System.out.println(word);
                if (word.equals(waitAt)) {
                    try {
                        System.in.read();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            }
        };
    }
}
