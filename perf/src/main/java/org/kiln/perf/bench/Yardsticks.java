package org.kiln.perf.bench;

import java.util.List;
import java.util.Optional;
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
        String numbers = threads.stream().map(String::valueOf).collect(Collectors.joining(" or "));
        token.ifPresent(alone -> rates.with(
                tokenBeside(id),
                "token alone, " + mode + ", " + vectors + " vectors, " + numbers + " threads, in turn with " + id,
                "authentications/s",
                "perf/ceiling/token_ceiling.c " + mode + " " + vectors + " with " + numbers + " threads, " + keys
                        + " keys in all",
                () -> threads.stream()
                        .map(number -> alone.rate(mode, vectors, number, "handles=" + Math.max(1, keys / number)))
                        .max(Double::compare)
                        .orElseThrow()));
    }

    /** Cards of so many keys that the token alone generates, and wraps so many times in all, beside the figure {@code id}. */
    void addGeneration(SideBySide rates, String id, int keys, int wraps, int threads) {
        String options = "keys=" + keys + " wraps=" + wraps;
        token.ifPresent(alone -> rates.with(
                tokenBeside(id),
                "token alone, " + keys + " keys generated and " + wraps + " wrappings for each card, " + threads
                        + " threads, in turn with " + id,
                "cards/s",
                "perf/ceiling/token_ceiling.c generate 1 " + threads + " " + options,
                () -> alone.rate("generate", 1, threads, options.split(" "))));
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
