package org.kiln.perf.measure;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.kms.server.DataFolder;
import org.kiln.perf.plan.Costs;
import org.kiln.perf.scratch.NodeProcess;
import org.kiln.perf.scratch.ScratchData;

/** {@code generate-auth-data} of a node in a process of its own: HTTP/2 over TLS 1.3 on loopback, keys in use. */
record HttpMeasurement(DataFolder folder, int seconds, int warmUpSeconds) {

    private static final int AT_A_TIME = 64;
    private static final int HOT_SET = 1000;
    private static final int WARM_UP_REQUESTS = 40_000;
    private static final int COUNTED = 2000;
    private static final double NANOS = 1e9;
    private static final String HOST = "127.0.0.1";
    private static final Buffer BODY = Buffer.buffer("{\"servingNetworkName\":\"5G:mnc001.mcc001.3gppnetwork.org\","
            + "\"ausfInstanceId\":\"3fa85f64-5717-4562-b3fc-2c963f66afa6\"}");

    /** @param cpuMicros of the server, all of a request */
    record Rate(double cpuMicros, double perSecond) {}

    /** What was found. */
    record Result(Rate rate, Costs.Wire wire) {}

    Result measure() throws IOException {
        Vertx vertx = Vertx.vertx();
        try (NodeProcess node = NodeProcess.start(folder.root(), List.of())) {
            HttpClient client = client(vertx);
            drive(client, node, warmUpSeconds, WARM_UP_REQUESTS);
            Rate rate = drive(client, node, seconds, Long.MAX_VALUE);
            return new Result(rate, wire(vertx, client, node.port()));
        } finally {
            vertx.close().await();
        }
    }

    private HttpClient client(Vertx vertx) {
        LabAuthority.ClientIdentity identity = LabAuthority.client(folder.pki(), "udm");
        return vertx.createHttpClient(new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setUseAlpn(true)
                .setSsl(true)
                .setKeyCertOptions(new PemKeyCertOptions()
                        .addCertPath(identity.certificate().toString())
                        .addKeyPath(identity.key().toString()))
                .setTrustOptions(new PemTrustOptions()
                        .addCertPath(LabAuthority.open(folder.pki())
                                .certificateFile()
                                .toString())));
    }

    private static Rate drive(HttpClient client, NodeProcess node, int seconds, long most) {
        Duration cpu = node.cpu();
        long start = System.nanoTime();
        long done = 0;
        Requests requests = new Requests(client, node.port());
        while (done < most && System.nanoTime() - start < seconds * NANOS) {
            requests.send((int) (done++ % HOT_SET));
        }
        requests.finish();
        double elapsed = (System.nanoTime() - start) / NANOS;
        return new Rate(node.cpu().minus(cpu).toNanos() / 1e3 / done, done / elapsed);
    }

    private static Costs.Wire wire(Vertx vertx, HttpClient client, int port) {
        LongAdder up = new LongAdder();
        LongAdder down = new LongAdder();
        NetClient onward = vertx.createNetClient();
        NetServer counter = vertx.createNetServer().connectHandler(near -> {
            near.pause();
            onward.connect(port, HOST).onSuccess(far -> {
                count(near, far, up);
                count(far, near, down);
                near.resume();
            });
        });
        counter.listen(0, HOST).await();
        Requests requests = new Requests(client, counter.actualPort());
        requests.send(0);
        requests.finish();
        up.reset();
        down.reset();
        for (int i = 0; i < COUNTED; i++) {
            requests.send(i % HOT_SET);
        }
        requests.finish();
        return new Costs.Wire((double) up.sum() / COUNTED, (double) down.sum() / COUNTED);
    }

    private static void count(NetSocket from, NetSocket to, LongAdder octets) {
        from.handler(buffer -> {
            octets.add(buffer.length());
            to.write(buffer);
        });
        from.closeHandler(closed -> to.close());
    }

    /** Requests, so many at a time. */
    private static final class Requests {

        private final HttpClient client;
        private final int port;
        private final Semaphore room = new Semaphore(AT_A_TIME);
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

        Requests(HttpClient client, int port) {
            this.client = client;
            this.port = port;
        }

        void send(int number) {
            room.acquireUninterruptibly();
            client.request(new RequestOptions()
                            .setMethod(HttpMethod.POST)
                            .setHost(HOST)
                            .setPort(port)
                            .setURI("/nudm-ueau/v1/" + ScratchData.supi(number).value()
                                    + "/security-information/generate-auth-data"))
                    .compose(request -> request.putHeader("content-type", "application/json")
                            .send(BODY))
                    .compose(answer -> answer.statusCode() == 200
                            ? answer.body()
                            : Future.failedFuture("a request was answered " + answer.statusCode()))
                    .onComplete(done -> {
                        if (done.failed()) {
                            failure.set(done.cause());
                        }
                        room.release();
                    });
        }

        void finish() {
            room.acquireUninterruptibly(AT_A_TIME);
            room.release(AT_A_TIME);
            Throwable why = failure.get();
            if (why != null) {
                throw new MeasurementException("a request failed: " + why.getMessage(), why);
            }
        }
    }
}
