package org.kiln.personalisation.identity;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.kiln.personalisation.journal.Journal;
import org.kiln.personalisation.numbering.NumberBlocks;
import org.kiln.personalisation.numbering.NumberKind;
import org.kiln.personalisation.numbering.NumberRange;
import org.kiln.personalisation.numbering.NumberRanges;
import org.kiln.personalisation.order.CardStore;
import org.kiln.personalisation.profile.CardKind;
import org.kiln.personalisation.profile.CardProfile;
import org.kiln.personalisation.profile.ProfileVersion;
import org.kiln.transfer.numbering.Eid;
import org.kiln.transfer.numbering.Iccid;
import org.kiln.transfer.numbering.NumberingException;
import org.kiln.transfer.numbering.Supi;

/**
 * Decides whether a device gets what it asks for, and enters it: one transaction that either takes numbers and a row, or
 * nothing. What keeps another from taking the device's place is decided here.
 */
final class Enrolment {

    private static final int LEAST_NONCE = 16;
    private static final int LONGEST_NONCE = 32;
    private static final int MOST_A_DAY = 10;

    private final IdentityBook book;
    private final NumberRanges ranges;
    private final Duration confirmWithin;

    Enrolment(IdentityBook book, NumberRanges ranges, Duration confirmWithin) {
        this.book = book;
        this.ranges = ranges;
        this.confirmWithin = confirmWithin;
    }

    /**
     * Checks a nonce.
     *
     * @return its canonical form
     */
    static String nonce(String text) {
        try {
            int octets = HexFormat.of().parseHex(text).length;
            if (octets >= LEAST_NONCE && octets <= LONGEST_NONCE) {
                return text.toLowerCase(Locale.ROOT);
            }
        } catch (IllegalArgumentException e) {
            // falls through to the refusal
        }
        throw new IdentityException(
                Refusal.NONCE_REFUSED,
                "nonce has " + LEAST_NONCE + " to " + LONGEST_NONCE
                        + " octets in hexadecimal, drawn anew by the device");
    }

    /**
     * Enters a request whose device is genuine and has signed it. The same request again is the same identity until the
     * device has confirmed; a new one ends what the device has not confirmed.
     */
    DeviceIdentity enter(IdentityRequest request, Device device, String actor, @Nullable String broker) {
        String nonce = nonce(request.nonce());
        String digest = digest(request);
        return book.database().write(connection -> {
            Optional<DeviceIdentity> earlier = book.table().findByNonce(connection, device.id(), nonce);
            List<DeviceIdentity> known = book.table().ofDevice(connection, device.id());
            requireSameDevice(known, device);
            if (earlier.isPresent()) {
                return again(earlier.get(), digest, broker);
            }
            ProfileVersion profile = book.profiles().orderable(connection, request.profile(), request.profileVersion());
            requireFit(profile.profile(), device.id(), request.platform() != null);
            requireNoChangeUnderWay(known);
            requireNotTooOften(known);
            requireReplaceable(connection, request);
            for (DeviceIdentity open : known) {
                if (IdentityState.OPEN.contains(open.state())) {
                    book.giveUp(connection, open, IdentityState.EXPIRED, Journal.KILN, "the device asked anew");
                }
            }
            return insert(connection, request, device, profile, nonce, digest, actor, broker);
        });
    }

    /** What makes two requests the same: all that was signed, and the ranges; signatures differ each time. */
    private static String digest(IdentityRequest request) {
        byte[] signed = Statements.request(request);
        String ranges = request.iccids() + "\n" + request.imsis() + "\n" + request.msisdns();
        return Statements.sha256((HexFormat.of().formatHex(signed) + "\n" + ranges).getBytes(StandardCharsets.UTF_8));
    }

    private static DeviceIdentity again(DeviceIdentity earlier, String digest, @Nullable String broker) {
        boolean same = earlier.issue().requestSha256().equals(digest) && (broker == null || earlier.isOfBroker(broker));
        if (!same || !IdentityState.OPEN.contains(earlier.state())) {
            throw new IdentityException(
                    Refusal.NONCE_USED,
                    "the device has used this nonce"
                            + (same ? ", and what came of it is done with" : " for something else")
                            + "; it must draw a new one");
        }
        return earlier;
    }

    private static void requireSameDevice(List<DeviceIdentity> known, Device device) {
        for (DeviceIdentity each : known) {
            if (!each.issue().deviceKey().equals(device.keySha256())) {
                throw new IdentityException(
                        Refusal.DEVICE_CHANGED, "device '" + device.id() + "' is known here with another key");
            }
            if (each.issue().certifiedFrom().isAfter(device.certifiedFrom())) {
                throw new IdentityException(
                        Refusal.CERTIFICATE_SUPERSEDED,
                        "device '" + device.id() + "' has shown a newer certificate; use that");
            }
        }
    }

