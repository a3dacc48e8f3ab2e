package org.kiln.kms.hsm;

import java.util.function.Supplier;
import org.kiln.secret.Secret;
import org.kiln.token.TokenModule;
import org.kiln.token.TokenProfile;

/**
 * The way to a token.
 *
 * @param label the token's label
 * @param userPin reads the user's PIN each time the token is entered; closed after use
 */
public record TokenAccess(TokenModule module, TokenProfile profile, String label, Supplier<Secret> userPin) {}
