package org.kiln.personalisation.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Statement;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.approval.SecondPerson;
import org.kiln.kms.audit.AuditLog;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.kms.store.StoreLocation;
import org.kiln.personalisation.ScratchCodes;
import org.kiln.personalisation.journal.JournalEntry;
import org.kiln.personalisation.numbering.NumberRange;
import org.kiln.personalisation.numbering.NumberRanges;
import org.kiln.personalisation.numbering.RangeException;
import org.kiln.personalisation.partner.Partner;
import org.kiln.personalisation.partner.PartnerDamagedException;
import org.kiln.personalisation.partner.PartnerRegister;
import org.kiln.personalisation.profile.ProfileBook;
import org.kiln.personalisation.profile.ProfileException;
import org.kiln.personalisation.profile.ProfileState;

/** A database that an earlier release made and filled goes on being one, and from then on nobody else writes it. */
@Tag(ScratchDatabase.TAG)
class EarlierReleaseTest {

    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-28T12:00:00Z"));
    private static final String WAITING = "11111111-1111-4111-8111-111111111111";
    private static final String READY = "22222222-2222-4222-8222-222222222222";

    private final SecondPerson secondPerson = ScratchCodes.secondPerson();

    @TempDir
    private Path folder;

    private StoreLocation location;
    private Database database;
    private PartnerRegister partners;
    private NumberRanges ranges;
    private ProfileBook profiles;
    private OrderBook orders;
    private DeliveryBook deliveries;

    @BeforeEach
    void leaveWhatTheReleaseOfV3Left() throws IOException {
        location = ScratchDatabase.in(folder);
        database = Database.open(location);
        database.migrate("auc");
        migrateTo("3");
        for (String statement : sql().split(";\\s*\\n")) {
            execute(statement);
        }
        partners = new PartnerRegister(database, secondPerson, CLOCK);
        ranges = new NumberRanges(database, secondPerson, CLOCK);
        profiles = new ProfileBook(database, secondPerson, CLOCK);
        orders = new OrderBook(database, profiles, secondPerson, CLOCK);
        deliveries = new DeliveryBook(database, orders, CLOCK);
    }

    @AfterEach
    void close() {
        database.close();
    }

