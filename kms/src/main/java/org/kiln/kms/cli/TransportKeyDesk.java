package org.kiln.kms.cli;

import java.util.function.BiFunction;
import java.util.function.Function;
import org.kiln.kms.approval.Act;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.keys.Ceremony;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.provisioning.TransportKeyRegister;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.kms.server.DualControl;
import org.kiln.kms.server.TokenConnection;
import org.kiln.kms.store.Database;
import org.kiln.secret.Secret;

/**
 * Where commands meet the register of transport keys and, for a ceremony, the security officer. A ceremony wants a
 * process that is not logged in, so the register's code key is fetched before it.
 */
final class TransportKeyDesk {

    private final DataOption data;
    private final TokenConnection connection;

    TransportKeyDesk(DataOption data) {
        this.data = data;
        connection = TokenConnection.load(data.folder(), data.configuration().hsm());
    }

    /** Work with the register alone. */
    <T> T atRegister(Function<TransportKeyRegister, T> work) {
        try (RecordMac mac = recordMac();
                Database database = data.database()) {
            return work.apply(new TransportKeyRegister(database, mac));
        }
    }

    /** Work that two people must want, with the register alone. */
    <T> T atRegister(Act act, String object, Function<TransportKeyRegister, T> work) {
        try (RecordMac mac = recordMac();
                Database database = data.database()) {
            return work.apply(new TransportKeyRegister(database, mac)
                    .under(new DualControl(data.folder(), data.configuration(), database, mac).permit(act, object)));
        }
    }

    /** Work that two people must want, with both PINs at hand. */
    <T> T inCeremony(Act act, String object, BiFunction<Ceremony, TransportKeyRegister, T> work) {
        return atRegister(act, object, register -> withPins(work, register));
    }

    /** Work with both PINs at hand. */
    <T> T inCeremony(BiFunction<Ceremony, TransportKeyRegister, T> work) {
        return atRegister(register -> withPins(work, register));
    }

    private <T> T withPins(BiFunction<Ceremony, TransportKeyRegister, T> work, TransportKeyRegister register) {
        try (Secret soPin = connection.soPin();
                Secret userPin = connection.userPin()) {
            return work.apply(connection.ceremony(soPin, userPin), register);
        }
    }

    private RecordMac recordMac() {
        try (TokenCluster token = connection.openFirst()) {
            return token.call(session -> RecordMac.derive(session, new KeyRing()));
        }
    }

    /** @throws ConfigurationException if the register has the label already */
    static void requireFree(TransportKeyRegister register, String label) {
        register.find(label).ifPresent(key -> {
            throw new ConfigurationException("the register has a transport key '" + label + "' already, for "
                    + key.partner() + " (" + key.state() + "); choose another label");
        });
    }
}