    private static void requireFit(CardProfile profile, String deviceId, boolean forPlatform) {
        if (profile.cardKind() == CardKind.UICC) {
            throw unfit(profile, "is for cards of kind UICC; a device needs EUICC_PROFILE or EMBEDDED");
        }
        boolean isEid = isEid(deviceId);
        if ((profile.cardKind() == CardKind.EUICC_PROFILE) != isEid) {
            throw unfit(
                    profile,
                    "is of kind " + profile.cardKind() + ", but the device id is " + (isEid ? "an EID" : "no EID"));
        }
        if (forPlatform && profile.cardKind() != CardKind.EUICC_PROFILE) {
            throw unfit(profile, "is of kind EMBEDDED, and a platform makes profiles for eUICCs");
        }
        if (profile.keysets().stream().anyMatch(keyset -> keyset.diversifiedFrom() != null)) {
            throw unfit(
                    profile,
                    "derives keys from a master, which devices in the field do not get; publish one for devices whose"
                            + " keysets have no diversifiedFrom");
        }
    }

    private static IdentityException unfit(CardProfile profile, String why) {
        return new IdentityException(Refusal.PROFILE_UNFIT, "profile '" + profile.name() + "' " + why);
    }

    private static boolean isEid(String deviceId) {
        try {
            return deviceId.equals(new Eid(deviceId).digits());
        } catch (NumberingException e) {
            return false;
        }
    }

    private static void requireNoChangeUnderWay(List<DeviceIdentity> known) {
        if (known.stream().anyMatch(each -> each.state() == IdentityState.CONFIRMED)) {
            throw new IdentityException(
                    Refusal.IDENTITY_STATE,
                    "the device has an identity that it has confirmed and not used yet; use that, or have it revoked");
        }
    }

    /** Each takes numbers, which are not given again: a device that goes wild must not use a range up. */
    private void requireNotTooOften(List<DeviceIdentity> known) {
        Instant since = book.now().minus(Duration.ofDays(1));
        if (known.stream().filter(each -> each.issue().created().isAfter(since)).count() >= MOST_A_DAY) {
            throw new IdentityException(
                    Refusal.DEVICE_ASKS_TOO_OFTEN,
                    "the device has asked for " + MOST_A_DAY + " identities within a day; let it ask again tomorrow");
        }
    }

    /** What a device changes from must be its own: an identity of its own, or the profile on its eUICC since it was made. */
    private void requireReplaceable(Connection connection, IdentityRequest request) throws SQLException {
        String old = request.replaces();
        if (old == null) {
            return;
        }
        Supi supi = new Supi(old);
        Optional<DeviceIdentity> identity = book.table().ofSubscriber(connection, supi);
        boolean own = identity.isPresent()
                ? identity.get().state() == IdentityState.ACTIVE
                        && identity.get().issue().deviceId().equals(request.deviceId())
                : CardStore.isOnDevice(connection, supi.imsi(), request.deviceId());
        if (!own || !book.isServed(supi)) {
            throw new IdentityException(
                    Refusal.REPLACEMENT_REFUSED, "what the device would change from is not in use by this device");
        }
    }

    private DeviceIdentity insert(
            Connection connection,
            IdentityRequest request,
            Device device,
            ProfileVersion profile,
            String nonce,
            String digest,
            String actor,
            @Nullable String broker)
            throws SQLException {
        String id = UUID.randomUUID().toString();
        Instant now = book.now();
        NumberRange iccids = ranges.require(connection, request.iccids(), NumberKind.ICCID, request.operator());
        Iccid iccid = Iccid.of(
                NumberBlocks.take(connection, iccids, 1, id),
                iccids.hasCheckDigit() ? Iccid.CheckDigit.LUHN : Iccid.CheckDigit.NONE);
        String imsi = take(connection, request.imsis(), NumberKind.IMSI, request.operator(), id);
        String msisdn = request.msisdns() == null
                ? null
                : take(connection, request.msisdns(), NumberKind.MSISDN, request.operator(), id);
        Issue issue = new Issue(
                device.id(),
                nonce,
                digest,
                request.operator(),
                profile.profile().name(),
                profile.version(),
                broker,
                actor,
                request.certificates(),
                device.keySha256(),
                device.certifiedFrom(),
                iccid.digits(),
                iccids.hasCheckDigit(),
                imsi,
                msisdn,
                request.replaces(),
                request.platform(),
                now);
        return book.enter(connection, id, issue, now.plus(confirmWithin));
    }

    private String take(Connection connection, String range, NumberKind kind, String operator, String id)
            throws SQLException {
        return NumberBlocks.take(connection, ranges.require(connection, range, kind, operator), 1, id);
    }
}
