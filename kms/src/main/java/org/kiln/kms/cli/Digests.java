package org.kiln.kms.cli;

import java.util.List;
import org.kiln.kms.copy.TableDigest;

/** What a store holds, as people read it. */
final class Digests {

    private Digests() {}

    static void print(List<TableDigest> tables) {
        for (TableDigest table : tables) {
            System.out.printf("%-24s %,12d rows  %s%n", table.table(), table.rows(), table.sha256());
        }
    }
}
