package org.kiln.kms.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportFileTest {

    private static final List<String> HEADER = List.of("supi");

    @TempDir
    private Path folder;

    private Path file = Path.of("");
    private Path part = Path.of("");

    @BeforeEach
    void name() {
        file = folder.resolve("moved.csv");
        part = folder.resolve("moved.csv.part");
    }

    private ExportFile open() throws IOException {
        return new ExportFile(file, HEADER);
    }

    @Test
    void oneExportAtATimeWritesAFile() throws Exception {
        try (ExportFile first = open()) {
            first.row(List.of("imsi-1"));
            assertThatThrownBy(this::open)
                    .isInstanceOf(FileAlreadyExistsException.class)
                    .hasMessageContaining("moved.csv.part")
                    .hasMessageContaining("another export writes it now");
            first.row(List.of("imsi-2"));
            first.finish();
        }
        assertThat(file).hasContent("supi\nimsi-1\nimsi-2\n");
        assertThatThrownBy(this::open)
                .isInstanceOf(FileAlreadyExistsException.class)
                .hasMessageContaining("it is not overwritten");
        assertThat(part).doesNotExist();
        assertThat(file).hasContent("supi\nimsi-1\nimsi-2\n");
    }

    @Test
    void whatABrokenOffExportLeftIsOverwritten() throws Exception {
        Files.writeString(part, "supi\nimsi-1\nimsi-2\nimsi-3 and half of a li");
        Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rw-r--r--"));
        try (ExportFile anew = open()) {
            anew.row(List.of("imsi-9"));
            anew.finish();
        }
        assertThat(file).hasContent("supi\nimsi-9\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void aLinkIsNotFollowed() throws Exception {
        Path other = Files.writeString(folder.resolve("other"), "mine");
        Files.createSymbolicLink(part, other);
        assertThatThrownBy(this::open).isInstanceOf(IOException.class);
        assertThat(other).hasContent("mine");
    }
}
