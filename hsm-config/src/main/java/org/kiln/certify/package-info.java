/**
 * Tries a site's own token out: what works on it ({@link org.kiln.certify.TokenTrial}), and whether it keeps the contract
 * on which Kiln's key hierarchy stands ({@link org.kiln.certify.Certification}). Makes scratch objects only and destroys
 * them. Touches {@code org.kiln.token}, {@code org.kiln.pkcs11} and {@code org.kiln.secret}.
 */
@NullMarked
package org.kiln.certify;

import org.jspecify.annotations.NullMarked;
