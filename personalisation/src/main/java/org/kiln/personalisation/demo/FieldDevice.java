package org.kiln.personalisation.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.keys.Curve;
import org.kiln.kms.keys.OneTimeKey;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.personalisation.document.Documents;
import org.kiln.personalisation.identity.Credential;
import org.kiln.personalisation.identity.DevicePackage;
import org.kiln.personalisation.identity.IdentityRequest;
import org.kiln.personalisation.identity.SealedPackage;
import org.kiln.personalisation.identity.Statements;
import org.kiln.pkcs11.Session;
import org.kiln.token.TokenProfile;

/**
 * A device in the field, its keys in a token: asks for an identity, opens what it gets, confirms, and authenticates. One
 * thread.
 */
public final class FieldDevice {

    private static final HexFormat HEX = HexFormat.of();
    private static final int NONCE = 16;
    private static final int BLOCK = 16;
    private static final int WRAP_OVERHEAD = 8;

    private final String id;
    private final DeviceToken token;
    private final DeviceToken.Key certified;
    private final DeviceToken.@Nullable Key agreement;
    private String certificates = "";

    /** For which of the device's keys its credential is wrapped. */
    public enum WrappedFor {
        /** The certificate's, on P-256. */
        CERTIFIED_KEY,
        /** A key on X25519 that the certified one signs for. */
        X25519,
        /** An RSA key that the certified one signs for. */
        RSA
    }

