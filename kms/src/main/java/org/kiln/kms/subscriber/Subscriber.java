package org.kiln.kms.subscriber;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.transfer.numbering.Supi;

/**
 * A subscriber as the store holds him.
 *
 * @param ki Ki under a storage key; under a host storage key where the guarded host computes
 * @param opc OPc or TOPc under a host storage key; {@link WrappedKey#NONE} where the algorithm has none
 * @param amf 16 bits
 * @param indLength bits of IND in the SQN
 * @param dif SEQ less the clock, in tenths of seconds
 */
public record Subscriber(
        Supi supi, Algorithm algorithm, WrappedKey ki, WrappedKey opc, int amf, int indLength, long dif) {

    /** The same subscriber with another DIF. */
    public Subscriber withDif(long newDif) {
        return new Subscriber(supi, algorithm, ki, opc, amf, indLength, newDif);
    }

    /** The octets that the record's MAC is computed over: every field, each with its length. */
    byte[] authenticated() {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(192);
        try (DataOutputStream out = new DataOutputStream(octets)) {
            String parameters = algorithm.parameters();
            out.writeUTF(parameters.isEmpty() ? "subscriber/1" : "subscriber/2");
            out.writeUTF(supi.value());
            out.writeUTF(algorithm.label());
            if (!parameters.isEmpty()) {
                out.writeUTF(parameters);
            }
            write(out, ki);
            write(out, opc);
            out.writeShort(amf);
            out.writeByte(indLength);
            out.writeLong(dif);
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
