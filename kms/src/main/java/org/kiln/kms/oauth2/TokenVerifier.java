package org.kiln.kms.oauth2;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.BadJWTException;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Verifies access tokens: a JWT (RFC 7519) that the NRF signed with one of its keys, whose claims are those of TS 29.510
 * clause 6.3.5.2.4. A token whose {@code kid} is none of the NRF's is refused; one without is tried with every key. A
 * token that the NRF confined to a set, a slice or a PLMN of producers is refused, for a node knows none of its own.
 */
final class TokenVerifier {

    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512,
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512);

    private static final String SCOPE = "scope";
    private static final Set<String> REQUIRED = Set.of("iss", "sub", "aud", "exp", SCOPE);
    private static final Set<String> CONFINING = Set.of(
            "producerPlmnId",
            "producerSnpnId",
            "producerSnssaiList",
            "producerNsiList",
            "producerNfSetId",
            "producerNfServiceSetId");

    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

    TokenVerifier(TokenTrust trust, InstantSource clock) {
        processor.setJWSTypeVerifier(
                new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), null));
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(
                ALGORITHMS,
                new ImmutableJWKSet<>(
                        new JWKSet(trust.keys().stream().map(NrfKey::jwk).toList()))));
        processor.setJWTClaimsSetVerifier(new Claims(trust, clock));
    }

    /** @throws AccessTokenException if the token is not good here */
    AccessToken verify(String token) {
        try {
            JWTClaimsSet claims = processor.process(token, null);
            return new AccessToken(
                    claims.getSubject(),
                    Set.copyOf(List.of(claims.getStringClaim(SCOPE).strip().split(" +"))),
                    claims.getExpirationTime().toInstant());
        } catch (ParseException | BadJOSEException | JOSEException | IllegalArgumentException e) {
            throw new AccessTokenException(e.getMessage());
        }
    }

    /** The claims' rules, by Kiln's clock; and no token from the future. */
    private static final class Claims extends DefaultJWTClaimsVerifier<SecurityContext> {

        private final InstantSource clock;
        private final Duration skew;

        Claims(TokenTrust trust, InstantSource clock) {
            super(
                    trust.audience(),
                    new JWTClaimsSet.Builder().issuer(trust.issuer()).build(),
                    REQUIRED,
                    CONFINING);
            this.clock = clock;
            skew = trust.clockSkew();
            setMaxClockSkew((int) skew.toSeconds());
        }

        @Override
        protected Date currentTime() {
            return Date.from(clock.instant());
        }

        @Override
        public void verify(JWTClaimsSet claims, @Nullable SecurityContext context) throws BadJWTException {
            super.verify(claims, context);
            Date issued = claims.getIssueTime();
            Instant latest = clock.instant().plus(skew);
            if (issued != null && issued.toInstant().isAfter(latest)) {
                throw new BadJWTException("JWT issued in the future");
            }
        }
    }
}
