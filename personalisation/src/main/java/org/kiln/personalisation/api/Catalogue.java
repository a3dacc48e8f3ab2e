package org.kiln.personalisation.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.vertx.core.http.HttpMethod;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.access.Role;
import org.kiln.kms.api.Cause;
import org.kiln.kms.api.Problem;
import org.kiln.kms.api.ProblemException;
import org.kiln.personalisation.document.DocumentException;
import org.kiln.personalisation.document.Rules;
import org.kiln.personalisation.numbering.NumberBlock;
import org.kiln.personalisation.numbering.NumberBlocks;
import org.kiln.personalisation.numbering.NumberRange;
import org.kiln.personalisation.numbering.NumberRanges;
import org.kiln.personalisation.numbering.Quarantine;
import org.kiln.personalisation.output.DeliveryFiles;
import org.kiln.personalisation.partner.Partner;
import org.kiln.personalisation.partner.PartnerRegister;
import org.kiln.personalisation.profile.CardProfile;
import org.kiln.personalisation.profile.ProfileBook;
import org.kiln.personalisation.profile.ProfileException;
import org.kiln.personalisation.profile.ProfileVersion;

/** {@code /profiles}, {@code /partners}, {@code /number-ranges}: what there must be before anything is ordered. */
public final class Catalogue {

    private static final Set<Role> CHANGE = Set.of(Role.OPERATOR);
    private static final Set<Role> LOOK = Set.of(Role.OPERATOR, Role.AUDITOR);
    private static final String PROFILES = "/profiles";
    private static final String VERSION = PROFILES + "/:name/:version";
    private static final String PARTNERS = "/partners";
    private static final String RANGES = "/number-ranges";

    private final ProfileBook profiles;
    private final PartnerRegister partners;
    private final NumberRanges ranges;
    private final NumberBlocks blocks;
    private final Quarantine quarantine;

    public Catalogue(
            ProfileBook profiles,
            PartnerRegister partners,
            NumberRanges ranges,
            NumberBlocks blocks,
            Quarantine quarantine) {
        this.profiles = profiles;
        this.partners = partners;
        this.ranges = ranges;
        this.blocks = blocks;
        this.quarantine = quarantine;
    }

    void mount(Endpoints endpoints) {
        endpoints.get(PROFILES, LOOK, call -> Answer.ok(Map.of("items", profiles.list())));
        endpoints.send(HttpMethod.POST, PROFILES, CHANGE, this::addProfile);
        endpoints.get(VERSION, LOOK, call -> Answer.ok(profile(call)));
        endpoints.act(
                VERSION + "/publish",
                CHANGE,
                call -> Answer.ok(profiles.publish(
                        call.path("name"), call.number("version"), call.caller().name())));
        endpoints.act(
                VERSION + "/retire",
                CHANGE,
                call -> Answer.ok(profiles.retire(
                        call.path("name"), call.number("version"), call.caller().name())));
        endpoints.get(PARTNERS, LOOK, call -> Answer.ok(Map.of("items", partners.list())));
        endpoints.send(HttpMethod.PUT, PARTNERS + "/:name", CHANGE, this::putPartner);
        endpoints.get(PARTNERS + "/:name", LOOK, call -> Answer.ok(partner(call)));
        endpoints.get(RANGES, LOOK, call -> Answer.ok(Map.of("items", ranges.list())));
        endpoints.send(HttpMethod.POST, RANGES, CHANGE, this::addRange);
        endpoints.get(RANGES + "/:name", LOOK, call -> Answer.ok(range(call)));
        endpoints.get(RANGES + "/:name/quarantine", LOOK, this::quarantined);
        endpoints.send(HttpMethod.POST, RANGES + "/:name/quarantine", CHANGE, this::quarantine);
        endpoints.send(HttpMethod.POST, RANGES + "/:name/release", CHANGE, this::release);
    }

    private Answer addProfile(Call call) {
        ProfileVersion added = profiles.add(
                call.read("the profile", CardProfile.class), call.caller().name());
        return Answer.created(
                Endpoints.PREFIX + PROFILES + "/" + added.profile().name() + "/" + added.version(), added);
    }

    private ProfileVersion profile(Call call) {
        return profiles.find(call.path("name"), call.number("version"))
                .orElseThrow(() -> new ProfileException.Unknown(call.path("name") + "/" + call.path("version")));
    }

    private Answer putPartner(Call call) {
        Partner partner = call.read("the partner", Partner.class);
        if (!partner.name().equals(call.path("name"))) {
            throw new DocumentException("the partner: name is not the path's");
        }
        DeliveryFiles.certificate("certificate", partner.certificate());
        DeliveryFiles.certificate("acknowledgementCertificate", partner.signingCertificate());
        partners.put(partner, call.caller().name());
        return Answer.ok(partner);
    }

    private Partner partner(Call call) {
        return partners.find(call.path("name")).orElseThrow(() -> nothing("there is no such partner"));
    }

    private Answer addRange(Call call) {
        NumberRange range = call.read("the range", NumberRange.class);
        ranges.add(range, call.caller().name());
        return Answer.created(Endpoints.PREFIX + RANGES + "/" + range.name(), range);
    }

    /** A range and which of its numbers were given. */
    private record RangeView(NumberRange range, List<NumberBlock> blocks) {}

    private RangeView range(Call call) {
        NumberRange range = named(call);
        return new RangeView(range, blocks.of(range));
    }

    private NumberRange named(Call call) {
        return ranges.list().stream()
                .filter(each -> each.name().equals(call.path("name")))
                .findFirst()
                .orElseThrow(() -> nothing("there is no such number range"));
    }

    private Answer quarantined(Call call) {
        int limit = call.limit();
        List<NumberBlock> found =
                quarantine.page(named(call), call.query("after").orElse(""), limit);
        Map<String, Object> page = new HashMap<>();
        page.put("items", found);
        if (found.size() == limit) {
            page.put("next", found.getLast().first());
        }
        return Answer.ok(page);
    }

    /** Which numbers somebody means, and why. */
    record Numbers(
            @JsonProperty(required = true) String first,
            @Nullable Long count,
            @JsonProperty(required = true) String reason) {
        Numbers {
            Rules.present("first", first);
            Rules.require(count == null || count > 0, "count is 1 or more");
            Rules.require(
                    !Rules.present("reason", reason).isBlank() && reason.length() <= 200,
                    "reason is a text of 1 to 200 characters");
        }
    }

    private Answer quarantine(Call call) {
        Numbers numbers = call.read("the numbers", Numbers.class);
        if (numbers.count() == null) {
            throw new DocumentException("the numbers: count is missing");
        }
        return Answer.ok(Map.of(
                "items",
                quarantine.impose(
                        call.path("name"),
                        numbers.first(),
                        numbers.count(),
                        numbers.reason(),
                        call.caller().name())));
    }

    private Answer release(Call call) {
        Numbers numbers = call.read("the numbers", Numbers.class);
        return Answer.ok(Map.of(
                "items",
                quarantine.release(
                        call.path("name"),
                        numbers.first(),
                        numbers.count(),
                        numbers.reason(),
                        call.caller().name())));
    }

    private static ProblemException nothing(String detail) {
        return new ProblemException(Problem.of(Cause.RESOURCE_NOT_FOUND, detail));
    }
}
