package org.kiln.kms.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.hsm.TokenLostException;
import org.kiln.kms.hsm.TokenUnavailableException;
import org.kiln.kms.keys.Partner;
import org.kiln.kms.provisioning.SubscriberImport.OnBadRow;
import org.kiln.kms.provisioning.SubscriberImport.Outcome;
import org.kiln.kms.provisioning.SubscriberLoad.State;
import org.kiln.kms.rotation.Rewrap;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.kms.subscriber.StagedSubscribers;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.kms.subscriber.SubscriberBlobs;
import org.kiln.kms.subscriber.SubscriberStatus;

/** Load files longer than a page: what is broken off goes on, and nobody is served before all are through. */
@Tag(ScratchDatabase.TAG)
class LoadResumptionTest {

    private static final int ROWS = 3 * LoadStaging.PAGE + 7;

    @TempDir
    private Path folder;

    private ScratchNode node;

    @BeforeEach
    void open() {
        node = new ScratchNode(folder, ceremony -> {
            ceremony.foundation();
            ceremony.storageKeys(2);
        });
    }

    @AfterEach
    void close() {
        node.close();
    }

    private static final class BrokenOff extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** Breaks an import off when it has stored so many pages. */
    private static ImportWatcher breakingOffAfter(int pages) {
        return new ImportWatcher() {
            private int stored;

            @Override
            public void takes(long rows, long of) {
                if (++stored == pages) {
                    throw new BrokenOff();
                }
            }
        };
    }

    private static String[] rows() {
        return IntStream.range(0, ROWS).mapToObj(ScratchNode::row).toArray(String[]::new);
    }

    private void breakOff(Path file, OnBadRow onBadRow, int pages) {
        assertThatThrownBy(() -> node.importer().run(file, onBadRow, breakingOffAfter(pages)))
                .isInstanceOf(BrokenOff.class);
    }

    private SubscriberLoads loads() {
        return new SubscriberLoads(node.database(), new StagedSubscribers(node.store()));
    }

