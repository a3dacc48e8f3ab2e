/** Looks at a configuration and at all that it names, before a node is started from it; changes nothing. */
@NullMarked
package org.kiln.kms.check;

import org.jspecify.annotations.NullMarked;
