/**
 * The functions of TS 35.206 and the key derivations of TS 33.102, 33.401 and 33.501. Pure computation: AES blocks
 * are had through a small port, so that nothing here knows a token.
 */
@NullMarked
package org.kiln.kms.aka;

import org.jspecify.annotations.NullMarked;
