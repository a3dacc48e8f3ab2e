package org.kiln.kms.suci;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.hsm.TokenBusyException;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.hsm.TokenLostException;
import org.kiln.kms.hsm.TokenUnavailableException;
import org.kiln.kms.keys.HomeNetworkKeys;
import org.kiln.kms.keys.KeyException;
import org.kiln.kms.keys.KeyRing;
import org.kiln.pkcs11.Pkcs11Exception;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The subscription identifier de-concealing function (TS 33.501 clause 6.12.5). Never blocks its caller: one task on a
 * lane resolves a SUCI.
 */
public final class Sidf {

    private static final Logger LOG = LoggerFactory.getLogger(Sidf.class);

    private final TokenCluster tokens;
    private final ServingKeys serving;
    private final HomeNetworkKeys keys;
    private final Ecies ecies;

    public Sidf(TokenCluster tokens, KeyRing ring, ServingKeys serving) {
        this.tokens = tokens;
        this.serving = serving;
        keys = new HomeNetworkKeys(ring, tokens.profile());
        ecies = new Ecies(keys);
    }

    /**
     * Resolves a SUCI.
     *
     * @return fails with a {@link SuciException} or {@link TokenBusyException}; completed on a lane's thread, which must
     *     not be kept
     */
    public CompletableFuture<PermanentIdentifier> deconceal(Suci suci) {
        CompletableFuture<PermanentIdentifier> result = new CompletableFuture<>();
        try {
            if (suci.scheme() == ProtectionScheme.NULL) {
                result.complete(SchemeInput.supi(suci));
            } else {
                onLane(suci, result);
            }
        } catch (SuciException e) {
            result.completeExceptionally(e);
        }
        return result;
    }

    private void onLane(Suci suci, CompletableFuture<PermanentIdentifier> result) {
        SuciKey key = serving.find(suci.keyIdentifier(), suci.scheme())
                .orElseThrow(() -> new SuciException.UnknownKey(suci.keyIdentifier(), suci.scheme()));
        byte[] output = suci.outputOctets();
        var _ = tokens.startOnFirst(session -> SchemeInput.supi(
                        suci, ecies.open(session, keys.privateKey(session, key.identifier()), suci.scheme(), output)))
                .whenComplete((supi, why) -> settle(result, supi, why));
    }

    private static void settle(
            CompletableFuture<PermanentIdentifier> result,
            @Nullable PermanentIdentifier supi,
            @Nullable Throwable why) {
        if (why != null) {
            result.completeExceptionally(explained(why));
        } else {
            result.complete(supi);
        }
    }

    private static Throwable explained(Throwable e) {
        return switch (e) {
            case KeyException refused -> {
                LOG.error("a SUCI cannot be resolved: {}", refused.getMessage());
                yield new SuciException.KeyMissing();
            }
            case Pkcs11Exception refused -> unavailable(refused);
            case TokenLostException lost -> unavailable(lost);
            case TokenUnavailableException none -> unavailable(none);
            default -> e;
        };
    }

    private static SuciException unavailable(RuntimeException e) {
        LOG.error("a SUCI cannot be resolved, the token refused: {}", e.getMessage());
        return new SuciException.Unavailable();
    }
}
