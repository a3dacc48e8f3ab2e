package org.kiln.kms.subscriber;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.sqn.SqnState;
import org.kiln.transfer.numbering.Supi;

/**
 * A subscriber as the store holds him.
 *
 * @param ki Ki under a storage key; under a host storage key where the guarded host computes
 * @param opc OPc or TOPc under a host storage key; {@link WrappedKey#NONE} where the algorithm has none
 * @param amf 16 bits
 * @param sqn how his sequence numbers are made, and how far they have gone
 * @param method how a 5G core authenticates him
 * @param status whether he is served
 */
public record Subscriber(
        Supi supi,
        Algorithm algorithm,
        WrappedKey ki,
        WrappedKey opc,
        int amf,
        SqnState sqn,
        AuthenticationMethod method,
        SubscriberStatus status) {

    /** A subscriber of 5G AKA who is served. */
    public Subscriber(Supi supi, Algorithm algorithm, WrappedKey ki, WrappedKey opc, int amf, SqnState sqn) {
        this(supi, algorithm, ki, opc, amf, sqn, AuthenticationMethod.FIVE_G_AKA, SubscriberStatus.ACTIVE);
    }

    /** The same subscriber, served or not. */
    public Subscriber withStatus(SubscriberStatus newStatus) {
        return new Subscriber(supi, algorithm, ki, opc, amf, sqn, method, newStatus);
    }

    /** The same subscriber with another state of his sequence numbers. */
    public Subscriber withSqn(SqnState newSqn) {
        return new Subscriber(supi, algorithm, ki, opc, amf, newSqn, method, status);
    }

    /** The same subscriber with another AMF. */
    public Subscriber withAmf(int newAmf) {
        return new Subscriber(supi, algorithm, ki, opc, newAmf, sqn, method, status);
    }

    /** The same subscriber with another method. */
    public Subscriber withMethod(AuthenticationMethod newMethod) {
        return new Subscriber(supi, algorithm, ki, opc, amf, sqn, newMethod, status);
    }

    /** Whether the records are the same. */
    public boolean isSameAs(Subscriber other) {
        return Arrays.equals(authenticated(), other.authenticated());
    }

    /** Whether the records are the same but for how far the sequence numbers have gone. */
    public boolean differsInNumberAtMost(Subscriber other) {
        return Arrays.equals(
                authenticated(),
                other.withSqn(other.sqn().withDurable(sqn.durable())).authenticated());
    }

    /** The same subscriber with his keys wrapped anew. */
    Subscriber withKeys(WrappedKey newKi, WrappedKey newOpc) {
        return new Subscriber(supi, algorithm, newKi, newOpc, amf, sqn, method, status);
    }

    /**
     * The octets that the record's MAC is computed over: every field, each with its length. A field that came after
     * {@code subscriber/2} is written, with its name, only where it is not what it was for everybody before, so that
     * records keep their MACs; the tag tells the two forms apart.
     */
    byte[] authenticated() {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(192);
        try (DataOutputStream out = new DataOutputStream(octets)) {
            boolean hasMore = method != AuthenticationMethod.FIVE_G_AKA || status != SubscriberStatus.ACTIVE;
            out.writeUTF(hasMore ? "subscriber/3" : "subscriber/2");
            out.writeUTF(supi.value());
            out.writeUTF(algorithm.label());
            out.writeUTF(algorithm.parameters());
            write(out, ki);
            write(out, opc);
            out.writeShort(amf);
            out.writeUTF(sqn.scheme().name());
            out.writeByte(sqn.indLength());
            out.writeLong(sqn.durable());
            if (method != AuthenticationMethod.FIVE_G_AKA) {
                out.writeUTF("method");
                out.writeUTF(method.label());
            }
            if (status != SubscriberStatus.ACTIVE) {
                out.writeUTF("status");
                out.writeUTF(status.name());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return octets.toByteArray();
    }

    private static void write(DataOutputStream out, WrappedKey key) throws IOException {
        out.writeUTF(key.keyLabel());
        out.writeShort(key.blob().length);
        out.write(key.blob());
    }
}
