package org.kiln.kms.oauth2;

import java.util.Set;

/**
 * What a resource demands of a token (TS 29.500 clause 6.7.3, TS 33.501 clause 13.4.1.1.2).
 *
 * @param service the scope of the service, such as {@code nudm-ueau}
 * @param operation the additional scope of the operation, such as {@code nudm-ueau:auth-events:create}
 */
public record RequiredScope(String service, String operation) {

    private static final String SEPARATOR = ":";

    /**
     * Whether a token with these scopes reaches the resource: it names the service; and if it names some of the service's
     * operations, this one is among them.
     */
    public boolean isGrantedBy(Set<String> scopes) {
        return scopes.contains(service)
                && (scopes.contains(operation)
                        || scopes.stream().noneMatch(scope -> scope.startsWith(service + SEPARATOR)));
    }
}
