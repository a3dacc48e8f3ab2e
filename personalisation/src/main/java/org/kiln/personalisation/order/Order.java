package org.kiln.personalisation.order;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An order as the book holds it.
 *
 * @param id Kiln's number for it
 * @param firstIccid the first card's ICCID without check digit
 * @param firstImsi the first card's IMSI
 * @param outputSha256 SHA-256 of the output file, once it is there
 */
public record Order(
        String id,
        CardOrder request,
        OrderState state,
        String firstIccid,
        String firstImsi,
        Instant created,
        @Nullable String outputSha256) {}
