package org.kiln.kms.api;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.kiln.kms.access.AccessException;
import org.kiln.kms.access.Principal;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.PlmnId;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.auc.AuthEvents;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.auc.VectorRequest;
import org.kiln.kms.oauth2.RequiredScope;
import org.kiln.kms.suci.Sidf;
import org.kiln.kms.suci.Suci;
import org.kiln.kms.suci.SuciException;
import org.kiln.transfer.numbering.Supi;

/**
 * {@code Nudm_UEAuthentication} (TS 29.503 clause 6.3) for UDM, AUSF and HSS: {@code generate-auth-data},
 * {@code hss-security-information/…/generate-av}, {@code gba-security-information/generate-av} and {@code auth-events}.
 * Paths are taken apart by hand, since this is the path that carries a network's load.
 */
public final class NudmUeau implements CallerHandler {

    /** Every path of this API begins so. */
    public static final String PREFIX = "/nudm-ueau/v1/";

    private static final String SUPI_OR_SUCI = "supiOrSuci";
    private static final String SUPI = "supi";
    private static final int LARGEST_BODY = 16 * 1024;
    private static final String GBA_AUTH_TYPE = "DIGEST_AKAV1_MD5";
    private static final Pattern SERVING_NETWORK_NAME =
            Pattern.compile("5G:mnc[0-9]{3}[.]mcc[0-9]{3}[.]3gppnetwork[.]org(:[A-F0-9]{11})?|5G:NSWO");

    private final Vertx vertx;
    private final AuthenticationCentre centre;
    private final Sidf sidf;
    private final NudmAuthEvents authEvents;

    public NudmUeau(Vertx vertx, AuthenticationCentre centre, Sidf sidf, AuthEvents events) {
        this.vertx = vertx;
        this.centre = centre;
        this.sidf = sidf;
        authEvents = new NudmAuthEvents(vertx, events);
    }

    @Override
    public void handle(HttpServerRequest request, Principal caller) {
        try {
            route(request, caller);
        } catch (ProblemException | AccessException e) {
            request.handler(chunk -> {});
            Responses.failure(request.response(), e);
        }
    }

    private void route(HttpServerRequest request, Principal caller) {
        String path = request.path();
        int supiEnd = path == null ? -1 : path.indexOf('/', PREFIX.length());
        if (path == null || supiEnd < 0) {
            throw notFound();
        }
        String inPath = path.substring(supiEnd + 1);
        String supiOrSuci = path.substring(PREFIX.length(), supiEnd);
        UeauResource resource = UeauResource.at(inPath);
        if (resource == null) {
            throw notFound();
        }
        caller.require(resource.roles());
        require(request, resource.method());
        if (resource == UeauResource.GENERATE_AUTH_DATA) {
            generateAuthData(request, supiOrSuci, caller);
            return;
        }
        Supi supi = UriSegment.supi(
                supiOrSuci,
                resource == UeauResource.AUTH_EVENTS || resource == UeauResource.AUTH_EVENT ? SUPI : SUPI_OR_SUCI);
        caller.require(resource.roles(), supi);
        switch (resource) {
            case HSS_GENERATE_AV -> generateAv(request, caller, supi, hssAuthType(resource.variable(inPath)));
            case GBA_GENERATE_AV -> generateGbaAv(request, caller, supi);
            case AUTH_EVENTS -> authEvents.confirm(request, supi);
            case AUTH_EVENT -> authEvents.remove(request, supi, resource.variable(inPath));
            case GENERATE_AUTH_DATA -> throw new AssertionError();
        }
    }

    /** What a token must allow to reach what is at a path of this API. */
    public static RequiredScope scope(String path) {
        int supiEnd = path.indexOf('/', PREFIX.length());
        UeauResource resource = supiEnd < 0 ? null : UeauResource.at(path.substring(supiEnd + 1));
        return resource == null ? UeauResource.ELSEWHERE : resource.scope();
    }

    private static HssAuthType hssAuthType(String segment) {
        HssAuthType type = HssAuthType.inUri(segment);
        if (type == null) {
            throw new ProblemException(Problem.of(
                    Cause.RESOURCE_URI_STRUCTURE_NOT_FOUND,
                    "the path names no authentication method that Kiln serves; use eps-aka, eap-aka, eap-aka-prime,"
                            + " ims-aka or gba-aka"));
        }
        return type;
    }

    private static ProblemException notFound() {
        return new ProblemException(
                Problem.of(Cause.RESOURCE_URI_STRUCTURE_NOT_FOUND, "Nudm_UEAuthentication has no such resource here"));
    }

    private static void require(HttpServerRequest request, HttpMethod method) {
        if (!method.equals(request.method())) {
            request.response().putHeader("allow", method.name());
            throw new ProblemException(Problem.of(Cause.METHOD_NOT_ALLOWED, "use " + method.name()));
        }
    }

