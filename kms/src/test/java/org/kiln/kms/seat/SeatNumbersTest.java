package org.kiln.kms.seat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.kiln.kms.sqn.IndRange;
import org.kiln.kms.sqn.IndRange.Domain;
import org.kiln.kms.sqn.Sqn;

class SeatNumbersTest {

    @Test
    void sitesShareNoValueOfInd() {
        int nodes = 8;
        Set<Integer> seen = new HashSet<>();
        int values = 0;
        for (int site = 0; site < 2; site++) {
            SeatNumbers numbers = SeatNumbers.ofSite(site, 2, nodes);
            for (int node = 0; node < nodes; node++) {
                if (numbers.contains(node)) {
                    for (Domain domain : Domain.values()) {
                        IndRange range = IndRange.of(new Sqn(5), nodes, node, domain);
                        for (int turn = 0; turn < range.size(); turn++) {
                            assertThat(seen.add(range.at(turn))).isTrue();
                            values++;
                        }
                    }
                }
            }
        }
        assertThat(values).isEqualTo(32);
    }

    @Test
    void refusesNumbersThatThereAreNot() {
        assertThatThrownBy(() -> SeatNumbers.ofSite(0, 3, 8)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SeatNumbers.ofSite(2, 2, 8)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SeatNumbers.ofSite(-1, 2, 8)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SeatNumbers(6, 3, 8)).isInstanceOf(IllegalArgumentException.class);
    }
}
