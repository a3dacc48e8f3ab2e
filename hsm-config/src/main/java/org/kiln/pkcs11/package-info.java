/** Cryptoki. */
@org.jspecify.annotations.NullMarked
package org.kiln.pkcs11;
