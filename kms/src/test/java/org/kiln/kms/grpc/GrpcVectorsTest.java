package org.kiln.kms.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.auc.v1.Answer;
import org.kiln.auc.v1.Domain;
import org.kiln.auc.v1.Error.Code;
import org.kiln.auc.v1.Resynchronisation;
import org.kiln.auc.v1.Vector;
import org.kiln.auc.v1.VectorKind;
import org.kiln.auc.v1.VectorRequest;
import org.kiln.kms.access.Principal;
import org.kiln.kms.access.TestCallers;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.provisioning.ScratchNode;

/** Calls on a real HTTP/2 connection, a real token behind them. */
class GrpcVectorsTest {

    private static final int SUBSCRIBERS = 40;

    /** Two numbers in many may count as one. */
    private static final int SOME = 20;

    private static final String PROTOBUF = "application/grpc";

    @TempDir
    private Path folder;

    private ScratchNode node;
    private AuthenticationCentre centre;
    private Vertx vertx;
    private HttpClient client;
    private int port;

    @BeforeEach
    void open() throws Exception {
        node = new ScratchNode(folder);
        node.provision(SUBSCRIBERS);
        centre = new AuthenticationCentre(node.tokens(), node.storageKeys(), node.store(), 0, 1, 1000);
        vertx = Vertx.vertx();
        port = listen(true);
        client = vertx.createHttpClient(
                new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));
    }

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
        centre.close();
        node.close();
    }

    private int listen(boolean laboratory) {
        return listen(laboratory, TestCallers.network());
    }

    @Test
    void whoGoesThroughNumbersIsLockedOut() throws Exception {
        Principal scanner = TestCallers.scanning(3);
        int at = listen(false, scanner);
        int asked = 0;
        while (scanner.lockOuts() == 0 && asked < SOME) {
            assertThat(scan(at, 900 + asked).next().getError().getCode()).isEqualTo(Code.CODE_UNKNOWN_SUBSCRIBER);
            asked++;
        }
        assertThat(scan(at, 0).status()).isEqualTo("8");
        assertThat(scanner.lockOuts()).isEqualTo(1);
        assertThat(scanner.askedInVain()).isEqualTo(asked).isGreaterThanOrEqualTo(3);
    }

    private GrpcCall scan(int at, int number) throws Exception {
        return new GrpcCall(client, at, "GetVectors", PROTOBUF)
                .send(request(number, VectorKind.VECTOR_KIND_UMTS).build().toByteArray())
                .end();
    }

    private int listen(boolean laboratory, Principal caller) {
        GrpcVectors grpc = new GrpcVectors(vertx, centre, laboratory);
        return vertx.createHttpServer()
                .requestHandler(request -> grpc.handle(request, caller))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .actualPort();
    }

    private static VectorRequest.Builder request(int number, VectorKind kind) {
        VectorRequest.Builder request = VectorRequest.newBuilder()
                .setId(number)
                .setSupi(ScratchNode.supi(number).value())
                .setKind(kind);
        return switch (kind) {
            case VECTOR_KIND_EPS -> request.setPlmn("001-01");
            case VECTOR_KIND_EAP_AKA_PRIME -> request.setNetworkName("WLAN");
            case VECTOR_KIND_5G_HE, VECTOR_KIND_5G_SE -> request.setNetworkName("5G:mnc001.mcc001.3gppnetwork.org");
            default -> request;
        };
    }

    private GrpcCall call(String method) {
        return new GrpcCall(client, port, method, PROTOBUF);
    }

    private Answer get(VectorRequest.Builder request) throws Exception {
        GrpcCall call = call("GetVectors").send(request.build().toByteArray()).end();
        Answer answer = call.next();
        assertThat(call.status()).isEqualTo("0");
        assertThat(answer.getId()).isEqualTo(request.getId());
        return answer;
    }

    private void refused(VectorRequest.Builder request, Code code) throws Exception {
        Answer answer = get(request);
        assertThat(answer.getError().getCode()).isEqualTo(code);
        assertThat(answer.getError().getDetail()).isNotEmpty();
        assertThat(answer.getVectorsList()).isEmpty();
    }

    private static long sqn(int number, Vector vector) {
        byte[] none = {};
        return ScratchNode.card(number)
                .sqn(new AuthenticationVector.Umts(
                        vector.getRand().toByteArray(), vector.getAutn().toByteArray(), none, none, none));
    }

    @ParameterizedTest
    @EnumSource(
            names = {"VECTOR_KIND_UNSPECIFIED", "UNRECOGNIZED"},
            mode = EnumSource.Mode.EXCLUDE)
    void everyKindInAsManyVectorsAsAskedFor(VectorKind kind) throws Exception {
        assertThat(get(request(7, kind)).getVectorsList()).hasSize(1);
        Answer answer = get(request(7, kind).setCount(32));
        assertThat(answer.getVectorsList()).hasSize(32);
        boolean separated = kind.name().matches(".*(EPS|PRIME|5G).*");
        long last = 0x20;
        for (Vector vector : answer.getVectorsList()) {
            if (kind == VectorKind.VECTOR_KIND_GSM) {
                assertThat(vector.getKindCase()).isEqualTo(Vector.KindCase.GSM);
                assertThat(vector.getAutn().isEmpty()).isTrue();
            } else {
                long sqn = sqn(7, vector);
                assertThat(sqn >>> 5).isGreaterThan(last >>> 5);
                assertThat((vector.getAutn().byteAt(6) & 0x80) != 0).isEqualTo(separated);
                last = sqn;
            }
        }
        Vector.KindCase expected = switch (kind) {
            case VECTOR_KIND_GSM -> Vector.KindCase.GSM;
            case VECTOR_KIND_EPS -> Vector.KindCase.EPS;
            case VECTOR_KIND_EAP_AKA_PRIME -> Vector.KindCase.EAP_AKA_PRIME;
            case VECTOR_KIND_5G_HE -> Vector.KindCase.FIVE_G_HE;
            case VECTOR_KIND_5G_SE -> Vector.KindCase.FIVE_G_SE;
            default -> Vector.KindCase.QUINTUPLET;
        };
        assertThat(answer.getVectors(0).getKindCase()).isEqualTo(expected);
    }

    @Test
    void refusesWithACodeAndAWord() throws Exception {
        refused(request(SUBSCRIBERS, VectorKind.VECTOR_KIND_EPS), Code.CODE_UNKNOWN_SUBSCRIBER);
        refused(request(1, VectorKind.VECTOR_KIND_UNSPECIFIED), Code.CODE_INVALID_REQUEST);
        refused(request(1, VectorKind.VECTOR_KIND_EPS).setKindValue(99), Code.CODE_INVALID_REQUEST);
        refused(request(1, VectorKind.VECTOR_KIND_EPS).setDomainValue(99), Code.CODE_INVALID_REQUEST);
        refused(request(1, VectorKind.VECTOR_KIND_EPS).setSupi("imsi-1"), Code.CODE_INVALID_REQUEST);
        refused(request(1, VectorKind.VECTOR_KIND_EPS).setCount(33), Code.CODE_INVALID_REQUEST);
        refused(request(1, VectorKind.VECTOR_KIND_EPS).setCount(-1), Code.CODE_INVALID_REQUEST);
        refused(request(1, VectorKind.VECTOR_KIND_EPS).setPlmn("00101"), Code.CODE_INVALID_REQUEST);
        refused(request(1, VectorKind.VECTOR_KIND_EPS).setPlmn("001-x"), Code.CODE_INVALID_REQUEST);
        refused(request(1, VectorKind.VECTOR_KIND_5G_HE).setNetworkName("x"), Code.CODE_INVALID_REQUEST);
        refused(request(1, VectorKind.VECTOR_KIND_EAP_AKA_PRIME).setNetworkName(""), Code.CODE_INVALID_REQUEST);
        refused(
                request(1, VectorKind.VECTOR_KIND_EPS).setResynchronisation(Resynchronisation.getDefaultInstance()),
                Code.CODE_INVALID_REQUEST);
    }

    @Test
    void kseafIsForLaboratoriesOnly() throws Exception {
        port = listen(false);
        refused(request(1, VectorKind.VECTOR_KIND_5G_SE), Code.CODE_INVALID_REQUEST);
        assertThat(get(request(1, VectorKind.VECTOR_KIND_5G_HE)).getVectorsList())
                .hasSize(1);
    }

    @Test
    void domainsDoNotShareAnInd() throws Exception {
        Set<Long> inds = new HashSet<>();
        Set<Long> seen = new HashSet<>();
        for (Domain domain :
                new Domain[] {Domain.DOMAIN_PACKET_SWITCHED, Domain.DOMAIN_CIRCUIT_SWITCHED, Domain.DOMAIN_IMS}) {
            inds.clear();
            for (int i = 0; i < 20; i++) {
                inds.add(sqn(
                                3,
                                get(request(3, VectorKind.VECTOR_KIND_UMTS).setDomain(domain))
                                        .getVectors(0))
                        & 0x1f);
            }
            assertThat(seen).doesNotContainAnyElementsOf(inds);
            seen.addAll(inds);
        }
        assertThat(inds)
                .contains(sqn(3, get(request(3, VectorKind.VECTOR_KIND_IMS)).getVectors(0)) & 0x1f);
    }

    @Test
    void resynchronisesWithTheCard() throws Exception {
        ByteString rand =
                get(request(9, VectorKind.VECTOR_KIND_UMTS)).getVectors(0).getRand();
        long sqnMs = 0x0000_4000_0000L;
        byte[] auts = ScratchNode.card(9).auts(rand.toByteArray(), sqnMs);
        byte[] forged = auts.clone();
        forged[13] ^= 1;
        refused(resynchronisation(rand, forged), Code.CODE_AUTS_REJECTED);
        Vector fresh = get(resynchronisation(rand, auts)).getVectors(0);
        assertThat(sqn(9, fresh) >>> 5)
                .as("the next, or as many further as tenths of a second have gone by")
                .isBetween((sqnMs >>> 5) + 1, (sqnMs >>> 5) + 600);
        for (int i = 0; i < 4; i++) {
            get(resynchronisation(rand, auts));
        }
        refused(resynchronisation(rand, auts), Code.CODE_TOO_MANY_RESYNCHRONISATIONS);
    }

    private static VectorRequest.Builder resynchronisation(ByteString rand, byte[] auts) {
        return request(9, VectorKind.VECTOR_KIND_UMTS)
                .setResynchronisation(
                        Resynchronisation.newBuilder().setRand(rand).setAuts(ByteString.copyFrom(auts)));
    }

    @Test
    void aStreamAnswersWhileItIsAsked() throws Exception {
        GrpcCall call = call("StreamVectors");
        for (int i = 0; i < 5; i++) {
            call.send(request(i, VectorKind.VECTOR_KIND_EPS).build().toByteArray());
            Answer answer = call.next();
            assertThat(answer.getId()).isEqualTo(i);
            assertThat(sqn(i, answer.getVectors(0))).isPositive();
        }
        call.send(request(SUBSCRIBERS, VectorKind.VECTOR_KIND_EPS).build().toByteArray());
        assertThat(call.next().getError().getCode()).isEqualTo(Code.CODE_UNKNOWN_SUBSCRIBER);
        assertThat(call.end().status()).isEqualTo("0");
    }

    @Test
    void aStreamAskedAheadIsAnsweredToTheLast() throws Exception {
        int asked = 3000;
        GrpcCall call = call("StreamVectors");
        for (int i = 0; i < asked; i++) {
            call.send(request(i % SUBSCRIBERS, VectorKind.VECTOR_KIND_UMTS)
                    .setId(i)
                    .setCount(5)
                    .build()
                    .toByteArray());
        }
        call.end();
        Set<Long> ids = new HashSet<>();
        Set<Long> sqns = new HashSet<>();
        for (int i = 0; i < asked; i++) {
            Answer answer = call.next();
            int number = (int) (answer.getId() % SUBSCRIBERS);
            assertThat(ids.add(answer.getId())).isTrue();
            assertThat(answer.hasError()).isFalse();
            for (Vector vector : answer.getVectorsList()) {
                assertThat(sqns.add(((long) number << 48) | sqn(number, vector)))
                        .isTrue();
            }
        }
        assertThat(sqns).hasSize(5 * asked);
        assertThat(call.status()).isEqualTo("0");
        assertThat(call.unread()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GetVectors", "StreamVectors"})
    void whatIsNoRequestEndsTheCallAndNothingElse(String method) throws Exception {
        Random random = new Random(20);
        byte[] garbage = new byte[64];
        random.nextBytes(garbage);
        garbage[0] = 0x0f;
        assertThat(call(method).send(garbage).end().status()).isNotEqualTo("0");
        assertThat(call(method).send(new byte[10_000]).end().status()).isNotEqualTo("0");
        assertThat(new GrpcCall(client, port, method, "application/grpc+json")
                        .send("{}".getBytes(StandardCharsets.UTF_8))
                        .end()
                        .status())
                .isNotEqualTo("0");
        assertThat(call("NoSuchMethod").end().status()).isEqualTo("12");
        assertThat(get(request(1, VectorKind.VECTOR_KIND_EPS)).getVectorsList()).hasSize(1);
    }
}
