/**
 * Access tokens that an NRF signed (TS 29.510 {@code AccessTokenClaims}, TS 33.501 clause 13.4.1): which keys are trusted,
 * whether a token is good here, and what it allows. Touches no other room of Kiln.
 */
@NullMarked
package org.kiln.kms.oauth2;

import org.jspecify.annotations.NullMarked;
