package org.kiln.perf.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.kiln.perf.scratch.ScratchData;

/** {@code h2load} in a closed loop: so many requests at a time over HTTP/2, as fast as they are answered. */
final class H2Load {

    private static final int CONNECTIONS = 8;
    private static final int AT_A_TIME = 32;
    private static final int MOST_PATHS = 200_000;
    private static final long SEED = 20_261_128;

    /** A prime, so that it brings no two ranks to one number, unless there are so many paths or a multiple. */
    private static final long SCATTER = 7_368_787;

    private static final Pattern RATE = Pattern.compile("finished in [^,]+, ([0-9.]+) req/s");
    private static final Pattern CODES =
            Pattern.compile("status codes: (\\d+) 2xx, (\\d+) 3xx, (\\d+) 4xx, (\\d+) 5xx");

    private final Path scratch;
    private final int seconds;
    private final Random random = new Random(SEED);

    H2Load(Path scratch, int seconds) {
        this.scratch = scratch;
        this.seconds = seconds;
    }

    /** How often those are asked for who can be. */
    enum Spread {
        EVEN,
        ZIPF
    }

    /**
     * Requests that differ in their paths.
     *
     * @param paths how many there are
     * @param path of each, from 0
     * @param spread how often each is asked for
     * @param what in words
     */
    record Work(int port, int paths, IntFunction<String> path, Spread spread, String body, String what) {

        /** A request for EPS vectors as TS 29.503 has it, of each subscriber in turn. */
        static Work eps(int port, int subscribers, int vectors) {
            return eps(port, subscribers, vectors, Spread.EVEN, " in turn");
        }

        /** The same of subscribers who ask as often as by Zipf's law. */
        static Work epsByZipf(int port, int subscribers, int vectors) {
            return eps(port, subscribers, vectors, Spread.ZIPF, " by Zipf's law, exponent 1");
        }

        private static Work eps(int port, int subscribers, int vectors, Spread spread, String order) {
            return new Work(
                    port,
                    subscribers,
                    number -> "/nudm-ueau/v1/" + ScratchData.supi(number).value()
                            + "/hss-security-information/eps-aka/generate-av",
                    spread,
                    "{\"hssAuthType\":\"EPS_AKA\",\"numOfRequestedVectors\":" + vectors
                            + ",\"servingNetworkId\":{\"mcc\":\"001\",\"mnc\":\"01\"}}",
                    vectors + " EPS vectors a request, " + subscribers + " subscribers" + order);
        }

        /** A request for a 5G vector of whoever is concealed in a SUCI. */
        static Work fiveG(int port, List<String> sucis) {
            return new Work(
                    port,
                    sucis.size(),
                    number -> "/nudm-ueau/v1/" + sucis.get(number) + "/security-information/generate-auth-data",
                    Spread.EVEN,
                    "{\"servingNetworkName\":\"5G:mnc001.mcc001.3gppnetwork.org\",\"ausfInstanceId\":"
                            + "\"4947a69a-f61b-4bc1-b9da-47c9c5d14b64\"}",
                    "one 5G vector a request, " + sucis.size() + " SUCIs in turn");
        }

        private String uri(int number) {
            return "http://127.0.0.1:" + port + path.apply(number);
        }
    }

    /**
     * Requests answered in a second. Each connection is a process of its own with subscribers of its own: connections of one
     * process all go through one list in step, and would ask for each subscriber eight times at once. Every call asks for
     * others, or in another order: no page of the database is there because it was read a moment ago.
     */
    double rate(Work work) {
        try {
            Path body = Files.writeString(scratch.resolve("body.json"), work.body());
            int[] numbers = work.spread == Spread.ZIPF ? byZipf(random, work.paths) : numbers(work.paths);
            int share = numbers.length / CONNECTIONS;
            List<Process> processes = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                Path own = scratch.resolve("uris-" + i + ".txt");
                Files.write(
                        own,
                        Arrays.stream(numbers, i * share, (i + 1) * share)
                                .mapToObj(work::uri)
                                .toList());
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

    /**
     * The rank of whoever asks is drawn from the density 1/x up to {@code paths}: Zipf's law of exponent 1. Ranks are scattered, so
     * that those who ask often are no neighbours in the database.
     */
    static int[] byZipf(Random random, int paths) {
        return random.doubles(MOST_PATHS)
                .mapToLong(share -> (long) Math.pow(paths, share))
                .mapToInt(rank -> (int) (rank * SCATTER % paths))
                .toArray();
    }

    private int[] numbers(int paths) {
        if (paths > MOST_PATHS) {
            return random.ints(MOST_PATHS, 0, paths).toArray();
        }
        int[] all = IntStream.range(0, paths).toArray();
        for (int i = all.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int kept = all[i];
            all[i] = all[other];
            all[other] = kept;
        }
        return all;
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
        return CONNECTIONS + " times h2load -c 1 -m " + AT_A_TIME + ", " + work.what() + ", listener without TLS";
    }
}
