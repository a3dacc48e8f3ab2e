/** Which request a log line belongs to: the request's id, and the trace that its caller is in. */
@NullMarked
package org.kiln.kms.trace;

import org.jspecify.annotations.NullMarked;
