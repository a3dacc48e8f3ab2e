package org.kiln.perf.plan;

import java.util.Arrays;
import java.util.List;
import org.kiln.personalisation.document.Rules;

/**
 * What a request costs on a machine, as {@code kiln plan measure} found it.
 *
 * @param measured on what, when and how
 * @param cores of the machine, which all took part
 * @param hot a request to a subscriber whose keys are in use, from the centre's door to its answer
 * @param cold likewise where they are not: read, authenticated, unwrapped first, and somebody else's put away
 * @param token the token's calls alone, called by one thread
 * @param http decoding, encoding, TLS and network of one request, processor time in microseconds
 * @param wire one request on the wire
 * @param store the database
 * @param openSubscriberBytes memory of a subscriber whose keys are in use
 * @param leftOut what these figures do not hold
 */
public record Costs(
        Origin measured,
        int cores,
        Request hot,
        Request cold,
        Token token,
        Http http,
        Wire wire,
        Store store,
        double openSubscriberBytes,
        List<String> leftOut) {

    public Costs {
        Rules.present("measured", measured);
        Rules.present("hot", hot);
        Rules.present("cold", cold);
        Rules.present("token", token);
        Rules.present("http", http);
        Rules.present("wire", wire);
        Rules.present("store", store);
        Rules.require(cores >= 1, "cores is 1 or more");
        Rules.require(openSubscriberBytes > 0, "openSubscriberBytes is above 0");
        leftOut = Rules.list("leftOut", leftOut);
    }

    /**
     * Where figures come from.
     *
     * @param load the machine's load average before and after: what else it did
     */
    public record Origin(String machine, String date, String command, String software, String load) {}

    /**
     * A request in the centre, all lanes at work.
     *
     * @param cpuMicros processor time
     * @param perSecond how many were answered in a second
     */
    public record Request(double cpuMicros, double perSecond) {

        public Request {
            Rules.require(cpuMicros > 0 && perSecond > 0, "cpuMicros and perSecond are above 0");
        }
    }

    /** Times of the token's calls. */
    public record Token(Times hot, Times cold) {}

    /** @param quantiles of the times in microseconds: as many as there are, evenly spaced, the first of the lowest */
    public record Times(double meanMicros, List<Double> quantiles) {

        public Times {
            quantiles = Rules.list("quantiles", quantiles);
            Rules.require(!quantiles.isEmpty(), "quantiles has at least one");
        }

        /** The times with their mean made 1: the shape that service times are drawn with. */
        public double[] shape() {
            double mean = quantiles.stream()
                    .mapToDouble(Double::doubleValue)
                    .average()
                    .orElseThrow();
            return quantiles.stream().mapToDouble(time -> time / mean).toArray();
        }

        /** Squared coefficient of variation of the shape. */
        public double variation() {
            return Arrays.stream(shape()).map(x -> (x - 1) * (x - 1)).average().orElseThrow();
        }
    }

    /** @param cpuMicros of a request to a node less that of a request to its centre; server's side only */
    public record Http(double cpuMicros, double requestCpuMicros, double requestsPerSecond) {}

    /** Octets of a request and of its answer, records of TLS included, headers of TCP and IP not. */
    public record Wire(double requestBytes, double answerBytes) {}

    /**
     * The database.
     *
     * @param engine such as {@code sqlite 3.53}
     * @param rowBytes a subscriber's row, its part of the index and of the pages' slack included
     * @param eventBytes likewise of an authentication event
     * @param readMicros one row read by its key, its MAC checked
     * @param macMicros of that, the MAC
     * @param writeMicros one row changed and on disk
     * @param batchRows rows changed in the batch
     * @param batchMicros that many rows changed in one transaction and on disk
     * @param walBytes log written for one row changed by itself
     * @param batchWalBytes log written for the batch
     * @param insertsPerSecond rows loaded in a second
     */
    public record Store(
            String engine,
            double rowBytes,
            double eventBytes,
            double readMicros,
            double macMicros,
            double writeMicros,
            int batchRows,
            double batchMicros,
            double walBytes,
            double batchWalBytes,
            double insertsPerSecond) {}
}
