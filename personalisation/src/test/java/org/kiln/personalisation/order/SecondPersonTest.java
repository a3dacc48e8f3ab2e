package org.kiln.personalisation.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.kms.approval.SecondPerson;
import org.kiln.kms.approval.Waiting;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.keys.ScratchKeys;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.personalisation.document.Documents;
import org.kiln.personalisation.numbering.NumberRange;
import org.kiln.personalisation.numbering.NumberRanges;
import org.kiln.personalisation.numbering.RangeException;
import org.kiln.personalisation.partner.Partner;
import org.kiln.personalisation.partner.PartnerDamagedException;
import org.kiln.personalisation.partner.PartnerRegister;
import org.kiln.personalisation.profile.CardProfile;
import org.kiln.personalisation.profile.ProfileBook;
import org.kiln.personalisation.profile.ProfileException;
import org.kiln.personalisation.profile.ProfileState;
import org.kiln.personalisation.profile.ProfileVersion;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Session;

/** How long drafts and orders wait for a second person, and that who writes the database does not stand in for him. */
@Tag(ScratchDatabase.TAG)
class SecondPersonTest {

    private static final Instant NOON = Instant.parse("2026-11-28T12:00:00Z");
    private static final Duration DAY = Duration.ofHours(24);

    @TempDir
    private static Path folder;

    private static ScratchKeys keys;
    private static RecordMac mac;
    private static Database database;

    private final AtomicReference<Instant> now = new AtomicReference<>(NOON);
    private PartnerRegister partners;
    private NumberRanges ranges;
    private ProfileBook profiles;
    private OrderBook orders;
    private int ordered;

