package org.kiln.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where secrets are, as Linux itself tells; and what happens where it locks no memory. */
class SecretMemoryTest {

    private static final Path MAPS = Path.of("/proc/self/smaps");

    /** What the system says of the pages that hold an address. */
    private static String flagsOf(long address) throws Exception {
        boolean here = false;
        for (String line : Files.readAllLines(MAPS)) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                String[] range = line.substring(0, line.indexOf(' ')).split("-", 2);
                here = Long.compareUnsigned(address, Long.parseUnsignedLong(range[0], 16)) >= 0
                        && Long.compareUnsigned(address, Long.parseUnsignedLong(range[1], 16)) < 0;
            } else if (here && line.startsWith("VmFlags:")) {
                return line;
            }
        }
        throw new AssertionError("no mapping holds the address");
    }

    @Test
    void secretsAreInPagesThatAreLockedAndNotDumped() throws Exception {
        assumeThat(MAPS).exists();
        assumeThat(SecretMemory.isLocked()).as("the system locks memory here").isTrue();
        try (Secret secret = Secret.takeFrom("a PIN".toCharArray())) {
            MemorySegment bytes = secret.expose(SecretAccess.granted());
            assertThat(flagsOf(bytes.address())).contains(" lo ").contains(" dd ");
            assertThat(bytes.toArray(ValueLayout.JAVA_BYTE)).isEqualTo("a PIN".getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Test
    void whatIsClosedIsWipedGivenAgainAndReadNoMore() {
        assumeThat(SecretMemory.isLocked()).isTrue();
        Secret first = Secret.takeFrom(new byte[] {1, 2, 3});
        MemorySegment bytes = first.expose(SecretAccess.granted());
        long address = bytes.address();
        first.close();
        assertThatThrownBy(() -> bytes.get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
        try (Secret second = Secret.ofSize(3)) {
            MemorySegment again = second.expose(SecretAccess.granted());
            assertThat(again.address()).isEqualTo(address);
            assertThat(again.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
        }
    }

    /** More than there is room for: the rest is elsewhere, and told of; none overlaps another. */
    @Test
    void whatHasNoRoomIsInOrdinaryMemoryAndCounted() {
        long before = SecretMemory.secretsOutside();
        List<Secret> secrets = new ArrayList<>();
        for (int i = 0; i < 700; i++) {
            Secret secret = Secret.ofSize(1 + i % 100);
            secret.expose(SecretAccess.granted()).fill((byte) i);
            secrets.add(secret);
        }
        for (int i = 0; i < secrets.size(); i++) {
            assertThat(secrets.get(i).expose(SecretAccess.granted()).toArray(ValueLayout.JAVA_BYTE))
                    .containsOnly((byte) i);
        }
        assertThat(SecretMemory.secretsOutside()).isGreaterThan(before);
        secrets.forEach(Secret::close);
        long after = SecretMemory.secretsOutside();
        assumeThat(SecretMemory.isLocked()).isTrue();
        Secret.ofSize(1).close();
        assertThat(SecretMemory.secretsOutside()).as("room again").isEqualTo(after);
    }

    /** Prints what a process sees that may lock nothing. */
    static final class Unlocked {
        public static void main(String[] arguments) {
            try (Secret secret = Secret.takeFrom("a PIN".toCharArray())) {
                System.out.println(SecretMemory.isLocked() + " " + SecretMemory.lockedOctets() + " "
                        + SecretMemory.secretsOutside() + " " + secret.size());
            }
        }
    }

    @Test
    void whereTheSystemLocksNoneSecretsWorkAndTheProcessKnows() throws Exception {
        assumeThat(Path.of("/usr/bin/setpriv")).exists();
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process = new ProcessBuilder(
                        "setpriv",
                        "--bounding-set=-ipc_lock",
                        "--inh-caps=-ipc_lock",
                        "sh",
                        "-c",
                        "ulimit -l 0 && exec \"$@\"",
                        "sh",
                        java,
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Unlocked.class.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assumeThat(said).as("the capability could be dropped").doesNotContain("setpriv:");
        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said.strip()).endsWith("false 0 1 5");
    }
}
