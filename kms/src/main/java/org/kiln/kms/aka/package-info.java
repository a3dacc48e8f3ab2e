/**
 * The functions of TS 35.206 (Milenage) and TS 35.231 (TUAK), COMP128, the XOR of TS 34.108, and the key derivations of
 * TS 33.102, 33.401 and 33.501. Pure computation: AES blocks
 * are had through a small port, so that nothing here knows a token.
 */
@NullMarked
package org.kiln.kms.aka;

import org.jspecify.annotations.NullMarked;
