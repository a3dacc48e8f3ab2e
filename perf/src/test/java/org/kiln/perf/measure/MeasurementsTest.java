package org.kiln.perf.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.perf.plan.Costs;
import org.kiln.personalisation.document.Documents;

/** The measurements run against a real token, a real database and a real node; their figures are not judged here. */
class MeasurementsTest {

    @TempDir
    private Path folder;

    @Test
    void everythingIsMeasuredAndNothingIsLeftBehind() throws Exception {
        Costs costs = new Measurements(folder, 4000, 1, 1, line -> {}).run("test");
        assertThat(costs.hot().perSecond()).isPositive();
        assertThat(costs.cold().cpuMicros()).isPositive();
        assertThat(costs.token().hot().quantiles()).hasSize(100).isSorted();
        assertThat(costs.http().requestCpuMicros()).isPositive();
        assertThat(costs.wire().requestBytes()).isPositive();
        assertThat(costs.wire().answerBytes()).isPositive();
        assertThat(costs.store().rowBytes()).isPositive();
        assertThat(costs.store().eventBytes()).isPositive();
        assertThat(costs.store().walBytes()).isPositive();
        assertThat(costs.store().batchWalBytes()).isGreaterThan(costs.store().walBytes());
        assertThat(Documents.readJson("costs", Documents.writeJson(costs).getBytes(), Costs.class))
                .isEqualTo(costs);
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
    }
}
