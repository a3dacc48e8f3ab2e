package org.kiln.perf.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kiln.perf.scratch.ScratchData;

/** {@code h2load} in a closed loop: so many requests at a time over HTTP/2, as fast as they are answered. */
final class H2Load {

    private static final int CONNECTIONS = 8;
    private static final int AT_A_TIME = 32;
    private static final long SEED = 20_261_128;
    private static final Pattern RATE = Pattern.compile("finished in [^,]+, ([0-9.]+) req/s");
    private static final Pattern CODES =
            Pattern.compile("status codes: (\\d+) 2xx, (\\d+) 3xx, (\\d+) 4xx, (\\d+) 5xx");

    private final Path scratch;
    private final int seconds;

    H2Load(Path scratch, int seconds) {
        this.scratch = scratch;
        this.seconds = seconds;
    }

    /** A request for EPS vectors as TS 29.503 has it, of each subscriber in turn. */
    record Work(int port, int subscribers, int vectors) {

        String path(int number) {
            return "/nudm-ueau/v1/" + ScratchData.supi(number).value()
                    + "/hss-security-information/eps-aka/generate-av";
        }

        String body() {
            return "{\"hssAuthType\":\"EPS_AKA\",\"numOfRequestedVectors\":" + vectors
                    + ",\"servingNetworkId\":{\"mcc\":\"001\",\"mnc\":\"01\"}}";
        }
    }

    /**
     * Requests answered in a second. Each connection is a process of its own with subscribers of its own: connections of one
     * process all go through one list in step, and would ask for each subscriber eight times at once.
     */
    double rate(Work work) {
        try {
            Path body = Files.writeString(scratch.resolve("body.json"), work.body());
            List<String> uris = uris(work);
            List<Process> processes = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                int share = uris.size() / CONNECTIONS;
                Path own = scratch.resolve("uris-" + i + ".txt");
                Files.write(own, uris.subList(i * share, (i + 1) * share));
                processes.add(start(own, body));
            }
            double sum = 0;
            for (Process process : processes) {
                sum += rate(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            }
            return sum;
        } catch (IOException e) {
            throw new BenchException("h2load cannot be run: " + e.getMessage(), e);
        }
    }

    private Process start(Path uris, Path body) throws IOException {
        return new ProcessBuilder(
                        "h2load",
                        "-c",
                        "1",
                        "-m",
                        Integer.toString(AT_A_TIME),
                        "-D",
                        Integer.toString(seconds),
                        "-i",
                        uris.toString(),
                        "-d",
                        body.toString(),
                        "-H",
                        "content-type: application/json")
                .redirectErrorStream(true)
                .start();
    }

    /** Of each subscriber once, in no order that pages of a database would like. */
    private static List<String> uris(Work work) {
        List<String> uris = new ArrayList<>(work.subscribers());
        for (int number = 0; number < work.subscribers(); number++) {
            uris.add("http://127.0.0.1:" + work.port() + work.path(number));
        }
        Collections.shuffle(uris, new Random(SEED));
        return uris;
    }

    /** What h2load says at its end; an answer that is not 2xx makes the measurement worthless. */
    static double rate(String said) {
        Matcher rate = RATE.matcher(said);
        Matcher codes = CODES.matcher(said);
        if (!rate.find() || !codes.find()) {
            throw new BenchException("h2load said: " + said.strip());
        }
        if (!codes.group(1).matches("[1-9]\\d*") || !(codes.group(3) + codes.group(4)).matches("0+")) {
            throw new BenchException("not every request was answered: " + codes.group());
        }
        return Double.parseDouble(rate.group(1));
    }

    /** As it is put into a report. */
    static String how(Work work) {
        return CONNECTIONS + " times h2load -c 1 -m " + AT_A_TIME + ", " + work.vectors() + " EPS vectors a request, "
                + work.subscribers() + " subscribers in turn, listener without TLS";
    }
}