    @BeforeAll
    static void open() {
        keys = ScratchKeys.create();
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            mac = RecordMac.derive(session, new KeyRing());
        }
        database = Database.open(ScratchDatabase.in(folder));
        database.migrate("auc");
        database.migrate("personalisation");
    }

    @AfterAll
    static void close() {
        database.close();
        mac.close();
        keys.close();
    }

    @BeforeEach
    void begin() throws IOException {
        for (String table : List.of(
                "delivery",
                "order_event",
                "number_block",
                "card_order",
                "profile",
                "partner",
                "number_range",
                "audit_entry")) {
            execute("delete from " + table);
        }
        SecondPerson secondPerson = new SecondPerson(mac, DAY);
        partners = new PartnerRegister(database, secondPerson, now::get);
        ranges = new NumberRanges(database, secondPerson, now::get);
        for (var range :
                Documents.yamlAsJson("ranges", Files.readAllBytes(Path.of("..", "examples", "numbers.yaml")))) {
            ranges.add(Documents.readStored(range.toString(), NumberRange.class), "operator");
        }
        execute("delete from audit_entry");
        profiles = new ProfileBook(database, secondPerson, now::get);
        orders = new OrderBook(database, profiles, secondPerson, now::get);
    }

    private static int execute(String sql) {
        return database.write(connection -> {
            try (Statement statement = connection.createStatement()) {
                return statement.executeUpdate(sql);
            }
        });
    }

    private static List<String> audited() {
        return database.read(connection -> {
            try (Statement statement = connection.createStatement();
                    var rows = statement.executeQuery("select actor, act from audit_entry order by number")) {
                List<String> acts = new ArrayList<>();
                while (rows.next()) {
                    acts.add(rows.getString(1) + " " + rows.getString(2));
                }
                return acts;
            }
        });
    }

    private ProfileVersion draft(String retained) {
        return profiles.add(profile(retained, ""), "alice");
    }

    private static CardProfile profile(String retained, String recipient) {
        String yaml = """
                name: plain
                cardKind: UICC
                authentication: {algorithm: milenage, operatorConstant: laboratory}
                codes:
                  PUK1: {rule: random-digits, length: 8}
                keysets: []
                retain: [%s]
                recipients: [%s]
                """.formatted(retained, recipient);
        return Documents.readYaml("the profile", yaml.getBytes(StandardCharsets.UTF_8), CardProfile.class);
    }

    private void published() {
        ProfileVersion draft = draft("");
        profiles.publish("plain", draft.version(), "bob");
    }

    private Order order() {
        return order(null);
    }

    private Order order(@Nullable Integer version) {
        return orders.enter(PlainOrder.of("order-" + ++ordered, version), "acme");
    }

    @Test
    void aDraftIsPublishedInTimeOrPutAgain() {
        ProfileVersion first = draft("");
        assertThat(first.publishUntil()).isEqualTo(NOON.plus(DAY));
        now.set(NOON.plus(DAY));
        assertThatThrownBy(() -> profiles.publish("plain", 1, "bob"))
                .isInstanceOf(ProfileException.Expired.class)
                .hasMessageContaining("kiln profile add");
        assertThat(profiles.find("plain", 1).orElseThrow().state()).isEqualTo(ProfileState.RETIRED);
        assertThat(audited()).containsExactly("alice PROFILE_DRAFTED", "kiln PROFILE_EXPIRED");
        ProfileVersion again = draft("");
        assertThat(again.version()).isEqualTo(2);
        now.set(NOON.plus(DAY).plus(DAY).minusSeconds(1));
        assertThat(profiles.publish("plain", 2, "bob").state()).isEqualTo(ProfileState.PUBLISHED);
        now.set(NOON.plus(Duration.ofDays(90)));
        profiles.expire();
        assertThat(profiles.find("plain", 2).orElseThrow().state()).isEqualTo(ProfileState.PUBLISHED);
    }

    @Test
    void anOrderIsApprovedInTimeOrOrderedAgain() {
        published();
        Order late = order();
        now.set(NOON.plus(DAY).minusSeconds(1));
        Order inTime = order();
        now.set(NOON.plus(DAY));
        for (int again = 0; again < 2; again++) {
            assertThatThrownBy(() -> orders.approve(late.id(), "bob"))
                    .isInstanceOf(OrderException.Expired.class)
                    .hasMessageContaining("ordered again");
        }
        assertThat(orders.find(late.id()).orElseThrow().state()).isEqualTo(OrderState.REJECTED);
        assertThat(orders.events(late.id()).getLast().event()).isEqualTo("EXPIRED");
        assertThat(audited()).endsWith("acme REQUESTED", "acme REQUESTED", "kiln EXPIRED");
        assertThat(orders.approve(inTime.id(), "bob").state()).isEqualTo(OrderState.GENERATING);
        now.set(NOON.plus(Duration.ofDays(90)));
        orders.expire();
        assertThat(orders.find(inTime.id()).orElseThrow().state()).isEqualTo(OrderState.GENERATING);
    }

    @Test
    void aPersonsRefusalIsNotTakenForTheEndOfItsTime() {
        published();
        Order order = order();
        orders.reject(order.id(), "bob", "not now");
        now.set(NOON.plus(DAY));
        assertThatThrownBy(() -> orders.approve(order.id(), "bob")).isInstanceOf(OrderException.WrongState.class);
    }

    @Test
    void whatWaitsIsListedUntilItIsDecidedOrOver() {
        published();
        Order order = order();
        draft("PUK1");
        assertThat(profiles.waiting())
                .containsExactly(new Waiting(
                        "profile-publication",
                        "plain/2",
                        "alice",
                        NOON,
                        NOON.plus(DAY),
                        "kiln profile publish plain 2"));
        assertThat(orders.waiting())
                .containsExactly(new Waiting(
                        "card-order",
                        order.id() + ", 3 cards of profile plain/1 for acme",
                        "acme",
                        NOON,
                        NOON.plus(DAY),
                        "kiln order approve " + order.id()));
        orders.approve(order.id(), "bob");
        assertThat(orders.waiting()).isEmpty();
        now.set(NOON.plus(DAY));
        assertThat(profiles.waiting()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "created_by = 'mallory'",
                "created = '2026-11-28T12:00:01Z'",
                "body = replace(body, '\"laboratory\"', '\"elsewhere\"')",
                "expires = '2099-01-01T00:00:00Z'",
                "expires = null",
                "name = 'other'",
                "mac = null",
                "mac = ''",
                "state = 'PUBLISHED', published = '2026-11-28T12:00:00Z', published_by = 'bob'"
            })
    void whoWritesTheDatabasePublishesNothing(String change) {
        draft("");
        assertThat(execute("update profile set " + change)).isOne();
        String name = profiles.list().getFirst().profile().name();
        String row = change.startsWith("name") ? "other" : name;
        assertThatThrownBy(() -> profiles.publish(row, 1, "bob")).isInstanceOf(ProfileException.Damaged.class);
        assertThatThrownBy(() -> profiles.find(row, 1)).isInstanceOf(ProfileException.Damaged.class);
        assertThatThrownBy(() -> database.read(connection -> profiles.orderable(connection, row, 1)))
                .isInstanceOf(ProfileException.Damaged.class);
        if (change.startsWith("state")) {
            assertThatThrownBy(() -> database.read(connection -> profiles.orderable(connection, row, null)))
                    .isInstanceOf(ProfileException.Damaged.class);
        }
        now.set(NOON.plus(DAY));
        assertThat(profiles.waiting()).isEmpty();
        assertThat(audited()).containsExactly("alice PROFILE_DRAFTED");
    }

    @Test
    void aProfileIsNotChangedOnceItIsPublished() {
        published();
        Order order = order();
        execute("update profile set body = replace(body, 'PUK1', 'PUK2')");
        assertThatThrownBy(this::order).isInstanceOf(ProfileException.Damaged.class);
        assertThatThrownBy(() -> orders.approve(order.id(), "bob")).isInstanceOf(ProfileException.Damaged.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "requested_by = 'mallory'",
                "request = replace(request, '\"quantity\":3', '\"quantity\":300')",
                "request = replace(request, 'a certificate', 'another one')",
                "vendor = 'mallory'",
                "idempotency_key = 'x'",
                "profile_version = 2",
                "created = '2026-11-28T12:00:01Z'",
                "expires = '2099-01-01T00:00:00Z'",
                "expires = null",
                "mac = null",
                "state = 'GENERATING', first_iccid = '1', first_imsi = '1'"
            })
    void whoWritesTheDatabaseApprovesNoOrder(String change) {
        published();
        draft("PUK1");
        profiles.publish("plain", 2, "bob");
        Order order = order(1);
        assertThat(execute("update card_order set " + change)).isOne();
        for (Runnable act : List.<Runnable>of(
                () -> orders.approve(order.id(), "bob"),
                () -> orders.reject(order.id(), "bob", "why"),
                () -> orders.find(order.id()),
                () -> orders.markReady(order.id()))) {
            assertThatThrownBy(act::run).isInstanceOf(OrderException.Damaged.class);
        }
        assertThat(orders.inState(OrderState.values())).isEmpty();
        assertThat(orders.waiting()).isEmpty();
        assertThat(orders.page(null, null, 10)).hasSize(1);
        now.set(NOON.plus(DAY));
        orders.expire();
        assertThat(audited()).doesNotContain("kiln EXPIRED");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plan = replace(plan, 'a certificate', 'another one')",
                "plan = replace(plan, 'acme-out', 'mallory-out')",
                "partner = 'mallory'",
                "mac = null"
            })
    void whoWritesTheDatabaseGetsNoFile(String change) {
        published();
        Order order = orders.approve(order().id(), "bob");
        DeliveryBook deliveries = new DeliveryBook(database, orders, now::get);
        assertThat(deliveries.authentic(order.id()))
                .extracting(Delivery::partner)
                .containsExactly("acme");
        assertThat(execute("update delivery set " + change)).isOne();
        assertThatThrownBy(() -> deliveries.authentic(order.id())).isInstanceOf(OrderException.Damaged.class);
        assertThat(deliveries.of(order.id())).hasSize(1);
    }

    private static Partner partner(String transportKey) {
        return new Partner("customer-care", transportKey, null, "a certificate", null, null, null, null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "body = replace(body, 'a certificate', 'another one')",
                "body = replace(body, 'care-out', 'mallory-out')",
                "name = 'mallory'",
                "changed = '2026-11-28T12:00:01Z'",
                "changed_by = 'mallory'",
                "mac = null"
            })
    void whoWritesTheDatabaseIsNoPartner(String change) {
        partners.put(partner("care-out"), "operator");
        assertThat(execute("update partner set " + change)).isOne();
        String name = change.startsWith("name") ? "mallory" : "customer-care";
        assertThatThrownBy(() -> partners.find(name))
                .isInstanceOf(PartnerDamagedException.class)
                .hasMessageContaining("kiln partner put");
        assertThat(partners.list()).hasSize(1);
        execute("update partner set name = 'customer-care'");
        partners.put(partner("care-out"), "operator");
        assertThat(partners.find("customer-care")).hasValue(partner("care-out"));
    }

    /** A recipient of the profile gets nothing before the second person's eyes are on what the operator entered. */
    @Test
    void anOrderForAPartnerWhoseRowWasChangedIsNotApproved() {
        partners.put(partner("care-out"), "operator");
        profiles.add(profile("PUK1", "{partner: customer-care, share: CUSTOMER_CARE}"), "alice");
        profiles.publish("plain", 1, "bob");
        Order order = order();
        execute("update partner set body = replace(body, 'a certificate', 'another one')");
        assertThatThrownBy(() -> orders.approve(order.id(), "bob")).isInstanceOf(PartnerDamagedException.class);
        assertThat(orders.find(order.id()).orElseThrow().state()).isEqualTo(OrderState.REQUESTED);
        partners.put(partner("care-out"), "operator");
        assertThat(orders.approve(order.id(), "bob").state()).isEqualTo(OrderState.GENERATING);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "operator = 'mallory'",
                "first = '001010000000000'",
                "past = '0001019000000000'",
                "created = '2026-11-28T12:00:01Z'",
                "luhn = not luhn",
                "mac = null"
            })
    void whoWritesTheDatabaseGivesNoNumbers(String change) {
        published();
        Order order = order();
        NumberRange range = ranges.list().stream()
                .filter(each -> each.name().equals("lab-imsi"))
                .findFirst()
                .orElseThrow();
        assertThat(execute("update number_range set " + change + " where name = 'lab-imsi'"))
                .isOne();
        assertThatThrownBy(this::order)
                .isInstanceOf(RangeException.Damaged.class)
                .hasMessageContaining("kiln numbers add");
        assertThatThrownBy(() -> orders.approve(order.id(), "bob")).isInstanceOf(RangeException.Damaged.class);
        ranges.add(range, "operator");
        assertThat(orders.approve(order.id(), "bob").state()).isEqualTo(OrderState.GENERATING);
    }

    @Test
    void numbersAreNotMovedOnceTheyAreGiven() {
        published();
        Order order = orders.approve(order().id(), "bob");
        assertThat(orders.inState(OrderState.GENERATING)).containsExactly(order);
        execute("update card_order set first_imsi = '001010000000000'");
        assertThat(orders.inState(OrderState.GENERATING)).isEmpty();
    }

    @Test
    void rowsOfAnEarlierReleaseGetTheirCodesOnce() {
        published();
        draft("PUK1");
        Order waiting = order();
        Order underWay = orders.approve(order().id(), "bob");
        execute("update profile set mac = null, expires = null");
        execute("update card_order set mac = null, expires = null");
        execute("update delivery set mac = null");
        partners.put(partner("acme-out"), "operator");
        execute("update partner set mac = null");
        execute("update number_range set mac = null");
        RowCodes codes = new RowCodes(database, profiles, orders, partners, ranges, now::get);
        codes.enterOnce();
        assertThat(audited()).endsWith("kiln ROW_CODES_ENTERED", "kiln ROW_CODES_ENTERED");
        assertThat(partners.find("customer-care")).hasValue(partner("acme-out"));
        assertThat(profiles.find("plain", 1).orElseThrow().state()).isEqualTo(ProfileState.PUBLISHED);
        assertThat(orders.find(underWay.id()).orElseThrow().state()).isEqualTo(OrderState.GENERATING);
        assertThat(new DeliveryBook(database, orders, now::get).authentic(underWay.id()))
                .hasSize(1);
        assertThatThrownBy(() -> profiles.publish("plain", 2, "bob")).isInstanceOf(ProfileException.Expired.class);
        assertThatThrownBy(() -> orders.approve(waiting.id(), "bob")).isInstanceOf(OrderException.Expired.class);
        execute("update card_order set mac = null, state = 'GENERATING' where id = '" + waiting.id() + "'");
        execute("update partner set mac = null, body = replace(body, 'acme-out', 'mallory-out')");
        execute("update number_range set mac = null, past = first");
        codes.enterOnce();
        assertThatThrownBy(() -> orders.find(waiting.id())).isInstanceOf(OrderException.Damaged.class);
        assertThatThrownBy(() -> partners.find("customer-care")).isInstanceOf(PartnerDamagedException.class);
        assertThatThrownBy(this::order).isInstanceOf(RangeException.Damaged.class);
    }

    @Test
    void whatComesFromABackupIsAskedForAnew() {
        published();
        draft("PUK1");
        Order waiting = order();
        Order underWay = orders.approve(order().id(), "bob");
        database.write(connection -> {
            orders.expireAll(connection);
            profiles.expireAll(connection);
            return true;
        });
        assertThat(orders.find(waiting.id()).orElseThrow().state()).isEqualTo(OrderState.REJECTED);
        assertThat(orders.find(underWay.id()).orElseThrow().state()).isEqualTo(OrderState.GENERATING);
        assertThat(profiles.find("plain", 1).orElseThrow().state()).isEqualTo(ProfileState.PUBLISHED);
        assertThat(profiles.find("plain", 2).orElseThrow().state()).isEqualTo(ProfileState.RETIRED);
        assertThat(audited()).endsWith("kiln EXPIRED", "kiln PROFILE_EXPIRED");
    }
}
