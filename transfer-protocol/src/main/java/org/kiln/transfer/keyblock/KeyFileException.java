package org.kiln.transfer.keyblock;

import java.io.IOException;
import java.nio.file.Path;

/** A file is no transport-key file; the message names the file and the field that is wrong. */
public final class KeyFileException extends IOException {

    private static final long serialVersionUID = 1L;

    KeyFileException(Path file, String why) {
        super(file + " is no transport-key file of Kiln: " + why);
    }
}
