package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.personalisation.demo.KilnProcess;
import org.kiln.personalisation.server.KnownCards.Card;

/**
 * Backup of the keys at the first ceremony and at a rotation, backup of the store beside a node that serves, and a second node
 * from both, by the commands that people type. Its cards get no sequence number twice, and accept all they get.
 */
class RestoreOfANodeTest {

    private static final int CARDS = 12;

    @TempDir
    private Path folder;

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    private String[] withShares(List<String> command, int... shares) {
        List<String> arguments = new ArrayList<>(command);
        arguments.addAll(List.of("--backup", path("keys.json")));
        for (int share : shares) {
            arguments.addAll(List.of("--share", path("shares/share-" + share + ".txt")));
        }
        return arguments.toArray(String[]::new);
    }

    @Test
    void aSecondNodeServesTheSameSubscribers() throws Exception {
        KilnProcess.succeed(
                "init",
                "--data",
                path("first"),
                "--backup",
                path("keys.json"),
                "--shares-to",
                path("shares"),
                "--shares",
                "3",
                "--threshold",
                "2");
        List<Card> cards = KnownCards.load(folder, path("first"), CARDS);
        assertThat(KilnProcess.succeed(withShares(List.of("storage-key", "rotate", "--data", path("first")), 1, 3)))
                .contains(
                        "SK-2 and SKH-2 made",
                        "left under version 1: {subscribers=0, subscribers of unfinished load files=0, cards=0, lines of files=0, identities=0}");
        KilnProcess.succeed("storage-key", "destroy", "--data", path("first"), "1");

        KilnProcess.Ended tooFew =
                KilnProcess.run(Map.of(), withShares(List.of("storage-key", "restore", "--data", path("poor")), 2));
        assertThat(tooFew.exitCode()).isNotZero();
        assertThat(tooFew.err()).contains("the backup key takes 2 shares; 1 are given");

        assertThat(KilnProcess.succeed(withShares(List.of("storage-key", "restore", "--data", path("second")), 2, 3)))
                .contains("storage keys [1, 2]");
        assertThat(KilnProcess.succeed("hsm", "audit", "--data", path("second")))
                .endsWith("0 violations");
        backUpBesideANode(cards);

        assertThat(refusedIn("other")).contains("holds no kiln.yaml", "kiln storage-key restore");
        KilnProcess.succeed("init", "--data", path("other"));
        assertThat(refusedIn("other"))
                .contains("the token lacks version 2 of the storage keys", "kiln storage-key restore");
        assertThat(KilnProcess.succeed("restore", "--data", path("second"), path("backup")))
                .contains(CARDS + " subscribers among them");
        assertThat(refusedIn("second")).contains("holds something already");
        try (KilnProcess kiln = up("second");
                HttpClient client = HttpClient.newHttpClient()) {
            for (Card card : cards) {
                card.authenticate(client, kiln.lab(), 3);
            }
        }
        assertThat(KilnProcess.succeed("audit", "export", "--data", path("second"), "--out", path("audit.jsonl")))
                .contains("entries written");
        assertThat(Files.readString(folder.resolve("audit.jsonl"))).contains("STORE_RESTORED", "PROFILE_EXPIRED");
    }

    private String refusedIn(String data) throws Exception {
        KilnProcess.Ended refused = KilnProcess.run(Map.of(), "restore", "--data", path(data), path("backup"));
        assertThat(refused.exitCode()).isNotZero();
        return refused.err();
    }

    private KilnProcess up(String data) throws Exception {
        return KilnProcess.up(
                folder.resolve(data + ".log"), "--data", path(data), "--port", "0", "--lab", "--lab-port", "0");
    }

    /** Cards are authenticated before, while and after the backup is made, the last time far more often. */
    private void backUpBesideANode(List<Card> cards) throws Exception {
        try (KilnProcess kiln = up("first");
                HttpClient client = HttpClient.newHttpClient()) {
            KilnProcess.succeed(
                    "profile",
                    "add",
                    Path.of("..", "examples", "profile-milenage-uicc.yaml").toString(),
                    "--data",
                    path("first"),
                    "--server",
                    "https://" + kiln.https(),
                    "--as",
                    "operator");
            for (Card card : cards) {
                card.authenticate(client, kiln.lab(), 2);
            }
            Process backup = KilnProcess.begin(
                    folder.resolve("backup.log"), "backup", "--data", path("first"), "--to", path("backup"));
            while (backup.isAlive()) {
                for (Card card : cards) {
                    card.authenticate(client, kiln.lab(), 1);
                }
            }
            assertThat(backup.waitFor())
                    .as(Files.readString(folder.resolve("backup.log")))
                    .isZero();
            for (int round = 0; round < 60; round++) {
                for (Card card : cards) {
                    card.authenticate(client, kiln.lab(), 5);
                }
            }
            kiln.kill();
        }
    }
}
