package org.kiln.kms.access;

/**
 * How much a caller may ask for.
 *
 * @param perSecond calls in a second, for long
 * @param burst calls at once after a rest
 * @param atOnce calls that are not answered yet
 */
public record CallerLimit(int perSecond, int burst, int atOnce) {

    private static final int MOST = 1_000_000;

    public CallerLimit {
        require(perSecond, "perSecond");
        require(burst, "burst");
        require(atOnce, "atOnce");
    }

    private static void require(int value, String name) {
        if (value < 1 || value > MOST) {
            throw new IllegalArgumentException("limit." + name + " is 1 to " + MOST);
        }
    }
}
