/**
 * Who may do what: certificates to principals, principals to roles, roles to subscribers and partners, and how much of it. Pure
 * computation, used by every listener; what no rule allows is refused. Touches numbering only.
 */
@NullMarked
package org.kiln.kms.access;

import org.jspecify.annotations.NullMarked;
