package org.kiln.personalisation.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.subscriber.SubscriberStatus;
import org.kiln.personalisation.numbering.NumberRanges;
import org.kiln.transfer.numbering.Supi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The exchange with a device: it asks, fetches, confirms. A package is handed out as often as it is asked for, always the
 * same, until the device confirms; then it is destroyed.
 */
public final class Exchange {

    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    private final IdentityBook book;
    private final Makers makers;
    private final Issuance issuance;
    private final Enrolment enrolment;
    private final Duration fallbackWithin;
    private final BiConsumer<Supi, Runnable> withdraw;

    /**
     * @param confirmWithin how long a device may take to confirm
     * @param fallbackWithin how long a device that changes operators may take to authenticate
     * @param withdraw runs a change of a subscriber while nobody is served from his old record
     */
    public Exchange(
            IdentityBook book,
            NumberRanges ranges,
            Makers makers,
            Issuance issuance,
            Duration confirmWithin,
            Duration fallbackWithin,
            BiConsumer<Supi, Runnable> withdraw) {
        this.book = book;
        this.makers = makers;
        this.issuance = issuance;
        this.fallbackWithin = fallbackWithin;
        this.withdraw = withdraw;
        enrolment = new Enrolment(book, ranges, confirmWithin);
    }

    /**
     * Takes a device's request: checks it, enters it and makes the credential. The same request again is the same identity.
     *
     * @param actor who brings it
     * @param broker the partner he belongs to; null for the operator
     * @throws IdentityException if it is refused, and nothing is entered
     */
    public DeviceIdentity request(IdentityRequest request, String actor, @Nullable String broker) {
        Enrolment.nonce(request.nonce());
        Device device = makers.check(request.certificates(), request.deviceId());
        DeviceKeys.requireSignature(device, Statements.request(request), request.signature());
        issuance.requireDeliverable(request, device);
        DeviceIdentity entered = enrolment.enter(request, device, actor, broker);
        DeviceIdentity issued = issuance.issue(entered, device, request.agreementKey());
        LOG.info(
                "identity {}: {} for {}",
                issued.id(),
                issued.state(),
                issued.issue().supi().masked());
        return issued;
    }

    /**
     * What was made, for whoever it is wrapped for.
     *
     * @param platform whether a platform's fragment is wanted, not a device's package
     * @throws IdentityException if there is none of the kind, or the device has confirmed
     */
    public SealedPackage deliver(String id, boolean platform, String actor) {
        return book.database().write(connection -> {
            DeviceIdentity identity = book.require(connection, id);
            if ((identity.issue().platform() != null) != platform) {
                throw new IdentityException(
                        Refusal.IDENTITY_STATE,
                        platform
                                ? "the identity is delivered to the device itself; fetch its package"
                                : "the identity is delivered to a platform as a fragment");
            }
            SealedPackage sealed = book.table()
                    .sealed(connection, id)
                    .orElseThrow(() -> new IdentityException(
                            Refusal.IDENTITY_STATE, "the identity is " + identity.state() + ": nothing is handed out"));
            if (identity.state() == IdentityState.ISSUED) {
                book.move(
                        connection,
                        identity,
                        IdentityState.DELIVERED,
                        identity.deadline(),
                        actor,
                        "handed out for the first time");
            }
            return sealed;
        });
    }

    /**
     * Takes a device's word that it has what it was given: the package is destroyed, and the network serves the
     * subscriber. The same confirmation again changes nothing.
     *
     * @param sha256 of the package's content, in hexadecimal
     * @param signature the device's over {@link Statements#confirmation}, in Base64
     */
    public DeviceIdentity confirm(String id, String sha256, String signature, String actor) {
        DeviceIdentity identity = book.find(id).orElseThrow(IdentityBook::unknown);
        Issue issue = identity.issue();
        Device device = makers.check(issue.certificates(), issue.deviceId());
        DeviceKeys.requireSignature(
                device, Statements.confirmation(id, issue.deviceId(), issue.nonce(), sha256), signature);
        if (!MessageDigest.isEqual(ascii(sha256.toLowerCase(Locale.ROOT)), ascii(identity.packageSha256()))) {
            throw new IdentityException(
                    Refusal.DIGEST_MISMATCH, "what the device installed is not what it was given; fetch it again");
        }
        if (identity.state() == IdentityState.CONFIRMED || identity.state() == IdentityState.ACTIVE) {
            return identity;
        }
        withdraw.accept(issue.supi(), () -> activate(id, actor));
        DeviceIdentity confirmed = book.find(id).orElseThrow(IdentityBook::unknown);
        LOG.info("identity {}: {} for {}", id, confirmed.state(), issue.supi().masked());
        return confirmed;
    }

    private void activate(String id, String actor) {
        book.database().write(connection -> {
            DeviceIdentity now = book.require(connection, id);
            if (now.state() == IdentityState.CONFIRMED) {
                return now;
            }
            Instant fallback =
                    now.issue().replaces() == null ? null : book.now().plus(fallbackWithin);
            DeviceIdentity confirmed = book.move(
                    connection,
                    now,
                    IdentityState.CONFIRMED,
                    fallback,
                    actor,
                    "the device has signed that it has it; the package is destroyed");
            book.table().setPackage(connection, id, null);
            book.subscribers().updateStatus(connection, List.of(now.issue().supi()), SubscriberStatus.ACTIVE);
            return confirmed;
        });
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
