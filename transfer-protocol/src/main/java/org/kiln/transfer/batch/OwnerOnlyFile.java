package org.kiln.transfer.batch;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** New files that nobody but their owner may read. */
public final class OwnerOnlyFile {

    private OwnerOnlyFile() {}

    /**
     * Creates a file.
     *
     * @throws java.nio.file.FileAlreadyExistsException if it exists
     * @throws IOException if it cannot be written
     */
    public static OutputStream create(Path path) throws IOException {
        Set<StandardOpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        FileAttribute<?>[] ownerOnly =
                path.getFileSystem().supportedFileAttributeViews().contains("posix")
                        ? new FileAttribute<?>[] {
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                        }
                        : new FileAttribute<?>[0];
        return Channels.newOutputStream(Files.newByteChannel(path, options, ownerOnly));
    }
}
