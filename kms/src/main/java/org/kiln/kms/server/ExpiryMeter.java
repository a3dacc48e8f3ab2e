package org.kiln.kms.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.kiln.kms.provisioning.TransportKey;
import org.kiln.kms.provisioning.TransportKeyState;

/**
 * Shows how many seconds certificates, revocation lists and transport keys are still good for; less than none for what is over.
 * What there is, {@link #show} is told from time to time; the seconds are reckoned whenever somebody reads them.
 */
public final class ExpiryMeter {

    private static final Set<TransportKeyState> IN_USE =
            Set.of(TransportKeyState.PRE_ACTIVE, TransportKeyState.ACTIVE, TransportKeyState.SUSPENDED);

    private final InstantSource clock;
    private final MultiGauge certificates;
    private final MultiGauge lists;
    private final MultiGauge transportKeys;

    public ExpiryMeter(MeterRegistry registry, InstantSource clock) {
        this.clock = clock;
        certificates = MultiGauge.builder("kiln_certificate_left_seconds")
                .description("how long a certificate is still good")
                .register(registry);
        lists = MultiGauge.builder("kiln_revocation_list_left_seconds")
                .description("how long until an authority's next list is due; without one its callers are refused")
                .register(registry);
        transportKeys = MultiGauge.builder("kiln_transport_key_left_seconds")
                .description("how long a transport key with a last day may still be used")
                .register(registry);
    }

    /** Shows these in the place of those before. */
    public void show(Stream<Expiry> newCertificates, Stream<Expiry> newLists, Stream<TransportKey> newKeys) {
        certificates.register(rows(newCertificates), true);
        lists.register(rows(newLists), true);
        transportKeys.register(rows(newKeys.flatMap(key -> expiry(key).stream())), true);
    }

    private static Optional<Expiry> expiry(TransportKey key) {
        return key.period()
                .lastDay()
                .filter(_ -> IN_USE.contains(key.state()))
                .map(last -> new Expiry(
                        "transport key",
                        key.label(),
                        last.plusDays(1).atTime(LocalTime.MIN).toInstant(ZoneOffset.UTC)));
    }

    private List<MultiGauge.Row<?>> rows(Stream<Expiry> expiries) {
        return expiries
                .collect(Collectors.toMap(
                        each -> Tags.of("use", each.use(), "name", each.name()),
                        Expiry::at,
                        (one, other) -> one.isBefore(other) ? one : other))
                .entrySet()
                .stream()
                .<MultiGauge.Row<?>>map(each -> MultiGauge.Row.of(
                        each.getKey(),
                        each.getValue(),
                        at -> Duration.between(clock.instant(), at).toSeconds()))
                .toList();
    }
}
