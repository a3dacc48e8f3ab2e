package org.kiln.kms.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.kiln.kms.keys.Kcv;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.kms.provisioning.TransportKey;
import org.kiln.kms.provisioning.TransportKeyState;

class ExpiryMeterTest {

    private static final Instant NOON = Instant.parse("2026-11-28T12:00:00Z");
    private static final String CERTIFICATES = "kiln_certificate_left_seconds";
    private static final String KEYS = "kiln_transport_key_left_seconds";

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final AtomicReference<Instant> now = new AtomicReference<>(NOON);
    private final ExpiryMeter meter = new ExpiryMeter(meters, now::get);

    private double left(String meterName, String name) {
        return meters.get(meterName).tag("name", name).gauge().value();
    }

    private static TransportKey key(String label, TransportKeyState state, Optional<LocalDate> lastDay) {
        return new TransportKey(
                label,
                "acme",
                Direction.OUTGOING,
                32,
                new Kcv("000000", "0000000000"),
                state,
                new TransportKey.Period(Optional.empty(), lastDay),
                NOON,
                NOON);
    }

    @Test
    void secondsAreReckonedWhenTheyAreRead() {
        meter.show(
                Stream.of(
                        new Expiry("partner", "acme", NOON.plusSeconds(100)),
                        new Expiry("partner", "acme", NOON.plusSeconds(60))),
                Stream.of(),
                Stream.of());
        assertThat(left(CERTIFICATES, "acme")).isEqualTo(60);
        now.set(NOON.plusSeconds(61));
        assertThat(left(CERTIFICATES, "acme")).isEqualTo(-1);
    }

    @Test
    void whatIsGoneIsShownNoMore() {
        meter.show(Stream.of(new Expiry("partner", "acme", NOON)), Stream.of(), Stream.of());
        meter.show(Stream.of(new Expiry("partner", "other", NOON)), Stream.of(), Stream.of());
        assertThat(meters.find(CERTIFICATES).tag("name", "acme").gauge()).isNull();
        assertThat(left(CERTIFICATES, "other")).isZero();
    }

    @Test
    void aTransportKeyEndsWithItsLastDayUnlessItIsOutOfUseOrHasNone() {
        Optional<LocalDate> today = Optional.of(LocalDate.of(2026, 11, 28));
        meter.show(
                Stream.of(),
                Stream.of(),
                Stream.of(
                        key("used", TransportKeyState.ACTIVE, today),
                        key("endless", TransportKeyState.ACTIVE, Optional.empty()),
                        key("retired", TransportKeyState.RETIRED, today)));
        assertThat(left(KEYS, "used")).isEqualTo(Duration.ofHours(12).toSeconds());
        assertThat(meters.find(KEYS).gauges()).hasSize(1);
    }
}
