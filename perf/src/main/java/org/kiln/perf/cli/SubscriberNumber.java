package org.kiln.perf.cli;

import java.math.BigDecimal;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A number that may end in k, M or G: 100M. */
final class SubscriberNumber implements ITypeConverter<Long> {

    @Override
    public Long convert(String text) {
        try {
            return switch (text.charAt(text.length() - 1)) {
                case 'k' -> times(text, 1_000);
                case 'M' -> times(text, 1_000_000);
                case 'G' -> times(text, 1_000_000_000);
                default -> Long.parseLong(text.replace("_", ""));
            };
        } catch (ArithmeticException | IndexOutOfBoundsException | NumberFormatException e) {
            throw new TypeConversionException("'" + text + "' is no whole number such as 250000, 250k, 1.5M or 1G");
        }
    }

    private static long times(String text, long factor) {
        return new BigDecimal(text.substring(0, text.length() - 1))
                .multiply(BigDecimal.valueOf(factor))
                .longValueExact();
    }
}