    private static String sql() throws IOException {
        try (var resource = Objects.requireNonNull(
                EarlierReleaseTest.class.getResourceAsStream("/earlier/personalisation-v3.sql"))) {
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private void migrateTo(String version) {
        FluentConfiguration flyway = Flyway.configure();
        String engine = switch (location) {
            case StoreLocation.Sqlite sqlite -> {
                flyway.dataSource("jdbc:sqlite:" + sqlite.file(), null, null);
                yield "sqlite";
            }
            case StoreLocation.PostgreSql server -> {
                flyway.dataSource(server.url(), server.user(), server.password().orElseThrow());
                yield "postgresql";
            }
        };
        flyway.locations("classpath:db/" + engine + "/personalisation", "classpath:db/common/personalisation")
                .table("migration_personalisation")
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .target(version)
                .load()
                .migrate();
    }

    private int execute(String sql) {
        return database.write(connection -> {
            try (Statement statement = connection.createStatement()) {
                return statement.executeUpdate(sql);
            }
        });
    }

    private void open() {
        database.migrate("personalisation");
        enterCodes();
    }

    private void enterCodes() {
        new RowCodes(database, profiles, orders, partners, ranges, CLOCK).enterOnce();
    }

    @Test
    void whatWasThereIsThereAndServes() {
        open();
        requireAllThere();
        assertThatThrownBy(() -> orders.approve(WAITING, "bob")).isInstanceOf(OrderException.Expired.class);
        assertThatThrownBy(() -> profiles.publish("plain", 2, "bob")).isInstanceOf(ProfileException.Expired.class);
        requireServing();
    }

    private void requireAllThere() {
        assertThat(profiles.find("plain", 1).orElseThrow().state()).isEqualTo(ProfileState.PUBLISHED);
        assertThat(partners.find("customer-care"))
                .hasValue(new Partner("customer-care", "care-out", null, "a certificate", null, null, null, null));
        assertThat(ranges.list()).extracting(NumberRange::name).containsExactly("lab-iccid", "lab-imsi");
        Order ready = orders.find(READY).orElseThrow();
        assertThat(ready.state()).isEqualTo(OrderState.READY);
        assertThat(ready.numbers().imsi()).isEqualTo("001010000000001");
        assertThat(deliveries.authentic(READY)).extracting(Delivery::partner).containsExactly("acme");
        assertThat(orders.events(READY))
                .extracting(JournalEntry::event)
                .containsExactly("REQUESTED", "GENERATING", "READY");
        assertThat(new CardStore(database).count(READY)).isEqualTo(2);
    }

    private void requireServing() {
        Order ordered = orders.approve(order("next").id(), "bob");
        assertThat(ordered.numbers().iccid()).isEqualTo("890199000000000002");
        assertThat(ordered.numbers().imsi()).isEqualTo("001010000000003");
        assertThat(deliveries.authentic(ordered.id()))
                .extracting(Delivery::partner)
                .containsExactly("acme", "customer-care");
    }

    private Order order(String key) {
        return orders.enter(PlainOrder.of(key, 1), "acme");
    }

    /** The release of V4 gave profiles and orders their codes, and said so. */
    @Test
    void whatTheReleaseBeforeCodedIsNotTrustedAnew() {
        migrateTo("4");
        database.write(connection -> {
            profiles.enterCodes(connection);
            orders.enterCodes(connection);
            AuditLog.add(connection, CLOCK.instant(), "kiln", "ROW_CODES_ENTERED", "personalisation", "2 and 2");
            return connection;
        });
        execute("update card_order set mac = null where id = '" + WAITING + "'");
        open();
        requireAllThere();
        assertThatThrownBy(() -> orders.find(WAITING)).isInstanceOf(OrderException.Damaged.class);
        requireServing();
    }

    @Test
    void everyRowHasItsCodeAndOneThatIsAlteredIsRefused() {
        open();
        for (String table : List.of("profile", "card_order", "delivery", "partner", "number_range")) {
            assertThat(execute("update " + table + " set mac = mac where mac is null"))
                    .as(table)
                    .isZero();
        }
        Order waits = order("waits");
        execute("update number_range set past = '0001010020000001' where name = 'lab-imsi'");
        assertThatThrownBy(() -> orders.approve(waits.id(), "bob")).isInstanceOf(RangeException.Damaged.class);
        execute("update number_range set past = '0001010010000001' where name = 'lab-imsi'");
        execute("update partner set body = replace(body, 'a certificate', 'another one')");
        assertThatThrownBy(() -> orders.approve(waits.id(), "bob")).isInstanceOf(PartnerDamagedException.class);
        execute("update partner set body = replace(body, 'another one', 'a certificate')");
        assertThat(orders.approve(waits.id(), "bob").state()).isEqualTo(OrderState.GENERATING);
        execute("update delivery set plan = replace(plan, 'a certificate', 'another one')");
        assertThatThrownBy(() -> deliveries.authentic(READY)).isInstanceOf(OrderException.Damaged.class);
        execute("update card_order set first_imsi = '001010000000009'");
        assertThatThrownBy(() -> orders.find(READY)).isInstanceOf(OrderException.Damaged.class);
        execute("update profile set body = replace(body, 'laboratory', 'elsewhere')");
        assertThatThrownBy(() -> profiles.find("plain", 1)).isInstanceOf(ProfileException.Damaged.class);
        execute("update partner set mac = null");
        enterCodes();
        assertThatThrownBy(() -> partners.find("customer-care")).isInstanceOf(PartnerDamagedException.class);
    }
}
