/**
 * Subscribers and transport keys on their way into the node: load files and single
 * subscribers under incoming transport keys, and the register
 * of transport keys. May touch {@code subscriber}, {@code store}, {@code keys}, {@code sqn}, {@code aka} and {@code hsm}.
 */
@NullMarked
package org.kiln.kms.provisioning;

import org.jspecify.annotations.NullMarked;
