package org.kiln.perf.bench;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.kiln.auc.v1.Answer;
import org.kiln.auc.v1.VectorKind;
import org.kiln.auc.v1.VectorRequest;
import org.kiln.perf.scratch.ScratchData;

/** {@code StreamVectors} in a closed loop: some connections with a stream each, which has so many requests on their way. */
final class GrpcLoad {

    private static final String PATH = "/kiln.auc.v1.AuthenticationCentre/StreamVectors";
    private static final int CONNECTIONS = 4;
    private static final int AT_A_TIME = 64;
    private static final int PREFIX = 5;
    private static final long NANOS = 1_000_000_000L;

    private final int port;
    private final int subscribers;
    private final int vectors;
    private final int seconds;

    /**
     * @param subscribers asked for in turn
     * @param vectors of EPS in each request
     */
    GrpcLoad(int port, int subscribers, int vectors, int seconds) {
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
                rates.add(callers.submit(() -> new Stream(first).rate()));
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

    /** One stream, on a connection of its own. */
    private final class Stream implements Http2Connection.Listener {

        /** Of an answer that has not come whole. */
        private byte[] rest = {};

        private int next;
        private long answers;
        private boolean ended;

        Stream(int first) {
            next = first;
        }

        double rate() throws IOException {
            try (Http2Connection connection = new Http2Connection(port)) {
                int call = connection.call(PATH);
                long start = System.nanoTime();
                long asked = 0;
                long now = start;
                while (now - start < seconds * NANOS || answers < asked) {
                    while (now - start < seconds * NANOS && asked < answers + AT_A_TIME) {
                        connection.body(call, request(), false);
                        asked++;
                    }
                    connection.flush();
                    do {
                        connection.read(this);
                    } while (connection.isReady());
                    if (ended) {
                        throw new IOException("the stream was ended after " + answers + " answers");
                    }
                    now = System.nanoTime();
                }
                return answers * (double) NANOS / (now - start);
            }
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
            byte[] octets = rest.length == 0 ? part : joined(rest, part);
            int at = 0;
            while (octets.length - at >= PREFIX) {
                int end = at + PREFIX + ByteBuffer.wrap(octets).getInt(at + 1);
                if (end > octets.length) {
                    break;
                }
                take(CodedInputStream.newInstance(octets, at + PREFIX, end - at - PREFIX));
                at = end;
            }
            rest = Arrays.copyOfRange(octets, at, octets.length);
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
            ended = true;
        }
    }

    /** As it is put into a report. */
    String how() {
        return "StreamVectors, " + CONNECTIONS + " connections with " + AT_A_TIME + " requests of " + vectors
                + " EPS vectors on their way each, " + subscribers + " subscribers in turn";
    }
}
