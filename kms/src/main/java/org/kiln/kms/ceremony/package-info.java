/**
 * Ceremonies step by step: scripts that say who does and checks what, the conduct of one at a terminal, and the signed record that it
 * leaves. Keys are made by the commands that a script names, elsewhere. Touches no other room.
 */
@NullMarked
package org.kiln.kms.ceremony;

import org.jspecify.annotations.NullMarked;
