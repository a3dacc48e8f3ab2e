package org.kiln.kms.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * That a process has a database file open. The first to come holds the file against the seal that the last to leave put on
 * it, and takes the seal off; a process that ends otherwise than by closing leaves none.
 *
 * <p>The file is read only while this process has no connection to it: closing it after would end SQLite's locks on it.
 */
final class FilePresence implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FilePresence.class);
    private static final Map<Path, FilePresence> HERE = new HashMap<>();

    private final Path file;
    private final FileChannel door;
    private @Nullable FileLock lock;
    private Optional<Sound> cameAs = Optional.empty();
    private boolean doubtful;
    private boolean alone;
    private int openings = 1;

    /** The file as it was found sound. */
    private record Sound(FileSeal seal, FileTime changed) {}

    private FilePresence(Path file, FileChannel door) {
        this.file = file;
        this.door = door;
    }

    /**
     * @param alone whether no other may have the file open meanwhile
     * @throws StoreDamagedException if the file is not what it was sealed as
     * @throws StoreException if another has the file open, and {@code alone}
     */
    static FilePresence enter(Path file, boolean alone) throws IOException {
        synchronized (HERE) {
            FilePresence here = HERE.get(file);
            if (here != null) {
                if (alone || here.alone) {
                    throw inUse(file);
                }
                here.openings++;
                return here;
            }
            FileChannel door = FileChannel.open(
                    beside(file, ".lock"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            FilePresence presence = new FilePresence(file, door);
            try {
                presence.pass(alone);
            } catch (IOException | RuntimeException e) {
                door.close();
                throw e;
            }
            HERE.put(file, presence);
            return presence;
        }
    }

    private void pass(boolean aloneWanted) throws IOException {
        lock = door.tryLock();
        if (lock != null) {
            unseal();
            if (aloneWanted) {
                alone = true;
                return;
            }
            lock.release();
        } else if (aloneWanted) {
            throw inUse(file);
        }
        lock = door.lock(0, Long.MAX_VALUE, true);
    }

    private static StoreException inUse(Path file) {
        return new StoreException("another process has the store " + file + " open; stop it first");
    }

    private static Path beside(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    private void unseal() throws IOException {
        if (!Files.exists(file) || Files.size(file) == 0) {
            return;
        }
        Optional<FileSeal> seal = FileSeal.read(beside(file, ".seal"));
        doubtful = seal.isEmpty();
        if (seal.isPresent()) {
            FileTime changed = Files.getLastModifiedTime(file);
            Optional<String> difference = seal.get().difference(FileSeal.of(file));
            if (difference.isPresent()) {
                throw new StoreDamagedException(file, difference.get());
            }
            cameAs = Optional.of(new Sound(seal.get(), changed));
            Files.delete(beside(file, ".seal"));
        }
    }

    /** Whether the file was not sealed by who closed it last, so that the database in it has yet to be looked at. */
    boolean isDoubtful() {
        return doubtful;
    }

    /** Leaves; the caller has closed all of its connections. The last to leave seals the file. */
    @Override
    public void close() {
        leave(true);
    }

    /** Leaves a file that is not to be sealed. */
    void abandon() {
        leave(false);
    }

    private void leave(boolean sealing) {
        synchronized (HERE) {
            if (--openings > 0) {
                return;
            }
            HERE.remove(file);
            try (door) {
                if (sealing && isLast() && isCheckpointed()) {
                    seal().write(beside(file, ".seal"));
                }
            } catch (IOException e) {
                LOG.warn(
                        "the store {} is closed, but not sealed; the next start looks through it: {}",
                        file,
                        e.getMessage());
            }
        }
    }

    /** A lock is not made stronger while it is held: it is given back, and asked for anew. */
    private boolean isLast() throws IOException {
        if (!alone && lock != null) {
            lock.release();
        }
        return alone || door.tryLock() != null;
    }

    /** SQLite's last connection moves the write-ahead log into the file and removes it, if it can. */
    private boolean isCheckpointed() throws IOException {
        Path log = beside(file, "-wal");
        return Files.exists(file) && (!Files.exists(log) || Files.size(log) == 0);
    }

    private FileSeal seal() throws IOException {
        FileTime changed = Files.getLastModifiedTime(file);
        long length = Files.size(file);
        Optional<FileSeal> unchanged = cameAs.filter(
                        sound -> sound.changed().equals(changed) && sound.seal().length() == length)
                .map(Sound::seal);
        return unchanged.isPresent() ? unchanged.get() : FileSeal.of(file);
    }
}
