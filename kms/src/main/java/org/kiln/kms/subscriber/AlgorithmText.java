package org.kiln.kms.subscriber;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.aka.AkaSizes;
import org.kiln.kms.aka.MilenageConstants;
import org.kiln.kms.aka.TuakParameters;

/**
 * Algorithms as text, the same in the store and in {@code auc.algorithmProfiles}: the label, then the operator's choices,
 * such as {@code tuak iterations=1 mac=64 res=64 ck=128 ik=128} (bits) or
 * {@code milenage r=64,0,32,64,96 c=00…00,00…01,00…02,00…04,00…08} (bits; 32 hexadecimal digits each).
 */
public final class AlgorithmText {

    private AlgorithmText() {}

    /**
     * Reads a label and choices in one text.
     *
     * @throws AkaException.WrongParameters naming what is wrong
     */
    public static Algorithm parse(String text) {
        String[] labelAndChoices = text.strip().split(" +", 2);
        return parse(labelAndChoices[0], labelAndChoices.length == 1 ? "" : labelAndChoices[1]);
    }

    /**
     * Reads a label and its choices.
     *
     * @param parameters empty for the usual
     * @throws AkaException.WrongParameters naming what is wrong
     */
    public static Algorithm parse(String label, String parameters) {
        Map<String, String> choices = choices(parameters);
        Algorithm algorithm = switch (label) {
            case Algorithm.Milenage.LABEL ->
                choices.isEmpty() ? Algorithm.Milenage.STANDARD : new Algorithm.Milenage(constants(choices));
            case Algorithm.Tuak.LABEL -> new Algorithm.Tuak(choices.isEmpty() ? TuakParameters.USUAL : tuak(choices));
            case "comp128-1", "comp128-2", "comp128-3" -> new Algorithm.Comp128(label.charAt(label.length() - 1) - '0');
            case Algorithm.Xor.LABEL -> Algorithm.Xor.XOR;
            default ->
                throw new AkaException.WrongParameters(
                        "use milenage, tuak, comp128-1, comp128-2, comp128-3, xor or a name of auc.algorithmProfiles");
        };
        if (!choices.isEmpty()) {
            throw new AkaException.WrongParameters(
                    label + " has no parameter '" + choices.keySet().iterator().next() + "'");
        }
        return algorithm;
    }

    static String of(MilenageConstants constants) {
        if (constants.equals(MilenageConstants.STANDARD)) {
            return "";
        }
        String r = constants.rotations().stream().map(String::valueOf).collect(Collectors.joining(","));
        String c = constants.additions().stream()
                .map(block -> HexFormat.of().toHexDigits(block.high())
                        + HexFormat.of().toHexDigits(block.low()))
                .collect(Collectors.joining(","));
        return "r=" + r + " c=" + c;
    }

    static String of(TuakParameters chosen) {
        if (chosen.equals(TuakParameters.USUAL)) {
            return "";
        }
        AkaSizes sizes = chosen.sizes();
        return "iterations=" + chosen.iterations() + " mac=" + 8 * sizes.mac() + " res=" + 8 * sizes.res() + " ck="
                + 8 * sizes.ck() + " ik=" + 8 * sizes.ik();
    }

    private static Map<String, String> choices(String parameters) {
        Map<String, String> choices = new HashMap<>();
        for (String choice : parameters.strip().split(" +", -1)) {
            if (choice.isEmpty()) {
                continue;
            }
            int equals = choice.indexOf('=');
            if (equals < 1 || choices.put(choice.substring(0, equals), choice.substring(equals + 1)) != null) {
                throw new AkaException.WrongParameters(
                        "an algorithm's parameters are name=value, each once, with spaces between");
            }
        }
        return choices;
    }

    private static MilenageConstants constants(Map<String, String> choices) {
        List<Integer> rotations = new ArrayList<>();
        List<MilenageConstants.Block> additions = new ArrayList<>();
        for (String r : taken(choices, "r").split(",", -1)) {
            rotations.add(number(r));
        }
        for (String c : taken(choices, "c").split(",", -1)) {
            if (!c.matches("[0-9a-fA-F]{32}")) {
                throw new AkaException.WrongParameters("Milenage's c1 to c5 have 32 hexadecimal digits each");
            }
            additions.add(new MilenageConstants.Block(
                    HexFormat.fromHexDigitsToLong(c, 0, 16), HexFormat.fromHexDigitsToLong(c, 16, 32)));
        }
        return new MilenageConstants(rotations, additions);
    }

    private static TuakParameters tuak(Map<String, String> choices) {
        int iterations = number(taken(choices, "iterations"));
        int[] bits = Arrays.stream(new String[] {"mac", "res", "ck", "ik"})
                .mapToInt(name -> number(taken(choices, name)))
                .toArray();
        for (int each : bits) {
            if (each % 8 != 0) {
                throw new AkaException.WrongParameters("TUAK's sizes are whole octets, not " + each + " bits");
            }
        }
        return new TuakParameters(iterations, new AkaSizes(bits[0] / 8, bits[1] / 8, bits[2] / 8, bits[3] / 8));
    }

    private static String taken(Map<String, String> choices, String name) {
        String value = choices.remove(name);
        if (value == null) {
            throw new AkaException.WrongParameters("the parameter '" + name + "' is missing; give all or none");
        }
        return value;
    }

    private static int number(String digits) {
        if (!digits.matches("[0-9]{1,4}")) {
            throw new AkaException.WrongParameters("'" + digits + "' is no number of an algorithm's parameters");
        }
        return Integer.parseInt(digits);
    }
}
