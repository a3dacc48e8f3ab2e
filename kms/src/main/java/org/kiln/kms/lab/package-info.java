/**
 * A small certificate authority for laboratories and demonstrations, in place of an operator's PKI. May touch
 * {@code token}.
 */
@NullMarked
package org.kiln.kms.lab;

import org.jspecify.annotations.NullMarked;
