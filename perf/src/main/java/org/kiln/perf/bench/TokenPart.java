package org.kiln.perf.bench;

import java.util.List;

/** What the token gives to a C program that does nothing but its calls. */
final class TokenPart {

    private static final List<Integer> HANDLES = List.of(1_000, 10_000, 100_000);

    private final Figures figures;
    private final TokenCeiling token;
    private final Scale scale;

    TokenPart(Figures figures, TokenCeiling token, Scale scale) {
        this.figures = figures;
        this.token = token;
        this.scale = scale;
    }

    void measure() {
        for (int threads = 1; threads <= scale.threads(); threads++) {
            for (int vectors : List.of(1, Scale.VECTORS)) {
                for (String mode : List.of("cold", "cold-session", "hot")) {
                    int of = threads;
                    figures.best(
                            Scale.id("ceiling", mode, vectors, threads),
                            "token alone, " + mode + ", " + vectors + " vectors, " + threads + " threads",
                            "authentications/s",
                            "perf/ceiling/token_ceiling.c " + mode + " " + vectors + " " + threads,
                            () -> token.rate(mode, vectors, of));
                }
            }
        }
        for (int handles : HANDLES) {
            figures.best(
                    "ceiling.hot.handles" + handles,
                    "token alone, hot, 5 vectors, 1 thread, " + handles + " keys in use",
                    "authentications/s",
                    "perf/ceiling/token_ceiling.c hot 5 1 handles=" + handles,
                    () -> token.rate("hot", Scale.VECTORS, 1, "handles=" + handles));
        }
        for (int wraps : List.of(1, 2)) {
            figures.best(
                    "ceiling.generate.wraps" + wraps,
                    "token alone, keys generated, each wrapped so often: " + wraps + "; " + scale.threads()
                            + " threads",
                    "keys/s",
                    "perf/ceiling/token_ceiling.c generate 1 " + scale.threads() + " wraps=" + wraps,
                    () -> token.rate("generate", 1, scale.threads(), "wraps=" + wraps));
        }
    }
}
