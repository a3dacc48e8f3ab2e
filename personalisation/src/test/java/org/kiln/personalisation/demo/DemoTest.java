package org.kiln.personalisation.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.server.DataFolder;

/** The demo, twice on one data folder; the demo itself fails if a card is refused or a secret stands on disk or in the log. */
class DemoTest {

    private static final int CARDS = 30;

    @TempDir
    private Path folder;

    private String run(DataFolder data) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Path order = Path.of("..", "examples", "order-milenage-uicc.yaml");
        new Demo(data, eightDigitPins(order), OptionalInt.of(CARDS), new PrintStream(out, true, StandardCharsets.UTF_8))
                .run();
        return out.toString(StandardCharsets.UTF_8);
    }

    /** With eight digits, PINs too can be told from chance in the log. */
    private Path eightDigitPins(Path order) throws Exception {
        String profile = Files.readString(order.resolveSibling("profile-milenage-uicc.yaml"));
        Files.writeString(folder.resolve("profile-milenage-uicc.yaml"), profile.replace("length: 4", "length: 8"));
        for (String name : List.of("numbers.yaml", "profile-tuak-uicc.yaml", "profile-m2m-embedded.yaml")) {
            Files.copy(order.resolveSibling(name), folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        return Files.copy(order, folder.resolve("order.yaml"), StandardCopyOption.REPLACE_EXISTING);
    }

    private long distinct(DataFolder data, String column) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + data.database());
                ResultSet row =
                        connection.createStatement().executeQuery("select count(distinct " + column + ") from card")) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void runsTwiceOnOneFolderAndReusesNoNumber() throws Exception {
        DataFolder data = new DataFolder(folder.resolve("data"));
        for (int round = 1; round <= 2; round++) {
            assertThat(run(data))
                    .contains("5G: known by its SUCI only; AUTN genuine, RES* equals XRES*")
                    .contains("synchronisation failure, AUTS checked in the token, registered again")
                    .contains("EPS: 5 vectors, each genuine and fresh")
                    .contains("30 cards: 390 keys unwrapped into the vendor's token, 210 check values compared")
                    .contains("TUAK, K of 256 bits: 5G, AUTN genuine, RES* equals XRES*")
                    .contains("no file, no wrapped line; retained as the profile says: {\"PUK1\":30,\"PUK2\":30}")
                    .contains("until it has authenticated, the old one is served too")
                    .contains("the old one is suspended, RES* of the new one equals XRES*")
                    .contains("cleartext keys on disk: 0 (looked for 281 keys")
                    .contains("keys, codes and responses in the log: 0")
                    .contains("the service stopped with exit code 0");
            assertThat(distinct(data, "iccid")).isEqualTo((long) round * (CARDS + 1));
            assertThat(distinct(data, "imsi")).isEqualTo((long) round * (CARDS + 1));
        }
    }
}
