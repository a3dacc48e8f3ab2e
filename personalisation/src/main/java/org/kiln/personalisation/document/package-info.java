/**
 * What people and partners write, as YAML or JSON: read strictly, and refused with line, column and rule. Knows no
 * document of its own.
 */
@NullMarked
package org.kiln.personalisation.document;

import org.jspecify.annotations.NullMarked;
