package org.kiln.kms.cli;

import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.keys.HomeNetworkKeys;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.server.TokenConnection;
import org.kiln.kms.store.Database;
import org.kiln.kms.suci.SuciKeyRegister;

/** Where commands meet the register of home-network keys and the token that holds them. Works beside a running node. */
final class SuciKeyDesk {

    private final DataOption data;

    SuciKeyDesk(DataOption data) {
        this.data = data;
    }

    /** Work with both. */
    interface Work<T> {
        T at(SuciKeyRegister register, TokenCluster token, HomeNetworkKeys keys);
    }

    <T> T open(Work<T> work) {
        TokenConnection connection =
                TokenConnection.load(data.folder(), data.configuration().hsm());
        KeyRing ring = new KeyRing();
        try (TokenCluster token = connection.openFirst();
                RecordMac mac = token.call(session -> RecordMac.derive(session, ring));
                Database database = data.database()) {
            return work.at(new SuciKeyRegister(database, mac), token, new HomeNetworkKeys(ring, token.profile()));
        }
    }
}
