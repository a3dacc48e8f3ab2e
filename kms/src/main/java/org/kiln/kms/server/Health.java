package org.kiln.kms.server;

import java.util.ArrayList;
import java.util.List;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.hsm.Token;
import org.kiln.kms.store.StoreException;
import org.kiln.secret.SecretMemory;

/**
 * Whether a node can serve.
 *
 * @param reasons what is wrong, in words for who is woken at night; empty if nothing is
 */
public record Health(Status status, List<String> reasons) {

    /** From best to worst. */
    public enum Status {
        UP,
        /** It serves, but something is wrong that should be seen to. */
        DEGRADED,
        /** Requests for vectors are refused. */
        DOWN
    }

    public Health {
        reasons = List.copyOf(reasons);
    }

    /** Looks at tokens, number and store; waits for the store. */
    public static Health of(AucNode node, AuthenticationCentre centre) {
        List<String> down = new ArrayList<>();
        List<String> degraded = new ArrayList<>();
        List<Token> tokens = node.tokens().tokens();
        List<String> out = tokens.stream()
                .filter(token -> token.state() != Token.State.IN_SERVICE)
                .map(token -> "token '" + token.label() + "' is out of service")
                .toList();
        (out.size() == tokens.size() ? down : degraded).addAll(out);
        if (!centre.isSeated()) {
            down.add("this node has no number among those that share the store");
        }
        try {
            boolean _ = node.database().read(connection -> connection.isValid(1));
        } catch (StoreException e) {
            down.add("the store cannot be read: " + e.getMessage());
        }
        if (SecretMemory.lockedOctets() == 0) {
            degraded.add("keys and PINs are in memory that is not locked (LimitMEMLOCK)");
        }
        Status status = !down.isEmpty() ? Status.DOWN : degraded.isEmpty() ? Status.UP : Status.DEGRADED;
        down.addAll(degraded);
        return new Health(status, down);
    }
}
