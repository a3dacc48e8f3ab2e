package org.kiln.kms.api;

import io.vertx.core.http.HttpMethod;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.access.Role;
import org.kiln.kms.oauth2.RequiredScope;

/** The resources of Nudm_UEAuthentication that Kiln serves: where they are, by which method, under which scope, for whom. */
enum UeauResource {
    GENERATE_AUTH_DATA(
            "security-information/generate-auth-data",
            "",
            HttpMethod.POST,
            "nudm-ueau:security-information:generate-auth-data:invoke",
            Roles.CORE_5G),
    HSS_GENERATE_AV(
            "hss-security-information/",
            "/generate-av",
            HttpMethod.POST,
            "nudm-ueau:hss-security-information:generate-av:invoke",
            Roles.ANY_CORE),
    GBA_GENERATE_AV(
            "gba-security-information/generate-av",
            "",
            HttpMethod.POST,
            "nudm-ueau:gba-security-information:generate-av:invoke",
            Roles.ANY_CORE),
    AUTH_EVENTS("auth-events", "", HttpMethod.POST, "nudm-ueau:auth-events:create", Roles.CORE_5G),
    AUTH_EVENT("auth-events/", "", HttpMethod.PUT, "nudm-ueau:auth-event-id:modify", Roles.CORE_5G);

    private static final String SERVICE = "nudm-ueau";

    /** What is at none of the resources takes a token that is not confined to some of them. */
    static final RequiredScope ELSEWHERE = new RequiredScope(SERVICE, "");

    private static final UeauResource[] ALL = values();

    private final String start;
    private final String end;

    @SuppressWarnings("ImmutableEnumChecker") // a constant of HttpMethod
    private final HttpMethod method;

    @SuppressWarnings("ImmutableEnumChecker") // a record of two strings
    private final RequiredScope scope;

    @SuppressWarnings("ImmutableEnumChecker") // Set.of is immutable
    private final Set<Role> roles;

    /** Who may have what; apart, since an enum's constants come before its other fields. */
    private static final class Roles {
        static final Set<Role> CORE_5G = Set.of(Role.UDM);
        static final Set<Role> ANY_CORE = Set.of(Role.UDM, Role.HLR);
    }

    UeauResource(String start, String end, HttpMethod method, String operation, Set<Role> roles) {
        this.start = start;
        this.end = end;
        this.method = method;
        scope = new RequiredScope(SERVICE, operation);
        this.roles = roles;
    }

    /** The resource at a path, given what follows the subscriber in it; null if there is none. */
    static @Nullable UeauResource at(String path) {
        for (UeauResource resource : ALL) {
            if (resource.isAt(path)) {
                return resource;
            }
        }
        return null;
    }

    private boolean isAt(String path) {
        return start.endsWith("/") ? path.startsWith(start) && path.endsWith(end) : path.equals(start);
    }

    /** What stands for the variable part of the resource's path; empty if none is there. */
    String variable(String path) {
        return path.substring(start.length(), Math.max(start.length(), path.length() - end.length()));
    }

    HttpMethod method() {
        return method;
    }

    RequiredScope scope() {
        return scope;
    }

    /** Who may use it. */
    Set<Role> roles() {
        return roles;
    }
}
