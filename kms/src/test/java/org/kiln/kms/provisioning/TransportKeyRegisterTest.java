package org.kiln.kms.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.kms.keys.Kcv;
import org.kiln.kms.keys.KeyAudit;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.keys.ScratchKeys;
import org.kiln.kms.keys.TransportKeys;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Session;

@Tag(ScratchDatabase.TAG)
class TransportKeyRegisterTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final LocalDate TODAY = LocalDate.of(2026, 11, 24);

    /** Every change of state that a transport key's life allows. */
    private static final Map<TransportKeyState, Set<TransportKeyState>> LIFE = Map.of(
            TransportKeyState.PRE_ACTIVE, EnumSet.of(TransportKeyState.ACTIVE, TransportKeyState.DESTROYED),
            TransportKeyState.ACTIVE, EnumSet.of(TransportKeyState.SUSPENDED, TransportKeyState.RETIRED),
            TransportKeyState.SUSPENDED,
                    EnumSet.of(TransportKeyState.ACTIVE, TransportKeyState.RETIRED, TransportKeyState.DESTROYED),
            TransportKeyState.RETIRED, EnumSet.of(TransportKeyState.DESTROYED),
            TransportKeyState.DESTROYED, EnumSet.of(TransportKeyState.DESTROYED));

    @TempDir
    private Path folder;

    private ScratchKeys keys;
    private RecordMac mac;
    private Database database;
    private TransportKeyRegister register;

    @BeforeEach
    void open() {
        keys = ScratchKeys.create();
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            mac = RecordMac.derive(session, new KeyRing());
        }
        database = Database.open(ScratchDatabase.in(folder));
        database.migrate("auc");
        register = new TransportKeyRegister(database, mac);
    }

    @AfterEach
    void close() {
        database.close();
        mac.close();
        keys.close();
    }

    private static TransportKey key(Direction direction, TransportKeyState state, TransportKey.Period period) {
        return new TransportKey(
                "acme", "acme", direction, 32, new Kcv("A1B2C3", "0123456789"), state, period, NOW, NOW);
    }

    private static TransportKey.Period period(String first, String last) {
        return new TransportKey.Period(day(first), day(last));
    }

    private static Optional<LocalDate> day(String day) {
        return day.isEmpty() ? Optional.empty() : Optional.of(LocalDate.parse(day));
    }

    @Test
    void whatIsAddedIsFound() {
        TransportKey key = key(Direction.OUTGOING, TransportKeyState.ACTIVE, period("2026-01-01", "2027-01-01"));
        register.add(key);
        assertThat(register.find("acme")).contains(key);
        assertThat(register.list()).containsExactly(key);
        assertThat(register.find("nobody")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(TransportKeyState.class)
    void aKeyTakesTheStepsOfItsLifeAndNoOther(TransportKeyState from) {
        for (TransportKeyState to : TransportKeyState.values()) {
            TransportKey key = key(Direction.OUTGOING, from, TransportKey.Period.UNBOUNDED);
            database.write(connection -> {
                try (Statement statement = connection.createStatement()) {
                    return statement.executeUpdate("delete from transport_key");
                }
            });
            register.add(key);
            Instant later = NOW.plusSeconds(60);
            if (LIFE.get(from).contains(to)) {
                assertThat(register.change("acme", to, later).state()).isEqualTo(to);
                assertThat(register.find("acme").orElseThrow().changedAt()).isEqualTo(later);
            } else {
                assertThatThrownBy(() -> register.change("acme", to, later))
                        .isInstanceOf(TransportKeyException.class)
                        .hasMessageContaining(from + " and cannot become " + to);
                assertThat(register.find("acme")).contains(key);
            }
        }
    }

    @Test
    void onlyAnActiveKeyWithinItsPeriodIsUsed() {
        for (TransportKeyState state : TransportKeyState.values()) {
            TransportKey outgoing = key(Direction.OUTGOING, state, TransportKey.Period.UNBOUNDED);
            TransportKey incoming = key(Direction.INCOMING, state, TransportKey.Period.UNBOUNDED);
            assertThat(outgoing.refusal(TODAY).isEmpty()).isEqualTo(state == TransportKeyState.ACTIVE);
            assertThat(incoming.refusal(TODAY).isEmpty())
                    .isEqualTo(state == TransportKeyState.ACTIVE || state == TransportKeyState.RETIRED);
        }
        assertThat(refusal("2026-11-25", ""))
                .hasValueSatisfying(why -> assertThat(why).contains("from 2026-11-25"));
        assertThat(refusal("", "2026-11-23"))
                .hasValueSatisfying(why -> assertThat(why).contains("until 2026-11-23"));
        assertThat(refusal("2026-11-24", "2026-11-24")).isEmpty();
    }

    private static Optional<String> refusal(String first, String last) {
        return key(Direction.OUTGOING, TransportKeyState.ACTIVE, period(first, last))
                .refusal(TODAY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "partner = 'mallory'",
                "direction = 'INCOMING'",
                "octets = 16",
                "kcv_zero = '000000'",
                "kcv_cmac = ''",
                "state = 'SUSPENDED'",
                "first_day = '2000-01-01'",
                "last_day = '2099-01-01'",
                "made_at = '2000-01-01T00:00:00Z'",
                "changed_at = '2000-01-01T00:00:00Z'",
                "label = 'renamed'",
                "mac = null"
            })
    void aRowThatSomebodyChangedIsRefused(String change) {
        register.add(key(Direction.OUTGOING, TransportKeyState.ACTIVE, TransportKey.Period.UNBOUNDED));
        database.write(connection -> {
            try (Statement statement = connection.createStatement()) {
                return statement.executeUpdate("update transport_key set " + change);
            }
        });
        assertThatThrownBy(() -> register.list())
                .isInstanceOf(TransportKeyException.class)
                .hasMessageContaining("changed by somebody else");
    }

    @Test
    void theAuditNamesKeysPastTheirPeriodAndKeysThatAreGone() {
        new TransportKeys(keys.ceremony()).generate("held", 32);
        List<TransportKey> registered = Stream.of("held", "gone")
                .map(label -> new TransportKey(
                        label,
                        "acme",
                        Direction.OUTGOING,
                        32,
                        new Kcv("A1B2C3", "0123456789"),
                        TransportKeyState.ACTIVE,
                        period("", label.equals("held") ? "2026-11-23" : ""),
                        NOW,
                        NOW))
                .toList();
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            assertThat(new TransportKeyAudit(TODAY).run(session, registered))
                    .containsExactly(
                            new KeyAudit.Finding(KeyAudit.Rule.PAST_CRYPTO_PERIOD, "held"),
                            new KeyAudit.Finding(KeyAudit.Rule.KEY_MISSING, "gone"));
        }
    }
}
