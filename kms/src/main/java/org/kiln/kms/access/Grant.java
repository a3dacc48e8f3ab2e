package org.kiln.kms.access;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.kiln.transfer.numbering.Supi;

/**
 * A role that a caller has, and to whom or what it is confined.
 *
 * @param partner whom the caller belongs to; null unless the role {@linkplain Role#isPartners() is a partner's}
 * @param plmn whose subscribers he may ask for, such as {@code 001-01}; null if for any
 * @param imsiPrefix how their IMSIs begin
 */
public record Grant(
        Role role,
        @Nullable String partner,
        @Nullable String plmn,
        @Nullable String imsiPrefix) {

    private static final int IMSI_STARTS = "imsi-".length();
    private static final Pattern PLMN = Pattern.compile("[0-9]{3}-[0-9]{2,3}");

    /** A role that is not confined. */
    public static Grant of(Role role) {
        return new Grant(role, null, null, null);
    }

    /**
     * A grant as the configuration writes it: {@code operator}, {@code card-vendor:acme}, {@code hlr:001-01}, {@code udm},
     * {@code udm:001-01}.
     *
     * @throws IllegalArgumentException saying how a role is written
     */
    public static Grant parse(String text) {
        int colon = text.indexOf(':');
        String label = colon < 0 ? text : text.substring(0, colon);
        String confined = colon < 0 ? "" : text.substring(colon + 1);
        Role role = Arrays.stream(Role.values())
                .filter(each -> each.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'" + text + "' is no role; a role is one of "
                        + Arrays.stream(Role.values()).map(Grant::form).collect(Collectors.joining(", "))));
        boolean fits = switch (role.of()) {
            case NOTHING -> colon < 0;
            case PARTNER -> !confined.isBlank();
            case NETWORK -> PLMN.matcher(confined).matches();
            case ANY_NETWORK -> colon < 0 || PLMN.matcher(confined).matches();
        };
        if (!fits) {
            throw new IllegalArgumentException("the role '" + text + "' is written " + form(role)
                    + (role.of() == Role.Of.NETWORK || role.of() == Role.Of.ANY_NETWORK
                            ? ", its PLMN such as 001-01"
                            : ""));
        }
        if (colon < 0) {
            return of(role);
        }
        return role.isPartners()
                ? new Grant(role, confined, null, null)
                : new Grant(role, null, confined, confined.replace("-", ""));
    }

    private static String form(Role role) {
        return role.label()
                + switch (role.of()) {
                    case NOTHING -> "";
                    case PARTNER -> ":<partner>";
                    case NETWORK -> ":<mcc>-<mnc>";
                    case ANY_NETWORK -> "[:<mcc>-<mnc>]";
                };
    }

    /** Whether it is good for this subscriber: his IMSI begins with the PLMN. */
    boolean covers(Supi supi) {
        return imsiPrefix == null || supi.value().startsWith(imsiPrefix, IMSI_STARTS);
    }

    /** As the configuration writes it. */
    @Override
    public String toString() {
        String confined = partner == null ? plmn : partner;
        return confined == null ? role.label() : role.label() + ":" + confined;
    }
}
