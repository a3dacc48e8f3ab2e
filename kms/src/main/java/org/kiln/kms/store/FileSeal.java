package org.kiln.kms.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What a file held at a time: its length, and a CRC-32C of each MiB. It finds what disks and file systems do to a file; who
 * can write to the file can write a seal too, and is found by the MACs of the records.
 *
 * @param length of the file in octets
 * @param checks the CRC-32C of each MiB, the last of what remains
 */
record FileSeal(long length, List<Integer> checks) {

    private static final String FORMAT = "kiln-seal-1";
    private static final int PART = 1 << 20;

    FileSeal {
        checks = List.copyOf(checks);
    }

    static FileSeal of(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            List<Integer> checks = new ArrayList<>();
            ByteBuffer part = ByteBuffer.allocateDirect(PART);
            long length = 0;
            while (fill(channel, part)) {
                length += part.flip().remaining();
                CRC32C check = new CRC32C();
                check.update(part);
                checks.add((int) check.getValue());
            }
            return new FileSeal(length, checks);
        }
    }

    private static boolean fill(FileChannel channel, ByteBuffer part) throws IOException {
        part.clear();
        while (part.hasRemaining() && channel.read(part) >= 0) {}
        return part.position() > 0;
    }

    /** @return empty if there is none, or none that can be read */
    static Optional<FileSeal> read(Path seal) throws IOException {
        if (!Files.exists(seal)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(seal);
        try {
            if (lines.size() < 2 || !lines.getFirst().equals(FORMAT)) {
                return Optional.empty();
            }
            FileSeal read = new FileSeal(
                    Long.parseLong(lines.get(1)),
                    lines.stream().skip(2).map(HexFormat::fromHexDigits).toList());
            return read.checks.size() == (read.length + PART - 1) / PART ? Optional.of(read) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Writes it so that it is on disk whole, or not at all. */
    void write(Path seal) throws IOException {
        List<String> lines = new ArrayList<>(List.of(FORMAT, Long.toString(length)));
        checks.forEach(check -> lines.add(HexFormat.of().toHexDigits(check)));
        Path part = seal.resolveSibling(seal.getFileName() + ".part");
        Files.write(part, lines);
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(part, seal, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** How {@code now} differs from this, in words for whom it concerns; empty if it does not. */
    Optional<String> difference(FileSeal now) {
        if (now.length != length) {
            return Optional.of("it was " + length + " octets long when it was last closed, and is " + now.length);
        }
        for (int i = 0; i < checks.size(); i++) {
            if (!checks.get(i).equals(now.checks.get(i))) {
                return Optional.of("octets " + (long) i * PART + " to " + (Math.min(length, (i + 1L) * PART) - 1)
                        + " are not what they were when it was last closed");
            }
        }
        return Optional.empty();
    }
}
