/**
 * The SQL database: connections, transactions, migrations. Knows no table.
 */
@NullMarked
package org.kiln.kms.store;

import org.jspecify.annotations.NullMarked;
