package org.kiln.kms.subscriber;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.sqn.SqnScheme;
import org.kiln.kms.sqn.SqnState;
import org.kiln.transfer.numbering.Supi;

/**
 * A subscriber's row as it was read, not yet checked.
 *
 * @param algorithm by its label
 * @param parameters of the algorithm, as {@link AlgorithmText} writes them
 * @param method by its label
 */
record SubscriberRow(
        Supi supi,
        String algorithm,
        String parameters,
        WrappedKey ki,
        WrappedKey opc,
        int amf,
        SqnState sqn,
        byte[] mac,
        String method,
        SubscriberStatus status) {

    /** In the order in which {@link #read} takes them. */
    static final String COLUMNS = "supi, algorithm, ki_key, ki_blob, opc_key, opc_blob, amf, sqn_scheme,"
            + " ind_length, sqn_value, mac, algorithm_parameters, auth_method, status";

    static SubscriberRow read(ResultSet row) throws SQLException {
        return new SubscriberRow(
                new Supi(row.getString(1)),
                row.getString(2),
                row.getString(12),
                new WrappedKey(row.getString(3), row.getBytes(4)),
                new WrappedKey(row.getString(5), row.getBytes(6)),
                row.getInt(7),
                new SqnState(SqnScheme.valueOf(row.getString(8)), row.getInt(9), row.getLong(10)),
                row.getBytes(11),
                row.getString(13),
                SubscriberStatus.valueOf(row.getString(14)));
    }

    /**
     * The subscriber.
     *
     * @throws RecordRefusedException if the row's MAC is wrong
     */
    Subscriber checked(RecordMac recordMac) {
        Subscriber subscriber = new Subscriber(supi, known(), ki, opc, amf, sqn, knownMethod(), status);
        if (!recordMac.verify(subscriber.authenticated(), mac)) {
            throw new RecordRefusedException(supi);
        }
        return subscriber;
    }

    private Algorithm known() {
        try {
            return AlgorithmText.parse(algorithm, parameters);
        } catch (AkaException e) {
            throw new RecordRefusedException(supi);
        }
    }

    private AuthenticationMethod knownMethod() {
        return AuthenticationMethod.labelled(method).orElseThrow(() -> new RecordRefusedException(supi));
    }

    @Override
    public String toString() {
        return "SubscriberRow[" + supi.masked() + "]";
    }
}
