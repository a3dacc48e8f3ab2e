package org.kiln.personalisation.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.auc.AuthenticationException;
import org.kiln.kms.keys.OneTimeKeys;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.kms.subscriber.SubscriberStatus;
import org.kiln.personalisation.demo.FieldDevice;
import org.kiln.transfer.numbering.Eid;
import org.kiln.transfer.numbering.Supi;

/** A device changes operators: the old credential goes only when the new one is known to work. */
@Tag(ScratchDatabase.TAG)
class SuccessionTest {

    private static final String METER = "meter-0002";

    @TempDir
    private Path folder;

    private IdentityShop shop;
    private FieldDevice device;
    private IdentityShop.InUse old;
    private IdentityShop.InUse next;

    @BeforeEach
    void changeOperators() throws Exception {
        shop = new IdentityShop(folder, OneTimeKeys.Place.HOST);
        device = shop.device(METER, FieldDevice.WrappedFor.CERTIFIED_KEY);
        old = shop.installed(device, IdentityShop.wish(device.nonce()));
        shop.tell(old.supi(), true);
        shop.succession.round();
        next = shop.installed(device, IdentityShop.wish(device.nonce(), old.supi()));
    }

    @AfterEach
    void close() {
        shop.close();
    }

    @Test
    void bothAreServedUntilTheNewOneHasAuthenticated() {
        shop.succession.round();

        assertThat(shop.status(old.supi())).isEqualTo(SubscriberStatus.ACTIVE);
        assertThat(shop.status(next.supi())).isEqualTo(SubscriberStatus.ACTIVE);
        assertThat(shop.state(next.identity()).state()).isEqualTo(IdentityState.CONFIRMED);
        assertThat(shop.state(old.identity()).state()).isEqualTo(IdentityState.ACTIVE);
    }

    @Test
    void aRequestForVectorsIsNoProof() {
        shop.vector(next.supi());
        shop.vector(next.supi());
        shop.succession.round();

        assertThat(shop.state(next.identity()).state()).isEqualTo(IdentityState.CONFIRMED);
        assertThat(shop.status(old.supi())).isEqualTo(SubscriberStatus.ACTIVE);
    }

    @Test
    void aFailedAuthenticationIsNoProof() {
        shop.tell(next.supi(), false);
        shop.succession.round();

        assertThat(shop.state(next.identity()).state()).isEqualTo(IdentityState.CONFIRMED);
        assertThat(shop.status(old.supi())).isEqualTo(SubscriberStatus.ACTIVE);
    }

    @Test
    void theOldOneIsSuspendedOnceTheNewOneHasAuthenticated() {
        shop.vector(old.supi());
        shop.tell(next.supi(), true);
        shop.succession.round();
        shop.pass(IdentityShop.FALLBACK.plusHours(1));
        shop.succession.round();

        assertThat(shop.state(next.identity()).state()).isEqualTo(IdentityState.ACTIVE);
        assertThat(shop.state(old.identity()).state()).isEqualTo(IdentityState.SUPERSEDED);
        assertThat(shop.status(old.supi())).isEqualTo(SubscriberStatus.SUSPENDED);
        assertThatThrownBy(() -> shop.vector(old.supi())).isInstanceOf(AuthenticationException.class);
        shop.vector(next.supi());
    }

    @Test
    void theOperatorMaySayThatItAuthenticated() {
        shop.succession.authenticated(next.identity().id(), "operator");

        assertThat(shop.state(next.identity()).state()).isEqualTo(IdentityState.ACTIVE);
        assertThat(shop.status(old.supi())).isEqualTo(SubscriberStatus.SUSPENDED);
        assertThatThrownBy(() -> shop.succession.authenticated(next.identity().id(), "operator"))
                .isInstanceOfSatisfying(
                        IdentityException.class, e -> assertThat(e.refusal()).isEqualTo(Refusal.IDENTITY_STATE));
    }

    @Test
    void theDeviceFallsBackIfTheNewOneDoesNotAuthenticateInTime() {
        shop.vector(next.supi());
        shop.pass(IdentityShop.FALLBACK.minusMinutes(1));
        shop.succession.round();
        assertThat(shop.state(next.identity()).state()).isEqualTo(IdentityState.CONFIRMED);

        shop.pass(Duration.ofMinutes(2));
        shop.succession.round();

        assertThat(shop.state(next.identity()).state()).isEqualTo(IdentityState.FELL_BACK);
        assertThat(shop.status(next.supi())).isEqualTo(SubscriberStatus.SUSPENDED);
        assertThat(shop.state(old.identity()).state()).isEqualTo(IdentityState.ACTIVE);
        assertThat(shop.status(old.supi())).isEqualTo(SubscriberStatus.ACTIVE);
        assertThatThrownBy(() -> shop.vector(next.supi())).isInstanceOf(AuthenticationException.class);
        shop.vector(old.supi());
    }