    private void generateAuthData(HttpServerRequest request, String segment, Principal caller) {
        String supiOrSuci = UriSegment.decoded(segment, SUPI_OR_SUCI);
        if (!supiOrSuci.startsWith("suci-")) {
            Supi supi = UriSegment.supi(segment, SUPI_OR_SUCI);
            caller.require(UeauResource.GENERATE_AUTH_DATA.roles(), supi);
            answer(
                    request,
                    caller,
                    info -> fiveG(supi, info),
                    (info, vectors) -> VectorJson.authenticationInfo(supi, vectors.getFirst(), info.asksForFeatures()));
            return;
        }
        Suci suci = suci(supiOrSuci);
        Context context = vertx.getOrCreateContext();
        HttpServerResponse response = request.response();
        RequestBody.read(request, LARGEST_BODY)
                .compose(body -> {
                    UeauRequest info = fiveG(UeauRequest.parse(body));
                    return Future.fromCompletionStage(sidf.deconceal(suci), context)
                            .compose(resolved -> {
                                Supi supi = resolved.imsi().orElseThrow(NudmUeau::noSubscriber);
                                caller.require(UeauResource.GENERATE_AUTH_DATA.roles(), supi);
                                return Future.fromCompletionStage(
                                                centre.authenticate(fiveG(supi, info), caller), context)
                                        .map(vectors -> {
                                            caller.served(1);
                                            return VectorJson.authenticationInfo(
                                                    supi, vectors.getFirst(), info.asksForFeatures());
                                        });
                            });
                })
                .onSuccess(encoded -> Responses.json(response, encoded))
                .onFailure(failure -> Responses.failure(response, failure));
    }

    private static Suci suci(String text) {
        try {
            return Suci.parse(text);
        } catch (SuciException e) {
            throw new ProblemException(Responses.problemOf(e));
        }
    }

    private static ProblemException noSubscriber() {
        return new ProblemException(Problem.of(
                Cause.USER_NOT_FOUND, "no subscriber has this SUPI: Kiln serves subscribers with an IMSI only"));
    }

    /** @throws ProblemException (400) if it is no {@code servingNetworkName} */
    static String requireServingNetwork(String name) {
        if (!SERVING_NETWORK_NAME.matcher(name).matches()) {
            throw new ProblemException(
                    Problem.incorrect("servingNetworkName", "is not of the form 5G:mnc001.mcc001.3gppnetwork.org"));
        }
        return name;
    }

    private static UeauRequest fiveG(UeauRequest info) {
        requireServingNetwork(info.servingNetworkName());
        info.ausfInstanceId();
        return info;
    }

    private static VectorRequest fiveG(Supi supi, UeauRequest info) {
        fiveG(info);
        return VectorRequest.fiveG(supi, info.servingNetworkName(), info.resynchronisation());
    }

    private void generateAv(HttpServerRequest request, Principal caller, Supi supi, HssAuthType type) {
        answer(
                request,
                caller,
                info -> {
                    if (!info.hssAuthType().equals(type.name())) {
                        throw new ProblemException(
                                Problem.incorrect("hssAuthType", "is not " + type + ", which the path names"));
                    }
                    VectorRequest asked = new VectorRequest(
                            supi, kind(type, info), info.numOfRequestedVectors(), info.resynchronisation());
                    return type == HssAuthType.IMS_AKA || type == HssAuthType.GBA_AKA ? asked.forIms() : asked;
                },
                (info, vectors) -> VectorJson.hssAuthenticationInfo(type.name(), vectors, info.asksForFeatures()));
    }

    /** One vector for bootstrapping (TS 33.220), of which HTTP Digest AKA is the only kind there is. */
    private void generateGbaAv(HttpServerRequest request, Principal caller, Supi supi) {
        answer(
                request,
                caller,
                info -> {
                    if (!info.authType().equals(GBA_AUTH_TYPE)) {
                        throw new ProblemException(Problem.incorrect("authType", "is not " + GBA_AUTH_TYPE));
                    }
                    return new VectorRequest(supi, VectorKind.UmtsAka.GBA, 1, info.resynchronisation()).forIms();
                },
                (info, vectors) -> VectorJson.gbaAuthenticationInfo(vectors.getFirst(), info.asksForFeatures()));
    }

    private static VectorKind kind(HssAuthType type, UeauRequest info) {
        return switch (type) {
            case EPS_AKA -> VectorKind.EpsAka.of(plmn(info));
            case EAP_AKA_PRIME -> VectorKind.EapAkaPrime.of(info.anId());
            case EAP_AKA -> VectorKind.UmtsAka.EAP_AKA;
            case IMS_AKA -> VectorKind.UmtsAka.IMS;
            case GBA_AKA -> VectorKind.UmtsAka.GBA;
        };
    }

    private static PlmnId plmn(UeauRequest info) {
        try {
            return new PlmnId(info.mcc(), info.mnc());
        } catch (IllegalArgumentException e) {
            throw new ProblemException(Problem.incorrect("servingNetworkId", String.valueOf(e.getMessage())));
        }
    }

    private void answer(
            HttpServerRequest request,
            Principal caller,
            Function<UeauRequest, VectorRequest> decode,
            BiFunction<UeauRequest, List<AuthenticationVector>, Buffer> encode) {
        Context context = vertx.getOrCreateContext();
        HttpServerResponse response = request.response();
        RequestBody.read(request, LARGEST_BODY)
                .map(UeauRequest::parse)
                .compose(info -> Future.fromCompletionStage(centre.authenticate(decode.apply(info), caller), context)
                        .map(vectors -> {
                            caller.served(vectors.size());
                            return encode.apply(info, vectors);
                        }))
                .onSuccess(encoded -> Responses.json(response, encoded))
                .onFailure(failure -> Responses.failure(response, failure));
    }
}
