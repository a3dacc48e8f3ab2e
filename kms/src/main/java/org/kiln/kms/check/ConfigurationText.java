package org.kiln.kms.check;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.kms.server.KilnConfiguration;

/** {@code kiln.yaml} as text: every key that no setting has, and where what is wrong stands. */
final class ConfigurationText {

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final String NAME = "kiln.yaml";
    private static final Pattern RULED = Pattern.compile("^[a-zA-Z0-9]+([.][a-zA-Z0-9]+)+\\b");

    private final Findings findings;
    private final Path file;
    private final Map<JsonPointer, JsonLocation> places = new HashMap<>();

    ConfigurationText(Findings findings, Path file) {
        this.findings = findings;
        this.file = file;
    }

    /** Reads the file, as far as it can be; what would keep a node from starting with it is a finding. */
    Optional<KilnConfiguration> read() {
        try {
            String text = Files.readString(file);
            boolean once = locate(text);
            if (!(YAML.readTree(text) instanceof ObjectNode document)) {
                findings.error(NAME, file + " holds no settings", "compare it with the file that 'kiln init' makes");
                return Optional.empty();
            }
            Optional<KilnConfiguration> judged = judged(document);
            boolean asItStands = once && findings.count(Finding.Level.ERROR) == 0;
            return judged.isPresent() && asItStands ? confirmed() : judged;
        } catch (JsonProcessingException e) {
            findings.error(NAME, at(e.getLocation()) + firstLine(e), "mend the YAML there");
        } catch (IOException e) {
            findings.error(NAME, file + " cannot be read: " + e.getMessage(), "is it there, and this user's to read?");
        }
        return Optional.empty();
    }

    /** Remembers where each key stands; false if one stands there twice. */
    private boolean locate(String text) throws IOException {
        boolean once = true;
        try (JsonParser parser = YAML.createParser(text)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.FIELD_NAME) {
                    JsonPointer key = parser.getParsingContext().pathAsPointer();
                    JsonLocation here = parser.currentTokenLocation();
                    JsonLocation before = places.putIfAbsent(key, here);
                    if (before != null) {
                        findings.error(
                                NAME,
                                at(here) + setting(key) + " stands on line " + before.getLineNr() + " already",
                                "take one of them out");
                        once = false;
                    }
                }
            }
        }
        return once;
    }

    /** What the file would be without the keys that no setting has. */
    private Optional<KilnConfiguration> judged(ObjectNode document) throws JsonProcessingException {
        while (true) {
            try {
                return Optional.of(KilnConfiguration.of(document));
            } catch (UnrecognizedPropertyException e) {
                JsonPointer key = pointer(e);
                findings.error(
                        NAME,
                        at(key, e) + "there is no setting " + setting(key),
                        "known here: "
                                + e.getKnownPropertyIds().stream()
                                        .map(String::valueOf)
                                        .sorted()
                                        .collect(Collectors.joining(", ")));
                if (!(document.at(key.head()) instanceof ObjectNode holder)
                        || holder.remove(e.getPropertyName()) == null) {
                    return Optional.empty();
                }
            } catch (JsonMappingException e) {
                findings.error(NAME, at(ruled(e), e) + told(e), "");
                return Optional.empty();
            }
        }
    }

    /** A node reads the file its own way, and has the last word. */
    private Optional<KilnConfiguration> confirmed() {
        try {
            KilnConfiguration read = KilnConfiguration.read(file);
            findings.ok(NAME, file + " is read, with " + read.callers().size() + " callers");
            return Optional.of(read);
        } catch (ConfigurationException e) {
            findings.error(NAME, e);
            return Optional.empty();
        }
    }

    /** The setting that a broken rule names, else where reading has come to. */
    private JsonPointer ruled(JsonMappingException e) {
        Matcher named = RULED.matcher(firstLine(e));
        if (named.find()) {
            JsonPointer key = JsonPointer.compile("/" + named.group().replace('.', '/'));
            if (places.containsKey(key)) {
                return key;
            }
        }
        return pointer(e);
    }

    private static String told(JsonMappingException e) {
        String rule = firstLine(e);
        JsonPointer key = pointer(e);
        return key.matches() || RULED.matcher(rule).find() ? rule : setting(key) + ": " + rule;
    }

    private static JsonPointer pointer(JsonMappingException e) {
        JsonPointer pointer = JsonPointer.empty();
        List<JsonMappingException.Reference> path = e.getPath();
        for (JsonMappingException.Reference step : path) {
            pointer = step.getFieldName() == null
                    ? pointer.appendIndex(Math.max(0, step.getIndex()))
                    : pointer.appendProperty(step.getFieldName());
        }
        return pointer;
    }

    private static String setting(JsonPointer key) {
        return key.toString().substring(1).replace('/', '.');
    }

    private String at(JsonPointer key, JsonMappingException e) {
        for (JsonPointer each = key; each != null && !each.matches(); each = each.head()) {
            JsonLocation place = places.get(each);
            if (place != null) {
                return at(place);
            }
        }
        return at(e.getLocation());
    }

    private static String at(JsonLocation place) {
        return place == null || place.getLineNr() < 1
                ? ""
                : "line " + place.getLineNr() + ", column " + place.getColumnNr() + ": ";
    }

    private static String firstLine(JsonProcessingException e) {
        Throwable told = e.getCause() instanceof IllegalArgumentException rule ? rule : null;
        String message = told == null ? e.getOriginalMessage() : told.getMessage();
        return String.valueOf(message).lines().findFirst().orElse("malformed").replaceFirst("; `.*", "");
    }
}
