/**
 * Acts that need two people: one asks, another approves within a time limit, and the act is done once. Touches the store, the audit log,
 * roles, and the key that authenticates rows.
 */
@NullMarked
package org.kiln.kms.approval;

import org.jspecify.annotations.NullMarked;