    /**
     * Makes a device and its keys.
     *
     * @param session of the device's token, its user logged in
     */
    public FieldDevice(String id, Session session, TokenProfile profile, WrappedFor wrappedFor) {
        this.id = id;
        token = new DeviceToken(session, profile);
        certified = token.makeP256();
        try {
            agreement = switch (wrappedFor) {
                case CERTIFIED_KEY -> null;
                case X25519 -> token.makeX25519();
                case RSA -> token.makeRsa();
            };
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public String id() {
        return id;
    }

    /** What the device's maker certifies. */
    public PublicKey publicKey() {
        return certified.publicKey();
    }

    /** Takes the maker's certificate, and those between it and his authority, in PEM. */
    public void certify(String pem) {
        certificates = pem;
    }

    /** A nonce, in hexadecimal. */
    public String nonce() {
        return HEX.formatHex(token.random(NONCE));
    }

    /**
     * What the device wants.
     *
     * @param replaces the SUPI that it changes from; null for none
     * @param platform who gets the keys in its place; null for nobody
     */
    public record Wish(
            String nonce,
            String operator,
            String profile,
            String iccids,
            String imsis,
            @Nullable String replaces,
            @Nullable String platform) {}

    /** The signed request. */
    public IdentityRequest request(Wish wish) {
        IdentityRequest draft = with(wish, "");
        return with(wish, sign(Statements.request(draft)));
    }

    private IdentityRequest with(Wish wish, String signature) {
        boolean ownKey = agreement != null && wish.platform == null;
        return new IdentityRequest(
                id,
                wish.nonce,
                certificates,
                signature,
                wish.operator,
                wish.profile,
                null,
                wish.iccids,
                wish.imsis,
                null,
                ownKey
                        ? Base64.getEncoder()
                                .encodeToString(Objects.requireNonNull(agreement)
                                        .publicKey()
                                        .getEncoded())
                        : null,
                wish.replaces,
                wish.platform);
    }

    private String sign(byte[] statement) {
        try {
            return Base64.getEncoder().encodeToString(token.sign(certified, statement));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the device says when it has a package: members of a confirmation. */
    public Map<String, String> confirmation(String identityId, String nonce, String sha256) {
        return Map.of("sha256", sha256, "signature", sign(Statements.confirmation(identityId, id, nonce, sha256)));
    }

    /**
     * A credential that the device has installed: Ki is in its token, OPc in native memory; of TUAK, which its token cannot
     * compute, K is in native memory too.
     *
     * @param supi whom it makes the device
     */
    public record Installed(String supi, Usim usim) {}

    /**
     * Opens a package as far inside the token as it goes, and checks it against what the device asked for.
     *
     * @param operator who must have signed it
     * @param nonce of the request
     */
    public Installed install(SealedPackage sealed, X509Certificate operator, String nonce) {
        byte[] content = Base64.getDecoder().decode(sealed.content());
        requireSigned(content, sealed, operator);
        DevicePackage opened = Documents.readJson("the package", content, DevicePackage.class);
        if (!opened.deviceId().equals(id) || !opened.nonce().equals(nonce)) {
            throw new Demo.Failed("the package is not what the device asked for");
        }
        Credential credential = opened.credential();
        long oneTimeKey = oneTimeKey(opened);
        try {
            byte[] wrappedKi = HEX.parseHex(member(credential.keys(), "KI"));
            long ki = token.unwrapKi(oneTimeKey, wrappedKi);
            requireCheckValue(ki, member(credential.checkValues(), "KI"));
            Algorithm algorithm = opened.authentication().parsedAlgorithm();
            MemorySegment opc = Arena.ofAuto().allocate(algorithm.opcOctets(), 8);
            token.unwrapOpc(oneTimeKey, HEX.parseHex(member(credential.keys(), "OPC")), opc);
            if (algorithm instanceof Algorithm.Tuak tuak) {
                token.destroy(ki);
                MemorySegment k = Arena.ofAuto().allocate(wrappedKi.length - WRAP_OVERHEAD, 8);
                token.unwrapOpc(oneTimeKey, wrappedKi, k);
                return new Installed(opened.supi(), new Usim(new CardAlgorithm.OfTuak(k, opc, tuak.chosen())));
            }
            return new Installed(opened.supi(), new Usim((in, length, out) -> token.encrypt(ki, in, length, out), opc));
        } finally {
            token.destroy(oneTimeKey);
        }
    }

    private static void requireSigned(byte[] content, SealedPackage sealed, X509Certificate operator) {
        try {
            Signature verifier = Signature.getInstance("SHA256withECDSA");
            verifier.initVerify(operator);
            verifier.update(Statements.content(content));
            if (!verifier.verify(Base64.getDecoder().decode(sealed.signature()))) {
                throw new Demo.Failed("the package is not signed by the operator");
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private long oneTimeKey(DevicePackage opened) {
        byte[] sent = HEX.parseHex(opened.credential().sent());
        return switch (OneTimeKey.Method.valueOf(opened.credential().wrapping())) {
            case ECDH_P256_SHA256_KWP -> agreed(opened, certified, Curve.P256, sent);
            case ECDH_X25519_SHA256_KWP -> agreed(opened, Objects.requireNonNull(agreement), Curve.X25519, sent);
            case RSA_OAEP_SHA1_KWP, RSA_OAEP_SHA256_KWP ->
                token.transportedOneTimeKey(Objects.requireNonNull(agreement), sent);
        };
    }

    private long agreed(DevicePackage opened, DeviceToken.Key own, Curve curve, byte[] ephemeral) {
        return token.agreedOneTimeKey(
                own,
                ephemeral,
                Statements.sharedInfo(
                        opened.identityId(),
                        id,
                        opened.nonce(),
                        opened.profile(),
                        ephemeral,
                        curve.point(own.publicKey())));
    }

    private void requireCheckValue(long ki, String told) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(BLOCK);
            token.encrypt(ki, arena.allocate(BLOCK), BLOCK, out);
            byte[] value = HEX.parseHex(told);
            if (!Arrays.equals(value, out.asSlice(0, value.length).toArray(ValueLayout.JAVA_BYTE))) {
                throw new Demo.Failed("the Ki that arrived has another check value");
            }
        }
    }

    private static String member(Map<String, String> members, String name) {
        return Objects.requireNonNull(members.get(name), name);
    }

    /** Reads a package out of the API's answer. */
    public static SealedPackage sealed(JsonNode answer) {
        return new SealedPackage(
                answer.path("content").asText(),
                answer.path("sha256").asText(),
                answer.path("signature").asText());
    }
}
