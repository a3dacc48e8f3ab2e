package org.kiln.personalisation.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.vertx.core.http.HttpMethod;
import java.util.Map;
import java.util.Set;
import org.kiln.kms.access.Caller;
import org.kiln.kms.access.Role;
import org.kiln.personalisation.document.Rules;
import org.kiln.personalisation.identity.DeviceIdentity;
import org.kiln.personalisation.identity.Exchange;
import org.kiln.personalisation.identity.IdentityBook;
import org.kiln.personalisation.identity.IdentityRequest;
import org.kiln.personalisation.identity.Succession;

/** {@code /identities}: credentials for devices in the field. A broker sees those that he asked for, no others. */
public final class IdentityRoutes {

    private static final String IDENTITIES = "/identities";
    private static final String IDENTITY = IDENTITIES + "/:id";
    private static final Set<Role> ASK = Set.of(Role.OPERATOR, Role.IDENTITY_BROKER);
    private static final Set<Role> LOOK = Set.of(Role.OPERATOR, Role.IDENTITY_BROKER, Role.AUDITOR);
    private static final Set<Role> PLATFORM = Set.of(Role.OPERATOR, Role.RECIPIENT);
    private static final Set<Role> DECIDE = Set.of(Role.OPERATOR);
    private static final Set<Role> AUDIT = Set.of(Role.OPERATOR, Role.AUDITOR);

    private final IdentityBook book;
    private final Exchange exchange;
    private final Succession succession;

    public IdentityRoutes(IdentityBook book, Exchange exchange, Succession succession) {
        this.book = book;
        this.exchange = exchange;
        this.succession = succession;
    }

    void mount(Endpoints endpoints) {
        endpoints.send(HttpMethod.POST, IDENTITIES, ASK, this::request);
        endpoints.get(IDENTITIES, LOOK, this::page);
        endpoints.get(IDENTITY, LOOK, call -> Answer.ok(IdentityView.of(visible(call))));
        endpoints.get(
                IDENTITY + "/package",
                ASK,
                call -> Answer.ok(exchange.deliver(
                        visible(call).id(), false, call.caller().name())));
        endpoints.get(
                IDENTITY + "/fragment",
                PLATFORM,
                call -> Answer.ok(exchange.deliver(
                        ofPlatform(call).id(), true, call.caller().name())));
        endpoints.send(HttpMethod.POST, IDENTITY + "/confirmation", ASK, this::confirm);
        endpoints.act(
                IDENTITY + "/authenticated",
                DECIDE,
                call -> Answer.ok(IdentityView.of(
                        succession.authenticated(call.path("id"), call.caller().name()))));
        endpoints.send(HttpMethod.POST, IDENTITY + "/revoke", DECIDE, this::revoke);
        endpoints.get(
                IDENTITY + "/events",
                AUDIT,
                call -> Answer.ok(Map.of("items", book.events(visible(call).id()))));
    }

    private Answer request(Call call) {
        IdentityRequest request = call.read("the request", IdentityRequest.class);
        Caller caller = call.caller();
        DeviceIdentity identity = exchange.request(request, caller.name(), caller.partner());
        return Answer.created(Endpoints.PREFIX + IDENTITIES + "/" + identity.id(), IdentityView.of(identity));
    }

    private Answer page(Call call) {
        return Answer.ok(Map.of(
                "items",
                book.page(call.caller().partner(), call.limit()).stream()
                        .map(IdentityView::of)
                        .toList()));
    }

    /** The identity, unless another broker asked for it: then it is not there. */
    private DeviceIdentity visible(Call call) {
        return book.find(call.path("id"))
                .filter(found -> !call.caller().role().isPartners()
                        || found.isOfBroker(call.caller().partner()))
                .orElseThrow(IdentityBook::unknown);
    }

    private DeviceIdentity ofPlatform(Call call) {
        return book.find(call.path("id"))
                .filter(found -> !call.caller().role().isPartners()
                        || (found.issue().platform() != null
                                && call.caller().isOf(found.issue().platform())))
                .orElseThrow(IdentityBook::unknown);
    }

    /** What a device signs when it has what it was given; see {@link Exchange#confirm}. */
    record Confirmation(
            @JsonProperty(required = true) String sha256,
            @JsonProperty(required = true) String signature) {
        Confirmation {
            Rules.require(
                    Rules.present("sha256", sha256).matches("[0-9A-Fa-f]{64}"), "sha256 has 64 hexadecimal digits");
            Rules.present("signature", signature);
        }
    }

    private Answer confirm(Call call) {
        Confirmation confirmation = call.read("the confirmation", Confirmation.class);
        return Answer.ok(IdentityView.of(exchange.confirm(
                visible(call).id(),
                confirmation.sha256(),
                confirmation.signature(),
                call.caller().name())));
    }

    private Answer revoke(Call call) {
        OrderRoutes.Reason why = call.read("the revocation", OrderRoutes.Reason.class);
        return Answer.ok(
                IdentityView.of(succession.revoke(call.path("id"), call.caller().name(), why.text())));
    }
}
