package org.kiln.perf.simulation;

import java.util.Arrays;

/**
 * Which subscribers' keys a node has in use: a bound, a time limit, and a hand that goes round and puts away those that
 * were not asked for since it last passed. No objects: five arrays.
 */
final class KeyCache {

    private static final int NONE = -1;

    private final int[] placeOf;
    private final int[] owner;
    private final float[] since;
    private final boolean[] asked;
    private final float limit;
    private int taken;
    private int hand;

    /** @param population subscribers are numbered from 0 to less than it */
    KeyCache(int population, long entries, double limitSeconds) {
        int places = (int) Math.min(entries, population);
        placeOf = new int[population];
        owner = new int[places];
        since = new float[places];
        asked = new boolean[places];
        limit = (float) limitSeconds;
        clear();
    }

    /** Forgets everybody. */
    void clear() {
        Arrays.fill(placeOf, NONE);
        Arrays.fill(owner, NONE);
        taken = 0;
        hand = 0;
    }

    int places() {
        return owner.length;
    }

    /** The place of a subscriber whose keys are in use now; negative if they are not. */
    int find(int subscriber, double now) {
        int place = placeOf[subscriber];
        if (place == NONE || now - since[place] > limit) {
            return NONE;
        }
        asked[place] = true;
        return place;
    }

    /** Brings a subscriber's keys into use, in the place of somebody else's if need be. */
    int admit(int subscriber, double now) {
        int place = placeOf[subscriber];
        if (place == NONE) {
            place = taken < owner.length ? taken++ : emptied();
            owner[place] = subscriber;
            placeOf[subscriber] = place;
        }
        since[place] = (float) now;
        asked[place] = true;
        return place;
    }

    private int emptied() {
        while (asked[hand]) {
            asked[hand] = false;
            hand = hand + 1 == owner.length ? 0 : hand + 1;
        }
        int place = hand;
        hand = hand + 1 == owner.length ? 0 : hand + 1;
        placeOf[owner[place]] = NONE;
        return place;
    }
}
