package org.kiln.perf.bench;

import java.util.List;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What Kiln's rates are held against, as far as this machine has it.
 *
 * @param token the token alone
 * @param peer OsmoHLR, which runs and is asked nothing but here
 */
record Yardsticks(Optional<TokenCeiling> token, Optional<GsupLoad> peer) {

    /** The name of the token's rate that was taken beside the figure {@code id}. */
    static String tokenBeside(String id) {
        return "ceiling.beside." + id;
    }

    /** The name of the peer's rate that was taken beside the figure {@code id}. */
    static String peerBeside(String id) {
        return "osmohlr.beside." + id;
    }

    /**
     * Authentications of the token alone, beside the figure {@code id}.
     *
     * @param threads numbers of them to be tried; the one with the highest rate counts, for threads of SoftHSM hinder each other
     * @param keys in use, of all threads together
     */
    void addToken(SideBySide rates, String id, String mode, int vectors, List<Integer> threads, int keys) {
        String numbers = either(threads);
        token.ifPresent(alone -> rates.with(
                tokenBeside(id),
                "token alone, " + mode + ", " + vectors + " vectors, " + numbers + " threads, in turn with " + id,
                "authentications/s",
                "perf/ceiling/token_ceiling.c " + mode + " " + vectors + " with " + numbers + " threads, " + keys
                        + " keys in all",
                best(threads, number -> alone.rate(mode, vectors, number, "handles=" + Math.max(1, keys / number)))));
    }

    /**
     * Cards' secrets that the token alone makes, beside the figure {@code id}.
     *
     * @param codes of them that are no keys
     * @param wraps wrappings of all of a card's secrets
     * @param threads numbers of them to be tried; the one with the highest rate counts
     */
    void addCards(SideBySide rates, String id, int keys, int codes, int wraps, List<Integer> threads) {
        String numbers = either(threads);
        String[] options = {"keys=" + keys, "codes=" + codes, "wraps=" + wraps};
        token.ifPresent(alone -> rates.with(
                tokenBeside(id),
                "token alone, " + keys + " keys, " + codes + " codes and " + wraps + " wrappings for each card, "
                        + numbers + " threads, in turn with " + id,
                "cards/s",
                "perf/ceiling/token_ceiling.c card 1 with " + numbers + " threads, " + String.join(" ", options),
                best(threads, number -> alone.rate("card", 1, number, options))));
    }

    /** Keys that the token alone generates and wraps twice each, beside the figure {@code id}. */
    void addKeys(SideBySide rates, String id, List<Integer> threads) {
        String numbers = either(threads);
        token.ifPresent(alone -> rates.with(
                tokenBeside(id) + ".keys",
                "token alone, keys generated, each wrapped twice; " + numbers + " threads, in turn with " + id,
                "keys/s",
                "perf/ceiling/token_ceiling.c generate 1 with " + numbers + " threads, wraps=2",
                best(threads, number -> alone.rate("generate", 1, number, "wraps=2"))));
    }

    private static Supplier<Double> best(List<Integer> threads, IntToDoubleFunction rate) {
        return () -> threads.stream().mapToDouble(rate::applyAsDouble).max().orElseThrow();
    }

    private static String either(List<Integer> threads) {
        return threads.stream().map(String::valueOf).collect(Collectors.joining(" or "));
    }

    /** Requests that OsmoHLR answers, beside the figure {@code id}. */
    void addPeer(SideBySide rates, String id) {
        peer.ifPresent(hlr -> rates.with(
                peerBeside(id),
                "OsmoHLR, GSUP, 5 vectors a request, in turn with " + id,
                "requests/s",
                hlr.how(),
                hlr::rate));
    }
}
