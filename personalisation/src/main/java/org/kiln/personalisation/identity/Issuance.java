package org.kiln.personalisation.identity;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.keys.Curve;
import org.kiln.kms.keys.KeyException;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.OneTimeKey;
import org.kiln.kms.keys.OneTimeKeys;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.subscriber.EngineChoice;
import org.kiln.personalisation.document.Documents;
import org.kiln.personalisation.generation.Leaving;
import org.kiln.personalisation.generation.ProfileElements;
import org.kiln.personalisation.order.OrderException;
import org.kiln.personalisation.profile.Authentication;
import org.kiln.personalisation.profile.CardProfile;
import org.kiln.pkcs11.Session;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;
import org.kiln.transfer.envelope.Identity;

/**
 * Makes the credential of an identity that was entered and seals it for whoever gets it. Numbers are on disk before keys
 * are made, and keys before anybody has them: what a crash leaves entered is made when the device asks again.
 */
public final class Issuance {

    private final IdentityBook book;
    private final TokenCluster tokens;
    private final KeyRing ring;
    private final StorageKeys storage;
    private final EngineChoice engines;
    private final OneTimeKeys oneTimeKeys;
    private final Platforms platforms;
    private final Identity signer;
    private final Consumer<Authentication> requireMakeable;

    /**
     * @param signer the token's signing key
     * @param requireMakeable throws {@link OrderException} if this node cannot make what authenticates so
     */
    public Issuance(
            IdentityBook book,
            TokenCluster tokens,
            KeyRing ring,
            StorageKeys storage,
            EngineChoice engines,
            OneTimeKeys oneTimeKeys,
            Platforms platforms,
            Identity signer,
            Consumer<Authentication> requireMakeable) {
        this.book = book;
        this.tokens = tokens;
        this.ring = ring;
        this.storage = storage;
        this.engines = engines;
        this.oneTimeKeys = oneTimeKeys;
        this.platforms = platforms;
        this.signer = signer;
        this.requireMakeable = requireMakeable;
    }

    /** Refuses what could not be made or delivered, before anything is entered. */
    void requireDeliverable(IdentityRequest request, Device device) {
        CardProfile profile = book.database()
                .read(connection -> book.profiles()
                        .orderable(connection, request.profile(), request.profileVersion())
                        .profile());
        try {
            requireMakeable.accept(profile.authentication());
        } catch (OrderException e) {
            throw new IdentityException(Refusal.PROFILE_UNFIT, String.valueOf(e.getMessage()));
        }
        if (request.platform() != null) {
            platforms.transportKey(request.platform());
            ProfileElements.unfit(profile).ifPresent(why -> {
                throw new IdentityException(Refusal.PROFILE_UNFIT, why);
            });
            return;
        }
        try {
            oneTimeKeys.requireUsable(DeviceKeys.wrappingKey(device, request.agreementKey()));
        } catch (KeyException e) {
            throw new IdentityException(Refusal.ONE_TIME_KEY_REFUSED, String.valueOf(e.getMessage()));
        }
    }

    /**
     * Makes the credential of an identity; one that is made stays as it is.
     *
     * @param agreementKey as in the request
     */
    DeviceIdentity issue(DeviceIdentity identity, Device device, @Nullable String agreementKey) {
        if (identity.state() != IdentityState.REQUESTED) {
            return identity;
        }
        Issue issue = identity.issue();
        CardProfile profile = book.database()
                .read(connection -> book.profiles()
                        .ordered(connection, issue.profile(), issue.profileVersion())
                        .profile());
        Sealed sealed = tokens.callOnFirst(session -> issue.platform() == null
                ? forDevice(session, identity, profile, DeviceKeys.wrappingKey(device, agreementKey))
                : forPlatform(session, identity, profile, issue.platform()));
        SealedPackage content = sign(sealed.content);
        return book.database().write(connection -> {
            DeviceIdentity now = book.require(connection, identity.id());
            if (now.state() != IdentityState.REQUESTED) {
                return now;
            }
            book.subscribers().insert(connection, List.of(sealed.made.subscriber()));
            return book.issued(connection, now, content, sealed.made.retained(), "keys wrapped by " + sealed.wrapping);
        });
    }

    private record Sealed(CredentialMaker.Made made, String wrapping, byte[] content) {}

    private Sealed forDevice(Session session, DeviceIdentity identity, CardProfile profile, PublicKey key) {
        Issue issue = identity.issue();
        try (OneTimeKey oneTimeKey = oneTimeKeys.make(
                session,
                key,
                ephemeral -> Statements.sharedInfo(
                        identity.id(),
                        issue.deviceId(),
                        issue.nonce(),
                        issue.profileName(),
                        ephemeral,
                        Curve.of(key).point(key)))) {
            CredentialMaker.Made made = make(session, issue, profile, Leaving.UNDER_A_ONE_TIME_KEY, oneTimeKey::wrap);
            String wrapping = oneTimeKey.method().name();
            Credential credential =
                    credential(made, wrapping, HexFormat.of().withUpperCase().formatHex(oneTimeKey.sent()));
            return new Sealed(made, wrapping, json(DevicePackage.of(identity.id(), issue, profile, credential)));
        }
    }

    private Sealed forPlatform(Session session, DeviceIdentity identity, CardProfile profile, String platform) {
        String label = platforms.transportKey(platform);
        long transportKey = ring.secretKey(session, label);
        CredentialMaker.Made made = make(
                session,
                identity.issue(),
                profile,
                Leaving.UNDER_TRUSTED_KEYS,
                key -> storage.wrapUnder(session, transportKey, key));
        Credential credential = credential(made, "AES_KWP", label);
        return new Sealed(
                made,
                "AES_KWP under " + label,
                json(ProfileFragment.of(identity.id(), identity.issue(), profile, credential)));
    }

    private CredentialMaker.Made make(
            Session session, Issue issue, CardProfile profile, Leaving leaving, CredentialMaker.Wrapping wrapping) {
        Authentication authentication = profile.authentication();
        CredentialMaker maker = new CredentialMaker(
                profile, engines.forNew(authentication.parsedAlgorithm()), tokens.profile(), storage, leaving);
        int octets = Math.max(1, authentication.parsedAlgorithm().opcOctets());
        try (Secret constant = Secret.ofSize(octets)) {
            MemorySegment out = constant.expose(SecretAccess.granted());
            String operator = authentication.operatorConstant();
            if (operator != null) {
                storage.readOperatorConstant(session, operator, out);
            }
            return maker.make(session, issue, out, wrapping);
        }
    }

    private static Credential credential(CredentialMaker.Made made, String wrapping, String sent) {
        return new Credential(wrapping, sent, made.keys(), made.checkValues(), made.counters());
    }

    private static byte[] json(Object document) {
        return Documents.writeJson(document).getBytes(StandardCharsets.UTF_8);
    }

    private SealedPackage sign(byte[] content) {
        try {
            Signature signature = signer.provider() == null
                    ? Signature.getInstance("SHA256withECDSA")
                    : Signature.getInstance("SHA256withECDSA", signer.provider());
            signature.initSign(signer.key());
            signature.update(Statements.content(content));
            Base64.Encoder base64 = Base64.getEncoder();
            return new SealedPackage(
                    base64.encodeToString(content),
                    Statements.sha256(content),
                    base64.encodeToString(signature.sign()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the token does not sign a package: " + e.getMessage(), e);
        }
    }
}
