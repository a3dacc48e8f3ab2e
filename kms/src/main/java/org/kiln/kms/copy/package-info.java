/**
 * A whole database, table by table, whatever is in them: its digest, and its copy into a database of either engine.
 */
@NullMarked
package org.kiln.kms.copy;

import org.jspecify.annotations.NullMarked;
