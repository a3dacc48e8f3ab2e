package org.kiln.perf.bench;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.kiln.auc.v1.Answer;
import org.kiln.auc.v1.VectorKind;
import org.kiln.auc.v1.VectorRequest;
import org.kiln.perf.scratch.ScratchData;

/** gRPC in a closed loop: some connections with so many requests on their way each, on one stream or each on its own. */
final class GrpcLoad {

    private static final String SERVICE = "/kiln.auc.v1.AuthenticationCentre/";
    private static final int CONNECTIONS = 4;
    private static final int AT_A_TIME = 64;
    private static final int PREFIX = 5;
    private static final long NANOS = 1_000_000_000L;

    /** What is called. */
    enum Method {
        /** One request and one answer a call. */
        GET_VECTORS("GetVectors"),
        /** All of a connection's requests and answers in one call. */
        STREAM_VECTORS("StreamVectors");

        private final String wireName;

        Method(String wireName) {
            this.wireName = wireName;
        }
    }

    private final Method method;
    private final int port;
    private final int subscribers;
    private final int vectors;
    private final int seconds;

    /**
     * @param subscribers asked for in turn
     * @param vectors of EPS in each request
     */
    GrpcLoad(Method method, int port, int subscribers, int vectors, int seconds) {
        this.method = method;
        this.port = port;
        this.subscribers = subscribers;
        this.vectors = vectors;
        this.seconds = seconds;
    }

    /** Requests answered with vectors in a second. */
    double rate() {
        double sum = 0;
        try (ExecutorService callers = Executors.newFixedThreadPool(CONNECTIONS)) {
            List<Future<Double>> rates = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                int first = i;
                rates.add(callers.submit(() -> new Calls(first).rate()));
            }
            for (Future<Double> rate : rates) {
                sum += rate.get();
            }
        } catch (ExecutionException e) {
            throw new BenchException("gRPC on port " + port + ": " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted", e);
        }
        return sum;
    }

    /** A connection's. */
    private final class Calls implements Http2Connection.Listener {

        private static final int NONE = -1;

        /** Of answers that have not come whole, by the number of their call. */
        private final Map<Integer, byte[]> rests = new HashMap<>();

        private int next;
        private long answers;
        private int stream = NONE;
        private boolean broken;

        Calls(int first) {
            next = first;
        }

        double rate() throws IOException {
            try (Http2Connection connection = new Http2Connection(port)) {
                long start = System.nanoTime();
                long asked = 0;
                long now = start;
                while (now - start < seconds * NANOS || answers < asked) {
                    while (now - start < seconds * NANOS && asked < answers + AT_A_TIME) {
                        ask(connection);
                        asked++;
                    }
                    connection.flush();
                    do {
                        connection.read(this);
                    } while (connection.isReady());
                    if (broken) {
                        throw new IOException(method.wireName + " was ended after " + answers + " answers");
                    }
                    now = System.nanoTime();
                }
                return answers * (double) NANOS / (now - start);
            }
        }

        private void ask(Http2Connection connection) throws IOException {
            boolean alone = method == Method.GET_VECTORS;
            if (alone || stream == NONE) {
                stream = connection.call(SERVICE + method.wireName);
            }
            connection.body(stream, request(), alone);
        }

        private byte[] request() {
            byte[] message = VectorRequest.newBuilder()
                    .setId(next)
                    .setSupi(ScratchData.supi(next % subscribers).value())
                    .setKind(VectorKind.VECTOR_KIND_EPS)
                    .setCount(vectors)
                    .setPlmn("001-01")
                    .build()
                    .toByteArray();
            next += CONNECTIONS;
            return ByteBuffer.allocate(PREFIX + message.length)
                    .put((byte) 0)
                    .putInt(message.length)
                    .put(message)
                    .array();
        }

        @Override
        public void body(int number, byte[] part) throws IOException {
            byte[] rest = rests.remove(number);
            byte[] octets = rest == null ? part : joined(rest, part);
            int at = 0;
            while (octets.length - at >= PREFIX) {
                int end = at + PREFIX + ByteBuffer.wrap(octets).getInt(at + 1);
                if (end > octets.length) {
                    break;
                }
                take(CodedInputStream.newInstance(octets, at + PREFIX, end - at - PREFIX));
                at = end;
            }
            if (at < octets.length) {
                rests.put(number, Arrays.copyOfRange(octets, at, octets.length));
            }
        }

        private static byte[] joined(byte[] first, byte[] second) {
            byte[] both = Arrays.copyOf(first, first.length + second.length);
            System.arraycopy(second, 0, both, first.length, second.length);
            return both;
        }

        /** Counts its vectors and leaves them unread: the processors are the node's too. */
        private void take(CodedInputStream answer) throws IOException {
            int found = 0;
            for (int tag = answer.readTag(); tag != 0; tag = answer.readTag()) {
                if (WireFormat.getTagFieldNumber(tag) == Answer.VECTORS_FIELD_NUMBER) {
                    found++;
                }
                answer.skipField(tag);
            }
            if (found != vectors) {
                throw new IOException("a request was answered by " + found + " vectors");
            }
            answers++;
        }

        @Override
        public void ended(int number, boolean ok) {
            broken |= !ok || method == Method.STREAM_VECTORS || rests.containsKey(number);
        }
    }

    /** As it is put into a report. */
    String how() {
        return method.wireName + ", " + CONNECTIONS + " connections with " + AT_A_TIME + " requests of " + vectors
                + " EPS vectors on their way each, " + subscribers + " subscribers in turn";
    }
}
