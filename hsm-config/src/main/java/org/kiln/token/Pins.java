package org.kiln.token;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretEnvironment;

/** Reads PINs from where a site keeps them: an environment variable or a file; never the command line. */
public final class Pins {

    private static final int LONGEST = 255;

    private Pins() {}

    /**
     * The PIN from {@code variable} if it is set, else from {@code file} (first line, without its line end).
     *
     * @throws TokenException if there is neither, or the PIN is empty or longer than 255 octets
     */
    public static Secret read(String variable, Path file) {
        Optional<Secret> given = SecretEnvironment.read(variable);
        if (given.isPresent()) {
            return given.get();
        }
        if (!Files.isReadable(file)) {
            throw new TokenException(
                    "no PIN: set the environment variable " + variable + " or put the PIN into " + file);
        }
        return fromFile(file);
    }

    /**
     * The PIN in the first line of {@code file}.
     *
     * @throws TokenException if it cannot be read, or the PIN is empty or longer than 255 octets
     */
    public static Secret fromFile(Path file) {
        byte[] content = new byte[LONGEST + 2];
        byte[] pin = new byte[0];
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            int length = Math.max(0, channel.read(ByteBuffer.wrap(content)));
            int end = 0;
            while (end < length && content[end] != '\n' && content[end] != '\r') {
                end++;
            }
            if (end == 0 || end > LONGEST) {
                throw new TokenException("the PIN in " + file + " is empty or longer than " + LONGEST + " octets");
            }
            pin = Arrays.copyOf(content, end);
            return Secret.takeFrom(pin);
        } catch (IOException e) {
            throw new TokenException("the PIN file " + file + " cannot be read: " + e.getMessage(), e);
        } finally {
            Arrays.fill(content, (byte) 0);
            Arrays.fill(pin, (byte) 0);
        }
    }
}
