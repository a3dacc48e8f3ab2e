package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.server.AucNode;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.kms.server.DataFolder;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.kms.server.StoreBackup;
import org.kiln.kms.store.ScratchPostgreSql;
import org.kiln.kms.store.StoreLocation;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.KilnProcess;
import org.kiln.personalisation.server.KnownCards.Card;

/** A store with subscribers and orders moves to PostgreSQL, by the command that people type; cards notice nothing. */
class MovedStoreTest {

    private static final int CARDS = 9;

    @TempDir
    private Path folder;

    private final StoreLocation.PostgreSql postgreSql =
            ScratchPostgreSql.shared().newDatabase();

    private KilnProcess.Ended migrate(Shop shop, String... more) throws Exception {
        return KilnProcess.run(
                Map.of("KILN_STORE_PASSWORD", postgreSql.password().orElseThrow()), shop.migration(postgreSql, more));
    }

    /** What a node says that is pointed at the database, for the time of this call. */
    private void refusesCopyMadeAhead(Shop shop) throws Exception {
        DataFolder data = new DataFolder(Path.of(shop.data()));
        String before = Files.readString(data.configuration());
        Files.writeString(
                data.configuration(),
                "\nstore: {url: \"%s\", user: \"%s\", passwordFile: \"pins/store.password\", connections: 8}\n"
                        .formatted(postgreSql.url(), postgreSql.user()),
                StandardOpenOption.APPEND);
        assertThatThrownBy(() -> AucNode.open(data, KilnConfiguration.read(data.configuration())))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("holds a copy made ahead of a move, in which sequence numbers are old")
                .hasMessageContaining("kiln store migrate");
        Files.writeString(data.configuration(), before);
    }

    private static void authenticate(List<Card> cards, KilnProcess kiln) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (Card card : cards) {
                card.authenticate(client, kiln.lab(), 3);
            }
        }
    }

    @Test
    void servesFromPostgreSqlWhatTheFileHeld() throws Exception {
        Shop shop = new Shop(folder);
        List<Card> cards = KnownCards.load(folder, shop.data(), CARDS);
        Path data = Path.of(shop.data());
        String id;
        try (KilnProcess kiln = shop.up()) {
            shop.stock(kiln, "profile-milenage-uicc.yaml");
            id = shop.ordered(kiln, shop.order("moved-1", 5));
            shop.settled(kiln, id);
            authenticate(cards, kiln);
            assertThat(migrate(shop).err()).contains("another 'kiln up' serves from");

            assertThat(migrate(shop, "--ahead").out()).contains("card_order", "copied ahead and compared");
            authenticate(cards, kiln);
        }
        Files.writeString(
                data.resolve("pins/store.password"), postgreSql.password().orElseThrow() + "\n");
        refusesCopyMadeAhead(shop);
        byte[] file = Files.readAllBytes(data.resolve("kiln.db"));
        byte[] yaml = Files.readAllBytes(data.resolve("kiln.yaml"));

        KilnProcess.Ended moved = migrate(shop);
        assertThat(moved.exitCode()).as(moved.err()).isZero();
        assertThat(moved.out()).contains("subscriber", "card_order", "moved and compared");
        assertThat(data.resolve("kiln.db")).doesNotExist();
        assertThat(data.resolve("kiln.db.ahead")).doesNotExist();
        assertThat(data.resolve("kiln.db.moved")).hasBinaryContent(file);

        // As if it had been broken off before kiln.yaml named the new database.
        Files.write(data.resolve("kiln.yaml"), yaml);
        Files.move(data.resolve("kiln.db.moved"), data.resolve("kiln.db"));
        assertThat(migrate(shop).out()).contains("moved and compared");

        try (KilnProcess kiln = shop.up();
                ApiClient acme = shop.client(kiln, "acme")) {
            authenticate(cards, kiln);
            assertThat(acme.get(Shop.ORDERS + "/" + id).path("made").asInt()).isEqualTo(5);
        }

        KilnProcess.succeed(
                "backup",
                "--data",
                shop.data(),
                "--to",
                folder.resolve("backup").toString());
        StoreBackup backup = StoreBackup.read(folder.resolve("backup"));
        assertThat(backup.manifest().engine()).isEqualTo("postgresql");
        assertThat(backup.manifest().rows("subscriber")).isEqualTo(CARDS + 5);

        // And if it is run for an old file when the new database has gone on.
        Files.write(data.resolve("kiln.yaml"), yaml);
        Files.move(data.resolve("kiln.db.moved"), data.resolve("kiln.db"));
        assertThat(migrate(shop).err()).contains("is not new, and does not hold what is to be moved");
    }
}
