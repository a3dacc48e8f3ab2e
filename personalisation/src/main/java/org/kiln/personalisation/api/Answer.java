package org.kiln.personalisation.api;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * What a request is answered with.
 *
 * @param location where the thing made is; null for none
 * @param document sent as JSON
 */
record Answer(int status, @Nullable URI location, Object document) {

    static Answer ok(Object document) {
        return new Answer(200, null, document);
    }

    static Answer created(String location, Object document) {
        return new Answer(201, URI.create(location), document);
    }

    static Answer accepted(String location, Object document) {
        return new Answer(202, URI.create(location), document);
    }
}
