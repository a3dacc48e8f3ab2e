package org.kiln.kms.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.List;
import org.kiln.auc.v1.Answer;
import org.kiln.auc.v1.Error;
import org.kiln.auc.v1.Error.Code;
import org.kiln.auc.v1.Vector;
import org.kiln.kms.access.AccessException;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.auc.AuthenticationException;
import org.kiln.kms.hsm.TokenBusyException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers of {@code kiln.auc.v1}, encoded. */
final class AnswerWriter {

    private static final Logger LOG = LoggerFactory.getLogger(AnswerWriter.class);

    private AnswerWriter() {}

    /** The answer with these vectors, which are wiped: the messages in between share their arrays. */
    static Buffer vectors(long id, List<AuthenticationVector> vectors) {
        try {
            Answer.Builder answer = Answer.newBuilder().setId(id);
            vectors.forEach(vector -> answer.addVectors(message(vector)));
            byte[] encoded = answer.build().toByteArray();
            Buffer buffer = Buffer.buffer(encoded.length).appendBytes(encoded);
            Arrays.fill(encoded, (byte) 0);
            return buffer;
        } finally {
            vectors.forEach(AuthenticationVector::wipe);
        }
    }

    /** The answer that says why there are none. */
    static Buffer error(long id, Throwable why) {
        Code code = code(why);
        String detail = code == Code.CODE_SYSTEM_FAILURE
                ? "the subscriber cannot be served; the node's log says more"
                : String.valueOf(why.getMessage());
        return Buffer.buffer(Answer.newBuilder()
                .setId(id)
                .setError(Error.newBuilder().setCode(code).setDetail(detail))
                .build()
                .toByteArray());
    }

    private static Code code(Throwable why) {
        return switch (why) {
            case InvalidRequestException _ -> Code.CODE_INVALID_REQUEST;
            case AccessException e -> e.refusal().isForNow() ? Code.CODE_CONGESTION : Code.CODE_NOT_ALLOWED;
            case AuthenticationException.UnknownSubscriber _ -> Code.CODE_UNKNOWN_SUBSCRIBER;
            case AuthenticationException.Suspended _ -> Code.CODE_SUBSCRIBER_SUSPENDED;
            case AuthenticationException.Rejected _ -> Code.CODE_AUTS_REJECTED;
            case AuthenticationException.TooManyResynchronisations _ -> Code.CODE_TOO_MANY_RESYNCHRONISATIONS;
            case AuthenticationException.Unavailable _ -> Code.CODE_UNAVAILABLE;
            case AuthenticationException.RecordDamaged _ -> Code.CODE_SYSTEM_FAILURE;
            case TokenBusyException _ -> Code.CODE_CONGESTION;
            case AkaException.KindNotServed _ -> Code.CODE_KIND_NOT_SERVED;
            case AkaException e -> {
                LOG.error("a subscriber cannot be served: {}", e.getMessage());
                yield Code.CODE_SYSTEM_FAILURE;
            }
            default -> {
                LOG.error("a gRPC request failed unexpectedly", why);
                yield Code.CODE_SYSTEM_FAILURE;
            }
        };
    }

    private static Vector message(AuthenticationVector vector) {
        Vector.Builder message =
                Vector.newBuilder().setRand(shared(vector.rand())).setAutn(shared(vector.autn()));
        switch (vector) {
            case AuthenticationVector.Gsm v ->
                message.getGsmBuilder().setSres(shared(v.sres())).setKc(shared(v.kc()));
            case AuthenticationVector.Umts v ->
                message.getQuintupletBuilder()
                        .setXres(shared(v.xres()))
                        .setCk(shared(v.ck()))
                        .setIk(shared(v.ik()));
            case AuthenticationVector.Eps v ->
                message.getEpsBuilder().setXres(shared(v.xres())).setKasme(shared(v.kasme()));
            case AuthenticationVector.EapAkaPrime v ->
                message.getEapAkaPrimeBuilder()
                        .setXres(shared(v.xres()))
                        .setCkPrime(shared(v.ckPrime()))
                        .setIkPrime(shared(v.ikPrime()));
            case AuthenticationVector.FiveGHe v ->
                message.getFiveGHeBuilder().setXresStar(shared(v.xresStar())).setKausf(shared(v.kausf()));
            case AuthenticationVector.FiveGSe v ->
                message.getFiveGSeBuilder()
                        .setXresStar(shared(v.xresStar()))
                        .setHxresStar(shared(v.hxresStar()))
                        .setKseaf(shared(v.kseaf()));
        }
        return message.build();
    }

    private static ByteString shared(byte[] octets) {
        return UnsafeByteOperations.unsafeWrap(octets);
    }
}
