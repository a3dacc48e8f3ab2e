package org.kiln.kms.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps a second server off a data folder: two with one node number would hand out the same sequence numbers. */
public final class ServerLock implements AutoCloseable {

    private final FileChannel channel;

    private ServerLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws ConfigurationException if another process serves from the folder */
    public static ServerLock take(DataFolder folder) {
        return take(
                folder.serverLock(),
                "another 'kiln up' serves from " + folder.root()
                        + "; stop it first or choose another folder with --data");
    }

    /** Whether another process serves from the folder now. */
    public static boolean isTaken(DataFolder folder) {
        if (!Files.exists(folder.serverLock())) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(folder.serverLock(), StandardOpenOption.WRITE)) {
            return !locked(channel);
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Keeps two people off the storage keys of a folder at one time; a server may run beside.
     *
     * @throws ConfigurationException if another process works on them
     */
    public static ServerLock takeStorageKeys(DataFolder folder) {
        return take(
                folder.resolve("storage-key.lock"),
                "another 'kiln storage-key' works on " + folder.root() + "; wait until it is done");
    }

    private static ServerLock take(Path file, String taken) {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!locked(channel)) {
                channel.close();
                throw new ConfigurationException(taken);
            }
            return new ServerLock(channel);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
