package org.kiln.kms.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag(ScratchDatabase.TAG)
class ChangeFeedTest {

    private static final String CHANNEL = "tests";
    private static final String GAP = "(gap)";
    private static final int MORE_THAN_IS_KEPT = 10_500;

    @TempDir
    Path folder;

    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private Database here;
    private Database there;
    private ChangeFeed feed;

    @BeforeEach
    void listen() throws InterruptedException {
        StoreLocation location = ScratchDatabase.in(folder);
        here = Database.open(location);
        here.migrate("auc");
        there = Database.open(location);
        feed = here.feed(CHANNEL, told::add, () -> told.add(GAP));
        assertThat(next()).isEqualTo(GAP);
        while (!feed.isLive()) {
            Thread.onSpinWait();
        }
    }

    @AfterEach
    void close() {
        feed.close();
        there.close();
        here.close();
    }

    private String next() throws InterruptedException {
        return String.valueOf(told.poll(1, TimeUnit.MINUTES));
    }

    private static boolean announce(Database database, String channel, List<String> what) {
        return database.write(connection -> {
            for (String each : what) {
                database.announce(connection, channel, each);
            }
            return true;
        });
    }

    @Test
    void hearsWhatAnyProcessAnnouncesInItsOrder() throws InterruptedException {
        announce(there, CHANNEL, List.of("first", "second"));
        announce(here, CHANNEL, List.of("third"));
        announce(there, CHANNEL, List.of("fourth"));
        assertThat(List.of(next(), next(), next(), next())).containsExactly("first", "second", "third", "fourth");
    }

    @Test
    void hearsNeitherOtherChannelsNorWhatIsRolledBack() throws InterruptedException {
        announce(there, "others", List.of("not for us"));
        assertThatThrownBy(() -> there.write(connection -> {
                    there.announce(connection, CHANNEL, "never");
                    throw new IllegalStateException("rolled back");
                }))
                .hasMessage("rolled back");
        announce(there, CHANNEL, List.of("heard"));
        assertThat(next()).isEqualTo("heard");
    }

    @Test
    void whatWasAnnouncedBeforeIsNotHeard() throws InterruptedException {
        announce(there, CHANNEL, List.of("before"));
        assertThat(next()).isEqualTo("before");
        BlockingQueue<String> late = new LinkedBlockingQueue<>();
        try (ChangeFeed later = there.feed(CHANNEL, late::add, () -> late.add(GAP))) {
            assertThat(late.poll(1, TimeUnit.MINUTES)).isEqualTo(GAP);
            announce(here, CHANNEL, List.of("after"));
            assertThat(late.poll(1, TimeUnit.MINUTES)).isEqualTo("after");
            assertThat(later.isLive()).isTrue();
        }
    }

    @Test
    void hearsOfEachOfManyOrOfAGap() throws InterruptedException {
        announce(
                there,
                CHANNEL,
                IntStream.range(0, MORE_THAN_IS_KEPT)
                        .mapToObj(Integer::toString)
                        .toList());
        String first = next();
        if (!first.equals(GAP)) {
            assertThat(first).isEqualTo("0");
            for (int i = 1; i < MORE_THAN_IS_KEPT; i++) {
                assertThat(next()).isEqualTo(Integer.toString(i));
            }
        }
        announce(there, CHANNEL, List.of("last"));
        assertThat(next()).isEqualTo("last");
    }
}
