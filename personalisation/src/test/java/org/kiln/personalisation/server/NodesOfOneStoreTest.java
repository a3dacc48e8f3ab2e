package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.store.ScratchPostgreSql;
import org.kiln.kms.store.StoreLocation;
import org.kiln.personalisation.demo.KilnProcess;
import org.kiln.personalisation.server.KnownCards.Card;

/**
 * Three nodes serve from one PostgreSQL database while one is killed, one is paused for longer than its lease, and the database
 * crashes and comes back. Cards that are authenticated all the while accept every vector, and get no SQN twice.
 */
class NodesOfOneStoreTest {

    private static final int CARDS = 30;
    private static final int CALLERS = 6;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    static Path folder;

    private final Random seeds = new Random(20261124);
    private final List<Card> cards = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Set<String> wrong = ConcurrentHashMap.newKeySet();
    private volatile boolean done;
    private volatile String lastRefusal = "";

    /** A node, as it is now. */
    private static final class Node {

        private final Path data;
        private final AtomicInteger answered = new AtomicInteger();
        private volatile KilnProcess process;
        private volatile boolean asked;

        Node(Path data) {
            this.data = data;
        }

        void up(String... more) throws IOException {
            List<String> arguments =
                    new ArrayList<>(List.of("--data", data.toString(), "--port", "0", "--lab", "--lab-port", "0"));
            arguments.addAll(List.of(more));
            process =
                    KilnProcess.up(data.resolveSibling(data.getFileName() + ".log"), arguments.toArray(String[]::new));
            asked = true;
        }

        void signal(String name) throws Exception {
            int exit = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            assertThat(exit).isZero();
        }
    }

    private void prepare(StoreLocation.PostgreSql store) throws Exception {
        Path first = folder.resolve("node-0");
        KilnProcess.succeed("init", "--data", first.toString());
        Files.writeString(first.resolve("pins/store.password"), store.password().orElseThrow() + "\n");
        Path yaml = first.resolve("kiln.yaml");
        Files.writeString(
                yaml,
                Files.readString(yaml).replace("\n  nodes: 1\n", "\n  nodes: 3\n")
                        + """

                        store:
                          url: %s
                          user: %s
                          passwordFile: pins/store.password
                          connections: 8
                        """.formatted(store.url(), store.user()));
        cards.addAll(KnownCards.load(folder, first.toString(), CARDS));
        nodes.add(new Node(first));
        for (int number = 1; number < 3; number++) {
            Path copy = folder.resolve("node-" + number);
            copy(first, copy);
            nodes.add(new Node(copy));
        }
    }

