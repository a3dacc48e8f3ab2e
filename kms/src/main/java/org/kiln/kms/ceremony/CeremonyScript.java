package org.kiln.kms.ceremony;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What happens in a ceremony, in which order, and who checks what.
 *
 * @param makesFolder whether it makes the data folder and its token, which are not there before
 * @param people the parts that are played, each by another person
 * @param parameters what is to be given, with what it is
 */
public record CeremonyScript(
        @JsonProperty(required = true) String name,
        @JsonProperty(required = true) String purpose,
        @JsonProperty(required = true) boolean makesFolder,
        @JsonProperty(required = true) List<String> people,
        @JsonProperty(required = true) Map<String, String> parameters,
        @JsonProperty(required = true) List<Step> steps) {

    /** The scripts that come with Kiln. */
    public static final List<String> NAMES = List.of(
            "inspection",
            "first-keys",
            "restore-from-shares",
            "second-token",
            "storage-key-rotation",
            "storage-key-destruction",
            "transport-key-creation",
            "transport-key-import");

    private static final Pattern PLACE = Pattern.compile("\\$\\{([a-z0-9-]+)}");
    private static final ObjectMapper YAML = JsonMapper.builder(new YAMLFactory())
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    public CeremonyScript {
        people = List.copyOf(people);
        parameters = Map.copyOf(parameters);
        steps = List.copyOf(steps);
        for (Step step : steps) {
            if (!people.contains(step.who())) {
                throw new IllegalArgumentException("ceremony " + name + " has no part '" + step.who() + "'");
            }
        }
    }

    /**
     * One step.
     *
     * @param who whose it is
     * @param say what he does, or what is done
     * @param check what he looks at before he confirms
     * @param command a verb of kiln with its arguments, which is run when he is ready; empty if none is
     */
    public record Step(
            @JsonProperty(required = true) String who,
            @JsonProperty(required = true) String say,
            @JsonProperty(required = true) String check,
            @JsonProperty(required = true) List<String> command) {

        public Step {
            command = List.copyOf(command);
        }
    }

    /**
     * A script of Kiln's.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public static CeremonyScript named(String name) {
        if (!NAMES.contains(name)) {
            throw new IllegalArgumentException("'" + name + "' is no ceremony; there are: " + String.join(", ", NAMES));
        }
        try (InputStream in = CeremonyScript.class.getResourceAsStream("/ceremonies/" + name + ".yaml")) {
            if (in == null) {
                throw new IllegalStateException("ceremonies/" + name + ".yaml is missing from the jar");
            }
            return YAML.readValue(in, CeremonyScript.class);
        } catch (IOException e) {
            throw new IllegalStateException("ceremonies/" + name + ".yaml is malformed: " + e.getMessage(), e);
        }
    }

    /**
     * The script with its parameters in their places.
     *
     * @throws IllegalArgumentException naming those that are missing or are none
     */
    CeremonyScript with(Map<String, String> given) {
        TreeSet<String> missing = new TreeSet<>(parameters.keySet());
        missing.removeAll(given.keySet());
        TreeSet<String> unknown = new TreeSet<>(given.keySet());
        unknown.removeAll(parameters.keySet());
        if (!missing.isEmpty() || !unknown.isEmpty()) {
            throw new IllegalArgumentException("ceremony " + name + " takes " + new TreeMap<>(parameters)
                    + "; missing: " + missing + ", unknown: " + unknown);
        }
        return new CeremonyScript(
                name,
                filled(purpose, given),
                makesFolder,
                people,
                parameters,
                steps.stream()
                        .map(step -> new Step(
                                step.who,
                                filled(step.say, given),
                                filled(step.check, given),
                                step.command.stream()
                                        .map(word -> filled(word, given))
                                        .toList()))
                        .toList());
    }

    private static String filled(String text, Map<String, String> given) {
        return PLACE.matcher(text)
                .replaceAll(place -> Matcher.quoteReplacement(given.getOrDefault(place.group(1), "")));
    }
}
