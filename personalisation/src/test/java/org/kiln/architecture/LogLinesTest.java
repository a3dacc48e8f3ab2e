package org.kiln.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The log as text has a request's id and trace behind the line, where there are any. */
class LogLinesTest {

    private static final Pattern LAYOUT = Pattern.compile("<pattern>(.*)</pattern>");

    private static String line(Map<String, String> labels) throws Exception {
        LoggerContext logging = new LoggerContext();
        try (InputStream file = LogLinesTest.class.getResourceAsStream("/logging-text.xml")) {
            Matcher pattern = LAYOUT.matcher(new String(file.readAllBytes(), StandardCharsets.UTF_8));
            assertThat(pattern.find()).isTrue();
            PatternLayout layout = new PatternLayout();
            layout.setContext(logging);
            layout.setPattern(pattern.group(1));
            layout.start();
            LoggingEvent event =
                    new LoggingEvent("", logging.getLogger("test"), Level.INFO, "a line [as it is]", null, null);
            event.setMDCPropertyMap(labels);
            return layout.doLayout(event).strip();
        } finally {
            logging.stop();
        }
    }

    @Test
    void aRequestsLineEndsWithItsIdAndItsTrace() throws Exception {
        assertThat(line(Map.of())).endsWith("test - a line [as it is]");
        assertThat(line(Map.of("request_id", "7"))).endsWith("a line [as it is] [request 7]");
        assertThat(line(Map.of("request_id", "7", "trace_id", "0af7")))
                .endsWith("a line [as it is] [request 7] [trace 0af7]");
    }
}
