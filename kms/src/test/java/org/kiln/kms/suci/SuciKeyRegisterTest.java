package org.kiln.kms.suci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.kms.keys.Curve;
import org.kiln.kms.keys.KeyException;

class SuciKeyRegisterTest {

    @TempDir
    private Path folder;

    private ScratchHomeNetwork network;

    @BeforeEach
    void open() {
        network = new ScratchHomeNetwork(folder);
    }

    @AfterEach
    void close() {
        network.close();
    }

    private void execute(String sql) {
        network.node().database().write(connection -> {
            try (var statement = connection.createStatement()) {
                return statement.executeUpdate(sql);
            }
        });
    }

    /** Else who can write the database could put his own key on new cards, or keep an old one in use. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "public_key = (select public_key from suci_key where identifier = 3)",
                "state = 'RETIRING'",
                "identifier = 9",
                "made_at = '2026-11-25T00:00:00Z'",
                "scheme = 'PROFILE_A'"
            })
    void aChangedRowIsRefused(String change) {
        execute("update suci_key set " + change + " where identifier = 2");
        assertThatThrownBy(() -> network.register().list())
                .isInstanceOf(SuciKeyException.class)
                .hasMessageContaining("changed by somebody else");
    }

    @Test
    void noIdentifierIsGivenTwice() {
        network.register().change(2, SuciKeyState.RETIRING, Instant.EPOCH);
        network.register().change(2, SuciKeyState.RETIRED, Instant.EPOCH);
        SuciKey again =
                SuciKey.made(2, ProtectionScheme.PROFILE_B, network.key(3).point(), Instant.EPOCH);
        assertThatThrownBy(() -> network.register().add(again)).isInstanceOf(SuciKeyException.class);
        assertThatThrownBy(() ->
                        network.node().tokens().call(session -> network.keys().create(session, 3, Curve.P256)))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("already");
        assertThat(network.key(2).state()).isEqualTo(SuciKeyState.RETIRED);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 256})
    void identifiersThatNoSuciCanNameAreRefused(int identifier) {
        assertThatThrownBy(() -> SuciKey.requireUsable(identifier, ProtectionScheme.PROFILE_A))
                .isInstanceOf(SuciKeyException.class);
    }
}
