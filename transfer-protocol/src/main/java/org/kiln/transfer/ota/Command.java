package org.kiln.transfer.ota;

import java.util.Arrays;

/**
 * What a packet carries to the card.
 *
 * @param counter 0 to 2<sup>40</sup> − 1
 * @param data for the application, such as one APDU after another; without padding
 */
public record Command(SecurityParameters parameters, Tar tar, long counter, byte[] data) {

    static final long LAST_COUNTER = 0xFF_FFFF_FFFFL;

    public Command {
        if (counter < 0 || counter > LAST_COUNTER) {
            throw new IllegalArgumentException("a counter is 0 to " + LAST_COUNTER + ", not " + counter);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Command(SecurityParameters p, Tar t, long c, byte[] d)
                && parameters.equals(p)
                && tar.equals(t)
                && counter == c
                && Arrays.equals(data, d);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Long.hashCode(counter) + tar.hashCode()) + Arrays.hashCode(data);
    }

    /** Without its data. */
    @Override
    public String toString() {
        return "Command[" + tar + ", counter " + counter + ", " + data.length + " octets]";
    }
}