    /** The copies' tokens hold the same keys. */
    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
        Path conf = to.resolve("hsm/softhsm2.conf");
        Files.writeString(conf, Files.readString(conf).replace(from.toString(), to.toString()));
    }

    private void call(long seed) {
        Random random = new Random(seed);
        try (HttpClient client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()) {
            while (!done) {
                Card card = cards.get(random.nextInt(CARDS));
                Node node = nodes.get(random.nextInt(nodes.size()));
                if (node.asked) {
                    synchronized (card) {
                        ask(client, node, card, random);
                    }
                }
            }
        }
    }

    private void ask(HttpClient client, Node node, Card card, Random random) {
        int count = 1 + random.nextInt(3);
        HttpRequest request = card.request(node.process.lab(), count);
        HttpResponse<String> answer;
        try {
            answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            lastRefusal = e.toString(); // the node is killed or paused
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        if (answer.statusCode() == 200) {
            node.answered.incrementAndGet();
            take(card, count, answer.body(), random);
        } else if (answer.statusCode() == 503) {
            lastRefusal = answer.body();
        } else {
            wrong.add(answer.statusCode() + " " + answer.body());
        }
    }

    private void take(Card card, int count, String body, Random random) {
        try {
            wrong.addAll(card.take(body, count, random.nextInt(8) == 0));
        } catch (IOException | RuntimeException e) {
            wrong.add(e.toString());
        }
    }

    private void await(String what, BooleanSupplier condition) throws InterruptedException {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(wrong).isEmpty();
            assertThat(System.nanoTime() - until)
                    .as(what + "; last refused: " + lastRefusal)
                    .isNegative();
            Thread.sleep(50);
        }
    }

    /** Waits until each of these nodes has answered so many requests more. */
    private void awaitAnswers(String what, int more, Node... of) throws InterruptedException {
        List<Integer> goals =
                Stream.of(of).map(node -> node.answered.get() + more).toList();
        for (int i = 0; i < of.length; i++) {
            Node node = of[i];
            int goal = goals.get(i);
            await(what, () -> node.answered.get() >= goal);
        }
    }

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void handOutNoSequenceNumberTwiceWhateverBecomesOfThem() throws Exception {
        try (ScratchPostgreSql postgreSql = ScratchPostgreSql.start()) {
            prepare(postgreSql.newDatabase());
            for (Node node : nodes) {
                node.up("--auc-only");
            }
            Node first = nodes.get(0);
            Node second = nodes.get(1);
            Node third = nodes.get(2);
            try (ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
                for (int i = 0; i < CALLERS; i++) {
                    long seed = seeds.nextLong();
                    callers.execute(() -> call(seed));
                }
                try {
                    awaitAnswers("all three answer", 100, first, second, third);

                    second.asked = false;
                    second.process.kill();
                    awaitAnswers("two go on", 100, first, third);
                    second.up("--auc-only");
                    awaitAnswers("the killed one is back", 100, first, second, third);

                    third.signal("STOP");
                    third.asked = false;
                    Node fourth = new Node(folder.resolve("node-3"));
                    copy(folder.resolve("node-0"), fourth.data);
                    fourth.up("--auc-only");
                    nodes.add(fourth);
                    awaitAnswers("another takes the paused one's number", 100, first, second, fourth);
                    third.signal("CONT");
                    third.asked = true;
                    awaitAnswers("three of four go on", 100, first, second, fourth);
                    int without = third.answered.get();
                    fourth.asked = false;
                    assertThat(fourth.process.stop()).isZero();
                    await("the paused one takes a number that is free", () -> third.answered.get() >= without + 100);

                    postgreSql.down();
                    postgreSql.up();
                    awaitAnswers("the database is back", 100, first, second, third);
                } finally {
                    done = true;
                }
            } finally {
                for (Node node : nodes) {
                    node.process.close();
                }
            }
            assertThat(wrong).isEmpty();
            assertThat(cards).allSatisfy(card -> assertThat(card.vectors()).isGreaterThan(20));
        }
    }

    @Test
    void countTheirNumbersAlike() throws Exception {
        try (ScratchPostgreSql postgreSql = ScratchPostgreSql.start()) {
            Path data = folder.resolve("alone");
            KilnProcess.succeed("init", "--data", data.toString());
            StoreLocation.PostgreSql store = postgreSql.newDatabase();
            Files.writeString(
                    data.resolve("pins/store.password"), store.password().orElseThrow() + "\n");
            Files.writeString(
                    data.resolve("kiln.yaml"),
                    Files.readString(data.resolve("kiln.yaml"))
                            + "\nstore: {url: \"" + store.url() + "\", user: " + store.user()
                            + ", passwordFile: pins/store.password, connections: 8}\n");
            Path other = folder.resolve("counts-otherwise");
            copy(data, other);
            Path yaml = other.resolve("kiln.yaml");
            Files.writeString(yaml, Files.readString(yaml).replace("\n  nodes: 1\n", "\n  nodes: 2\n"));
            Node node = new Node(data);
            node.up();
            try {
                KilnProcess.Ended ended =
                        KilnProcess.run(Map.of(), "up", "--auc-only", "--data", other.toString(), "--port", "0");
                assertThat(ended.exitCode()).isNotZero();
                assertThat(ended.err()).contains("auc.nodes is 2 here, but 1 on a node");
                Path same = folder.resolve("one-too-many");
                copy(data, same);
                ended = KilnProcess.run(Map.of(), "up", "--auc-only", "--data", same.toString(), "--port", "0");
                assertThat(ended.err()).contains("all 1 node numbers are taken");
                ended = KilnProcess.run(Map.of(), "up", "--data", same.toString(), "--port", "0");
                assertThat(ended.err()).contains("start this one with --auc-only");
            } finally {
                node.process.close();
            }
        }
    }
}
