package org.kiln.kms.provisioning;

import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.kiln.kms.provisioning.SubscriberLoad.State;
import org.kiln.kms.store.Database;
import org.kiln.kms.subscriber.StagedSubscribers;
import org.kiln.kms.subscriber.StagedSubscribers.Overtaken;

/** Load files that are not yet in: lets their subscribers into the store, or gives them up. */
public final class SubscriberLoads {

    /** Subscribers of one transaction; a file of no more comes in whole or not at all. */
    static final int PAGE = 20_000;

    private final Database database;
    private final StagedSubscribers staged;
    private final LoadRegister register;
    private final int page;

    public SubscriberLoads(Database database, StagedSubscribers staged) {
        this(database, staged, PAGE);
    }

    /** @param page subscribers of one transaction */
    SubscriberLoads(Database database, StagedSubscribers staged, int page) {
        this.database = database;
        this.staged = staged;
        this.page = page;
        register = new LoadRegister(database);
    }

    /** All that have begun and not ended. */
    public List<SubscriberLoad> list() {
        return register.list();
    }

    /**
     * Gives a load up: what was taken over of it is removed, and nobody of it is served.
     *
     * @throws LoadBusyException if its subscribers are coming into the store already
     */
    public void giveUp(SubscriberLoad load) {
        register.change(load.id(), State.STAGING, State.REMOVING);
        remove(load.id());
    }

    /** Ends what a process did not end that was removing. */
    void endRemovals() {
        register.list().stream().filter(load -> load.state() == State.REMOVING).forEach(load -> remove(load.id()));
    }

    private void remove(int id) {
        Optional<String> last = Optional.of("");
        while (last.isPresent()) {
            String after = last.get();
            last = database.write(connection -> {
                Optional<String> end = staged.endOfPage(connection, id, after, page);
                if (end.isPresent()) {
                    staged.remove(connection, id, after, end.get());
                }
                return end;
            });
        }
        register.end(id);
    }

    /**
     * Lets the subscribers of a load that is staged whole into the store, page by page; after a crash it goes on.
     *
     * @param progress told how many are in
     * @return how many came in
     * @throws LoadFileException if bad rows are not to be skipped and the store has one of them meanwhile; then none came in
     */
    long release(SubscriberLoad load, LongConsumer progress) {
        if (load.state() == State.STAGING) {
            if (!load.skipsBad()) {
                requireNoneOvertaken(load.id());
            }
            register.change(load.id(), State.STAGING, State.RELEASING);
        }
        boolean inOnePage = !load.skipsBad() && load.fileRows() <= page;
        long released = load.released();
        Optional<SubscriberLoad> next = Optional.of(load);
        while (next.isPresent()) {
            released = next.get().released();
            progress.accept(released);
            next = releasePage(load.id(), inOnePage);
        }
        return released;
    }

    /** The load as it is then; empty if nothing was left. */
    private Optional<SubscriberLoad> releasePage(int id, boolean strictly) {
        return database.write(connection -> {
            SubscriberLoad load = register.find(connection, id).orElseThrow(LoadBusyException::new);
            Optional<String> last = staged.endOfPage(connection, id, load.releasedTo(), page);
            if (last.isEmpty()) {
                return Optional.empty();
            }
            List<LoadFileException> overtaken = staged.overtaken(connection, id, load.releasedTo(), last.get()).stream()
                    .map(SubscriberLoads::refusal)
                    .toList();
            if (strictly && !overtaken.isEmpty()) {
                throw overtaken.getFirst();
            }
            LoadRegister.refuse(connection, id, overtaken);
            long moved = staged.release(connection, id, load.releasedTo(), last.get());
            LoadRegister.release(connection, id, load.released() + moved, last.get());
            return register.find(connection, id);
        });
    }

    private void requireNoneOvertaken(int id) {
        Optional<String> last = Optional.of("");
        while (last.isPresent()) {
            String after = last.get();
            last = database.read(connection -> {
                Optional<String> end = staged.endOfPage(connection, id, after, page);
                if (end.isPresent()) {
                    staged.overtaken(connection, id, after, end.get()).stream()
                            .findFirst()
                            .ifPresent(one -> {
                                throw refusal(one);
                            });
                }
                return end;
            });
        }
    }

    private static LoadFileException refusal(Overtaken one) {
        return new LoadFileException(
                one.line(),
                LoadRow.SUPI,
                "subscriber " + one.supi().masked() + " was added by somebody else meanwhile");
    }

    /** Refuses a load whose state allows it no more, or removes it: for a file that turned out bad. */
    void refuse(SubscriberLoad load) {
        register.list().stream()
                .filter(known -> known.id() == load.id() && known.released() == 0)
                .forEach(known -> {
                    register.change(known.id(), known.state(), State.REMOVING);
                    remove(known.id());
                });
    }
}
