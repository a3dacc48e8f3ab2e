package org.kiln.kms.provisioning;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;
import org.kiln.kms.keys.Kcv;
import org.kiln.kms.keys.TransportKeys.Direction;

/**
 * A transport key as the register knows it; the key itself is in the token under the same label.
 *
 * @param octets its length: 16, 24 or 32
 * @param kcv its check values
 * @param period the days on which it may be used
 * @param madeAt when it came into the token
 * @param changedAt when it came into its state
 */
public record TransportKey(
        String label,
        String partner,
        Direction direction,
        int octets,
        Kcv kcv,
        TransportKeyState state,
        Period period,
        Instant madeAt,
        Instant changedAt) {

    /**
     * A crypto-period.
     *
     * @param firstDay the first day of use, if there is a bound
     * @param lastDay the last, if there is a bound
     */
    public record Period(Optional<LocalDate> firstDay, Optional<LocalDate> lastDay) {

        /** No bounds. */
        public static final Period UNBOUNDED = new Period(Optional.empty(), Optional.empty());
    }

    /** A key that has just been made. */
    public static TransportKey made(
            String label, String partner, Direction direction, int octets, Kcv kcv, Period period, Instant now) {
        TransportKeyState state =
                period.firstDay().isPresent() ? TransportKeyState.PRE_ACTIVE : TransportKeyState.ACTIVE;
        return new TransportKey(label, partner, direction, octets, kcv, state, period, now, now);
    }

    /** Why the key may not be used on this day, or empty if it may. */
    public Optional<String> refusal(LocalDate today) {
        if (state == TransportKeyState.RETIRED && direction == Direction.INCOMING) {
            return Optional.empty();
        }
        if (state != TransportKeyState.ACTIVE) {
            return Optional.of("transport key '" + label + "' is " + state + ", not ACTIVE");
        }
        if (period.firstDay().filter(today::isBefore).isPresent()) {
            return Optional.of("transport key '" + label + "' may be used from "
                    + period.firstDay().get() + " on");
        }
        return period.lastDay()
                .filter(today::isAfter)
                .map(last -> "transport key '" + label + "' was to be used until " + last
                        + "; make a new one and retire this");
    }

    /** @throws TransportKeyException if the key's life does not go that way */
    TransportKey become(TransportKeyState next, Instant now) {
        if (!state.mayBecome(next)) {
            throw new TransportKeyException("transport key '" + label + "' is " + state + " and cannot become " + next);
        }
        return new TransportKey(label, partner, direction, octets, kcv, next, period, madeAt, now);
    }

    /** The octets that the row's code is computed over: every field, each with its length. */
    byte[] authenticated() {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(192);
        try (DataOutputStream out = new DataOutputStream(octets)) {
            out.writeUTF("transport-key/1");
            out.writeUTF(label);
            out.writeUTF(partner);
            out.writeUTF(direction.name());
            out.writeInt(this.octets);
            out.writeUTF(kcv.zeroBlock());
            out.writeUTF(kcv.cmac());
            out.writeUTF(state.name());
            out.writeUTF(period.firstDay().map(LocalDate::toString).orElse(""));
            out.writeUTF(period.lastDay().map(LocalDate::toString).orElse(""));
            out.writeUTF(madeAt.toString());
            out.writeUTF(changedAt.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return octets.toByteArray();
    }
}