    /** The event came while nobody looked: the deadline has passed, and it counts all the same. */
    @Test
    void anAuthenticationThatIsSeenLateIsNoFallBack() {
        shop.tell(next.supi(), true);
        shop.pass(IdentityShop.FALLBACK.plusHours(1));
        shop.succession.round();

        assertThat(shop.state(next.identity()).state()).isEqualTo(IdentityState.ACTIVE);
        assertThat(shop.status(old.supi())).isEqualTo(SubscriberStatus.SUSPENDED);
    }

    @Test
    void afterAFallBackTheDeviceMayTryAgain() {
        shop.pass(IdentityShop.FALLBACK.plusMinutes(1));
        shop.succession.round();

        IdentityShop.InUse again = shop.installed(device, IdentityShop.wish(device.nonce(), old.supi()));
        shop.tell(again.supi(), true);
        shop.succession.round();

        assertThat(shop.state(again.identity()).state()).isEqualTo(IdentityState.ACTIVE);
        assertThat(shop.status(old.supi())).isEqualTo(SubscriberStatus.SUSPENDED);
    }

    @Test
    void aRevokedChangeLeavesTheOldOneInUse() {
        shop.succession.revoke(next.identity().id(), "operator", "mistake");
        shop.pass(IdentityShop.FALLBACK.plusMinutes(1));
        shop.succession.round();

        assertThat(shop.status(next.supi())).isEqualTo(SubscriberStatus.SUSPENDED);
        assertThat(shop.status(old.supi())).isEqualTo(SubscriberStatus.ACTIVE);
    }

    @Test
    void aDamagedRowStopsNoOther() {
        FieldDevice another = shop.device("meter-0001", FieldDevice.WrappedFor.CERTIFIED_KEY);
        IdentityShop.InUse damaged = shop.installed(another, IdentityShop.wish(another.nonce()));
        shop.database()
                .write(connection -> connection
                        .createStatement()
                        .executeUpdate("update identity set created = '1', deadline = '" + shop.now.minusSeconds(1)
                                + "' where id = '" + damaged.identity().id() + "'"));

        shop.tell(next.supi(), true);
        shop.succession.round();

        assertThat(shop.state(next.identity()).state()).isEqualTo(IdentityState.ACTIVE);
        assertThat(shop.status(damaged.supi())).isEqualTo(SubscriberStatus.ACTIVE);
    }

    @Test
    void anOldOneThatIsGoneByThenStopsNothing() {
        shop.centre.withdraw(old.supi(), () -> shop.subscribers().delete(old.supi()));
        shop.tell(next.supi(), true);
        shop.succession.round();

        assertThat(shop.state(next.identity()).state()).isEqualTo(IdentityState.ACTIVE);
    }

    @Test
    void theProfileThatAnEuiccWasMadeWithIsReplacedByItsOwnAlone() throws Exception {
        shop.publish(IdentityShop.EMBEDDED.replace("name: meter", "name: esim").replace("EMBEDDED", "EUICC_PROFILE"));
        FieldDevice euicc = shop.device(eid("1"), FieldDevice.WrappedFor.CERTIFIED_KEY);
        FieldDevice neighbour = shop.device(eid("2"), FieldDevice.WrappedFor.CERTIFIED_KEY);
        Supi first = shop.orderedFor(euicc.id());

        assertThatThrownBy(() -> shop.ask(neighbour, esim(neighbour, first)))
                .isInstanceOfSatisfying(
                        IdentityException.class, e -> assertThat(e.refusal()).isEqualTo(Refusal.REPLACEMENT_REFUSED));
        IdentityShop.InUse downloaded = shop.installed(euicc, esim(euicc, first));
        shop.tell(downloaded.supi(), true);
        shop.succession.round();

        assertThat(shop.status(first)).isEqualTo(SubscriberStatus.SUSPENDED);
        assertThat(shop.status(downloaded.supi())).isEqualTo(SubscriberStatus.ACTIVE);
    }

    private static String eid(String last) {
        return Eid.withCheckDigits("89001012000000000000000000000" + last).digits();
    }

    private static FieldDevice.Wish esim(FieldDevice device, Supi replaces) {
        return new FieldDevice.Wish(
                device.nonce(), "laboratory", "esim", "lab-iccid", "lab-imsi", replaces.value(), null);
    }
}
