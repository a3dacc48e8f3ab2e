package org.kiln.kms.trace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceParentTest {

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String PARENT = "b7ad6b7169203331";

    @Test
    void theStandardsExampleIsRead() {
        assertThat(TraceParent.parse("00-" + TRACE + "-" + PARENT + "-01"))
                .hasValue(new TraceParent(TRACE, PARENT, true));
        assertThat(TraceParent.parse("00-" + TRACE + "-" + PARENT + "-00"))
                .hasValue(new TraceParent(TRACE, PARENT, false));
    }

    @Test
    void ofFlagsTheFirstCounts() {
        assertThat(TraceParent.parse("00-" + TRACE + "-" + PARENT + "-fe"))
                .hasValue(new TraceParent(TRACE, PARENT, false));
        assertThat(TraceParent.parse("00-" + TRACE + "-" + PARENT + "-03"))
                .hasValue(new TraceParent(TRACE, PARENT, true));
    }

    @Test
    void aVersionToComeMayHaveMoreBehindADash() {
        assertThat(TraceParent.parse("01-" + TRACE + "-" + PARENT + "-01")).isPresent();
        assertThat(TraceParent.parse("cc-" + TRACE + "-" + PARENT + "-01-what-comes"))
                .isPresent();
        assertThat(TraceParent.parse("cc-" + TRACE + "-" + PARENT + "-01.what-comes"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "00-" + TRACE + "-" + PARENT,
                "00-" + TRACE + "-" + PARENT + "-1",
                "00-" + TRACE + "-" + PARENT + "-01-",
                "00-" + TRACE + "-" + PARENT + "-01-more",
                "00-" + TRACE + "-" + PARENT + "-01 ",
                "ff-" + TRACE + "-" + PARENT + "-01",
                "0g-" + TRACE + "-" + PARENT + "-01",
                "00-0AF7651916CD43DD8448EB211C80319C-" + PARENT + "-01",
                "00-00000000000000000000000000000000-" + PARENT + "-01",
                "00-" + TRACE + "-0000000000000000-01",
                "00_" + TRACE + "-" + PARENT + "-01",
                "00-" + TRACE + "_" + PARENT + "-01",
                "00-" + TRACE + "-" + PARENT + "_01",
                "00-" + TRACE + "-" + PARENT + "-0x"
            })
    void whatIsNoneIsNoTrace(String header) {
        assertThat(TraceParent.parse(header)).isEmpty();
    }
}
