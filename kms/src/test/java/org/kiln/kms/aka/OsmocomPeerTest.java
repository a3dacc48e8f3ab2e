package org.kiln.kms.aka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Random cases that {@code osmo-auc-gen} (libosmocore; Debian's package libosmocore-utils) computes too. Opt-in:
 * {@code -Dkiln.peer=osmocom}, and {@code -Dkiln.seed=…} for the cases of an earlier run. Skipped where the program is not
 * installed.
 */
@EnabledIfSystemProperty(named = "kiln.peer", matches = "osmocom")
@SuppressWarnings("deprecation")
class OsmocomPeerTest {

    private static final HexFormat HEX = HexFormat.of();
    private static final int CASES = 1000;

    private final long seed = Long.getLong("kiln.seed", new Random().nextLong());
    private final Random random = new Random(seed);

    private byte[] octets(int count) {
        byte[] octets = new byte[count];
        random.nextBytes(octets);
        return octets;
    }

    /** The lines that the program prints, by their names in lower case. */
    private static Map<String, String> osmoAucGen(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("osmo-auc-gen"));
        command.addAll(List.of(arguments));
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            return abort("needs osmo-auc-gen, which is not installed (Debian: libosmocore-utils)");
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        Map<String, String> values = new HashMap<>();
        output.lines().filter(line -> line.contains(":\t")).forEach(line -> {
            String[] parts = line.split(":\t", 2);
            values.put(parts[0].toLowerCase(Locale.ROOT), parts[1].strip());
        });
        return values;
    }

    @Test
    void agreesOnMilenageAndComp128() throws Exception {
        for (int run = 0; run < CASES; run++) {
            if (run % 2 == 0) {
                milenage(run);
            } else {
                comp128(run, 1 + run / 2 % 3);
            }
        }
    }

    private void milenage(int run) throws Exception {
        byte[] k = octets(16);
        byte[] opc = octets(16);
        byte[] rand = octets(16);
        byte[] amf = {0, (byte) random.nextInt(256)};
        Map<String, String> peer = osmoAucGen(
                "-3",
                "-a",
                "milenage",
                "-k",
                HEX.formatHex(k),
                "-o",
                HEX.formatHex(opc),
                "-f",
                HEX.formatHex(amf),
                "-s",
                String.valueOf(random.nextLong(1L << 47)),
                "-r",
                HEX.formatHex(rand));
        long[] sqns = {Long.parseLong(peer.get("sqn"))};
        VectorGenerator generator = new VectorGenerator();
        var quintuplet = (AuthenticationVector.Umts) generator
                .generate(
                        new SoftwareAes(k),
                        Native.of(opc),
                        Native.of(rand),
                        sqns,
                        amf[1] & 0xff,
                        VectorKind.UmtsAka.UMTS)
                .getFirst();
        var triplet = (AuthenticationVector.Gsm) generator
                .generate(new SoftwareAes(k), Native.of(opc), Native.of(rand), sqns, 0, VectorKind.GsmAka.GSM)
                .getFirst();
        String where = "seed " + seed + ", case " + run;
        assertThat(HEX.formatHex(quintuplet.autn())).as(where).isEqualTo(peer.get("autn"));
        assertThat(HEX.formatHex(quintuplet.xres())).as(where).isEqualTo(peer.get("res"));
        assertThat(HEX.formatHex(quintuplet.ck())).as(where).isEqualTo(peer.get("ck"));
        assertThat(HEX.formatHex(quintuplet.ik())).as(where).isEqualTo(peer.get("ik"));
        assertThat(HEX.formatHex(triplet.sres())).as(where).isEqualTo(peer.get("sres"));
        assertThat(HEX.formatHex(triplet.kc())).as(where).isEqualTo(peer.get("kc"));
    }

    private void comp128(int run, int version) throws Exception {
        byte[] ki = octets(16);
        byte[] rand = octets(16);
        Map<String, String> peer =
                osmoAucGen("-2", "-a", "comp128v" + version, "-k", HEX.formatHex(ki), "-r", HEX.formatHex(rand));
        MemorySegment out = Native.zeros(12);
        new Comp128(Native.zeros(Comp128.WORKSPACE)).compute(version, Native.of(ki), Native.of(rand), out);
        assertThat(Native.hex(out)).as("seed %d, case %d", seed, run).isEqualTo(peer.get("sres") + peer.get("kc"));
    }
}
