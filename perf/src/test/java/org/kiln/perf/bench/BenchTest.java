package org.kiln.perf.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is sent, what is read of other tools' words, and what is made of both. */
class BenchTest {

    @Test
    void aGsupRequestIsAsOsmocomSendsIt() {
        assertThat(HexFormat.of().formatHex(GsupLoad.request(123)))
                .isEqualTo("000c" + "ee" + "05" + "08" + "0108" + "00010100000021f3");
    }

    @Test
    void h2loadIsBelievedOnlyIfAllWasAnswered() {
        String said = """
                finished in 5.00s, 12345.60 req/s, 2.0MB/s
                requests: 61728 total, 61984 started, 61728 done, 61728 succeeded, 0 failed, 0 errored, 0 timeout
                status codes: 61728 2xx, 0 3xx, 0 4xx, 0 5xx
                """;
        assertThat(H2Load.rate(said)).isEqualTo(12345.6);
        assertThatThrownBy(() -> H2Load.rate(said.replace("0 5xx", "3 5xx"))).hasMessageContaining("3 5xx");
        assertThatThrownBy(() -> H2Load.rate("connection refused")).hasMessageContaining("connection refused");
    }

    @Test
    void aReportSaysWhatIsMissedAndWhatIsNotMeasured() {
        Report report = new Report(
                "2 processors",
                List.of("Java 25"),
                "2026-11-28T17:00:00Z",
                "kiln bench",
                "0.1 before, 2.0 after",
                List.of(new Figure("a", "rate of a", 1234.5, "requests/s", "h2load")),
                List.of(
                        new Target("first", 0.95, 0.9, false),
                        new Target("second", 7, 5, true),
                        new Target("third", Double.NaN, 2, false)),
                List.of("OsmoHLR: not installed"));
        assertThat(ReportFiles.markdown(report))
                .contains(
                        "| first | 0.950 | ≥ 0.900 | reached |",
                        "| second | 7.00 | ≤ 5.00 | **missed** |",
                        "| third | – | ≥ 2.00 | not measured |",
                        "| rate of a | 1,235 | requests/s | h2load |",
                        "- OsmoHLR: not installed");
    }

    @Test
    void aStackIsOfTheWorkNearestToItsTop() {
        String lane = "java/lang/Thread.run;org/kiln/kms/hsm/Lane.run;org/kiln/kms/auc/PortableEngine.vectors;";
        assertThat(Work.shares(List.of(
                        lane + "org/kiln/pkcs11/FfmSession.encrypt;C_EncryptInit;malloc 6",
                        lane + "org/kiln/kms/aka/KeyDerivation.derive;java/security/MessageDigest.digest 2",
                        "io/netty/channel/epoll/EpollEventLoop.run;io/netty/channel/unix/Socket.write;__write 1",
                        "start_thread;WorkerThread::run 1")))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(Work.TOKEN, 0.6, Work.VECTORS, 0.2, Work.NETWORK, 0.1, Work.RUNTIME, 0.1));
    }

    @Test
    void aGraphNamesNoFolder() {
        assertThat(Profiler.tidied("a/B.c;[unknown];/usr/lib/x/softhsm/libsofthsm2.so;/usr/lib/x/libc.so.6 3"))
                .isEqualTo("a/B.c;[unknown];libsofthsm2.so;libc.so.6 3");
        assertThat(Profiler.tidied("org/sqlite/A.b;/tmp/sqlite-3.53.4.0-159acc47-b42e-libsqlitejdbc.so 1"))
                .isEqualTo("org/sqlite/A.b;libsqlitejdbc.so 1");
    }

    @Test
    void whatTheHostGivesToOthersIsAShareOfAllTime() {
        Machine.Processors before = Machine.Processors.of("cpu  100 10 50 800 20 0 10 10 5 0");
        Machine.Processors after = Machine.Processors.of("cpu  150 10 80 900 20 0 10 30 25 0");
        assertThat(after.stolenSince(before)).isEqualTo(0.1);
    }

    @Test
    void ratesThatAreHeldAgainstEachOtherAreTakenInTurn() {
        List<String> told = new ArrayList<>();
        Figures figures = new Figures(Set.of(), line -> {});
        Iterator<Double> kiln = List.of(3.0, 9.0, 4.0).iterator();
        Iterator<Double> token = List.of(10.0, 11.0, 12.0).iterator();
        new SideBySide()
                .with("kiln", "Kiln", "a second", "h2load", () -> {
                    told.add("kiln");
                    return kiln.next();
                })
                .with("token", "token", "a second", "C", () -> {
                    told.add("token");
                    return token.next();
                })
                .into(figures);
        assertThat(told).containsExactly("kiln", "token", "kiln", "token", "kiln", "token");
        assertThat(figures.ratio("kiln", "token")).isEqualTo(0.75);
    }

    /** Half of what is asked for is for as few as the root of all, and those are no neighbours. */
    @Test
    void byZipfsLawAFewAreAskedForAgainAndAgain() {
        int paths = 1_000_000;
        int[] asked = H2Load.byZipf(new Random(1), paths);
        assertThat(Arrays.stream(asked)).allMatch(number -> number >= 0 && number < paths);
        List<Long> often = Arrays.stream(asked)
                .boxed()
                .collect(Collectors.groupingBy(number -> number, Collectors.counting()))
                .values()
                .stream()
                .sorted(Comparator.reverseOrder())
                .toList();
        double share = often.stream().limit(1000).mapToLong(Long::longValue).sum() / (double) asked.length;
        assertThat(share).isBetween(0.48, 0.54);
        assertThat(Arrays.stream(asked).average().orElseThrow()).isBetween(0.3 * paths, 0.7 * paths);
    }

    @Test
    void theHeapIsReadFromTheLogOfCollections() {
        String log = """
                [0.012s][info][gc] Using Parallel
                [0.912s][info][gc] GC(0) Pause Young (Allocation Failure) 65M->12M(245M) 3.214ms
                [1.912s][info][gc] GC(1) Pause Full (Ergonomics) 240M->98M(256M) 93.214ms
                [2.912s][info][gc] GC(2) Pause Young (Allocation Failure) 160M->97M(256M) 3.214ms
                """;
        assertThat(HeapLog.most(log)).hasValue(98);
        assertThat(HeapLog.most("[0.012s][info][gc] Using Parallel")).isEmpty();
    }
}
