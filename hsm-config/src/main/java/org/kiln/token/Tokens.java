package org.kiln.token;

import java.util.List;
import org.kiln.pkcs11.Cryptoki;
import org.kiln.pkcs11.TokenInfo;

/** Finds tokens by what is written on them. */
public final class Tokens {

    private Tokens() {}

    /**
     * The one initialised token with this label.
     *
     * @throws TokenException if there is none, or more than one
     */
    public static TokenInfo labelled(Cryptoki cryptoki, String label) {
        List<TokenInfo> initialised =
                cryptoki.tokens().stream().filter(TokenInfo::initialised).toList();
        List<TokenInfo> matching = initialised.stream()
                .filter(token -> token.label().equals(label))
                .toList();
        return switch (matching.size()) {
            case 1 -> matching.getFirst();
            case 0 ->
                throw new TokenException("no initialised token is labelled '" + label + "' (found: "
                        + initialised.stream().map(TokenInfo::label).toList()
                        + "); initialise it with the vendor's tool or 'kiln init', or set hsm.token in kiln.yaml");
            default ->
                throw new TokenException(
                        "more than one token is labelled '" + label + "'; give the token a label of its own");
        };
    }
}