    private long staged() {
        return node.database().read(connection -> {
            try (Statement statement = connection.createStatement();
                    var row = statement.executeQuery("select count(*) from subscriber_staged")) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    @Test
    void whatWasBrokenOffServesNobodyAndGoesOnWhereItWas() throws Exception {
        Path file = node.loadFile(rows());
        breakOff(file, OnBadRow.REFUSE_FILE, 2);
        assertThat(node.store().count()).isZero();
        assertThat(staged()).isEqualTo(2 * LoadStaging.PAGE);
        assertThat(loads().list())
                .singleElement()
                .satisfies(load -> assertThat(load.passed()).isEqualTo(2 * LoadStaging.PAGE));

        AtomicLong from = new AtomicLong(-1);
        List<Long> taken = new ArrayList<>();
        Path renamed = Files.move(file, folder.resolve("renamed.csv"));
        Outcome outcome = node.importer().run(renamed, OnBadRow.REFUSE_FILE, new ImportWatcher() {
            @Override
            public void goesOn(long rows, long of) {
                from.set(rows);
            }

            @Override
            public void takes(long rows, long of) {
                taken.add(rows);
            }
        });
        assertThat(from).hasValue(2 * LoadStaging.PAGE);
        assertThat(taken).containsExactly(3L * LoadStaging.PAGE, (long) ROWS);
        assertThat(outcome.imported()).isEqualTo(ROWS);
        assertThat(node.store().count()).isEqualTo(ROWS);
        assertThat(node.store().find(ScratchNode.supi(ROWS - 1))).isPresent();
        assertThat(staged()).isZero();
        assertThat(loads().list()).isEmpty();
    }

    /** Ends the login under the import once, as a token does that restarts. */
    private final class EndingTheLogin implements ImportWatcher {

        private boolean ended;

        @Override
        public void takes(long rows, long of) {
            if (!ended) {
                ended = true;
                node.tokens().call(session -> {
                    session.logout();
                    return true;
                });
            }
        }
    }

    @Test
    void aTokenThatIsLostCostsNoRowAndBlamesNone() throws Exception {
        Path file = node.loadFile(rows());
        ImportWatcher watcher = new EndingTheLogin();
        Outcome outcome = null;
        for (int tries = 1; outcome == null; tries++) {
            try {
                outcome = node.importer().run(file, OnBadRow.REFUSE_FILE, watcher);
            } catch (TokenUnavailableException | TokenLostException e) {
                assertThat(tries).isLessThan(20);
                assertThat(loads().list())
                        .singleElement()
                        .satisfies(load -> assertThat(load.passed()).isPositive());
                Thread.sleep(100);
            }
        }
        assertThat(outcome.imported()).isEqualTo(ROWS);
        assertThat(node.store().count()).isEqualTo(ROWS);
        assertThat(loads().list()).isEmpty();
    }

    @Test
    void aLoadThatIsGivenUpLeavesNothing() throws Exception {
        Path file = node.loadFile(rows());
        breakOff(file, OnBadRow.REFUSE_FILE, 1);
        loads().giveUp(loads().list().getFirst());
        assertThat(staged()).isZero();
        assertThat(loads().list()).isEmpty();
        assertThat(node.importer().run(file, OnBadRow.REFUSE_FILE, done -> {}).imported())
                .isEqualTo(ROWS);
    }

    @Test
    void aBadRowFarDownTheFileLeavesNothing() throws Exception {
        String[] rows = rows();
        rows[ROWS - 1] = rows[ROWS - 1].replace(Partner.kw(ScratchNode.ki(ROWS - 1)), "00".repeat(24));
        Path file = node.loadFile(rows);
        assertThatThrownBy(() -> node.importer().run(file, OnBadRow.REFUSE_FILE, done -> {}))
                .hasMessageStartingWith("line " + (ROWS + 1) + ", column eki: does not unwrap");
        assertThat(node.store().count()).isZero();
        assertThat(staged()).isZero();
        assertThat(loads().list()).isEmpty();
    }

    @Test
    void whatShowsWithoutTheTokenIsToldBeforeAnyKeyIsTaken() throws Exception {
        node.provision(ROWS - 1, ROWS);
        List<Long> taken = new ArrayList<>();
        assertThatThrownBy(() -> node.importer().run(node.loadFile(rows()), OnBadRow.REFUSE_FILE, taken::add))
                .hasMessage("line " + (ROWS + 1) + ", column supi: this subscriber exists already");
        assertThat(taken).isEmpty();
    }

    @Test
    void rowsThatWereLeftOutBeforeItWasBrokenOffAreReported() throws Exception {
        String[] rows = rows();
        rows[0] = rows[0].replace("milenage", "rot13");
        rows[ROWS - 1] = rows[1];
        Path file = node.loadFile(rows);
        breakOff(file, OnBadRow.SKIP, 1);
        assertThatThrownBy(() -> node.importer().run(file, OnBadRow.REFUSE_FILE, done -> {}))
                .hasMessageContaining("was begun with --skip-bad");
        List<String> skipped = new ArrayList<>();
        Outcome outcome = node.importer().run(file, OnBadRow.SKIP, new ImportWatcher() {
            @Override
            public void skipped(String message) {
                skipped.add(message);
            }
        });
        assertThat(outcome.imported()).isEqualTo(ROWS - 2);
        assertThat(outcome.left()).isEqualTo(2);
        assertThat(skipped).hasSize(2);
        assertThat(skipped.get(0)).startsWith("line 2, column algorithm");
        assertThat(skipped.get(1)).isEqualTo("line " + (ROWS + 1) + ", column supi: stands twice in the file");
    }

    @Test
    void whoWasAddedMeanwhileRefusesTheFileAndStaysAsHeIs() throws Exception {
        node.provision(ROWS, ROWS + 1);
        Path file = node.loadFile(rows());
        breakOff(file, OnBadRow.REFUSE_FILE, 2);
        Subscriber other = node.store().find(ScratchNode.supi(ROWS)).orElseThrow();
        Subscriber meanwhile = new Subscriber(
                ScratchNode.supi(5), other.algorithm(), other.ki(), other.opc(), other.amf(), other.sqn());
        node.store().put(meanwhile.supi(), before -> meanwhile);
        assertThatThrownBy(() -> node.importer().run(file, OnBadRow.REFUSE_FILE, done -> {}))
                .hasMessageStartingWith("line 7, column supi: subscriber imsi-00101")
                .hasMessageEndingWith("was added by somebody else meanwhile");
        assertThat(node.store().count()).isEqualTo(2);
        assertThat(node.store().find(meanwhile.supi()).orElseThrow().isSameAs(meanwhile))
                .isTrue();
        assertThat(staged()).isZero();
        assertThat(loads().list()).isEmpty();
    }

    @Test
    void anUnfinishedLoadKeepsItsSubscribersFromOthers() throws Exception {
        breakOff(node.loadFile(rows()), OnBadRow.REFUSE_FILE, 1);
        assertThatThrownBy(
                        () -> node.importer().run(node.loadFile(ScratchNode.row(3)), OnBadRow.REFUSE_FILE, done -> {}))
                .hasMessageStartingWith("line 2, column supi: stands in a load that is not finished");
        assertThat(loads().list()).hasSize(1);
    }

    @Test
    void aCrashBetweenPagesOfTheReleaseGoesOn() throws Exception {
        Path file = node.loadFile(rows());
        breakOff(file, OnBadRow.REFUSE_FILE, 2);
        breakOff(file, OnBadRow.REFUSE_FILE, 2);
        SubscriberLoad begun = loads().list().getFirst();
        assertThat(begun.passed()).isEqualTo(ROWS);
        SubscriberLoads inSmallPages = new SubscriberLoads(node.database(), new StagedSubscribers(node.store()), 100);
        assertThatThrownBy(() -> inSmallPages.release(begun, in -> {
                    if (in >= 500) {
                        throw new BrokenOff();
                    }
                }))
                .isInstanceOf(BrokenOff.class);
        assertThat(node.store().count()).isEqualTo(500);
        assertThat(staged()).isEqualTo(ROWS - 500);
        assertThat(loads().list()).singleElement().satisfies(load -> {
            assertThat(load.id()).isEqualTo(begun.id());
            assertThat(load.state()).isEqualTo(State.RELEASING);
        });
        assertThatThrownBy(() -> loads().giveUp(loads().list().getFirst())).isInstanceOf(LoadBusyException.class);
        assertThat(node.importer().run(file, OnBadRow.REFUSE_FILE, done -> {}).imported())
                .isEqualTo(ROWS);
        assertThat(node.store().count()).isEqualTo(ROWS);
        assertThat(loads().list()).isEmpty();
    }

    @Test
    void storageKeysMayBeRotatedWhileALoadIsUnfinished() throws Exception {
        Path file = node.loadFile(rows());
        breakOff(file, OnBadRow.REFUSE_FILE, 1);
        SubscriberBlobs staged = node.stagedBlobs();
        long left = node.database().read(connection -> staged.left(connection, 1));
        assertThat(left).isEqualTo(LoadStaging.PAGE);
        node.rotate();
        assertThat(new Rewrap(node.tokens(), node.storageKeys(), node.database(), List.of(staged), 0)
                        .run(1, 2, done -> {})
                        .moved())
                .isEqualTo(LoadStaging.PAGE);
        node.storageKeyRegister().retireForGood(1, List.of(node.blobs(), staged));
        node.importer().run(file, OnBadRow.REFUSE_FILE, done -> {});
        assertThat(node.store().find(ScratchNode.supi(0)).orElseThrow().ki().keyLabel())
                .isEqualTo("SK-2");
        assertThat(node.store().count()).isEqualTo(ROWS);
    }

    @Test
    void aFileMaySayWhoIsServed() throws Exception {
        LoadFileRow suspended = new LoadFileRow(ScratchNode.supi(1), "milenage", ScratchNode.ki(1))
                .wrapped("eopc", ScratchNode.opc(1))
                .with("status", "SUSPENDED");
        node.importer().run(LoadFileRow.write(folder, suspended), OnBadRow.REFUSE_FILE, done -> {});
        assertThat(node.store().find(ScratchNode.supi(1)).orElseThrow().status())
                .isEqualTo(SubscriberStatus.SUSPENDED);
        assertThatThrownBy(() -> node.importer()
                        .run(
                                LoadFileRow.write(folder, suspended.with("status", "barred")),
                                OnBadRow.REFUSE_FILE,
                                done -> {}))
                .hasMessageStartingWith("line 2, column status: use ACTIVE");
    }
}
