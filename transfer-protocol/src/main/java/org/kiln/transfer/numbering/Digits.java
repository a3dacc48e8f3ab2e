package org.kiln.transfer.numbering;

/** Rules that all digit strings share. */
final class Digits {

    private Digits() {}

    static void check(String what, String digits, int min, int max, String standard) {
        if (digits.length() < min || digits.length() > max) {
            throw new NumberingException(
                    what + " has " + digits.length() + " digits", standard + " allows " + min + " to " + max);
        }
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            if (c < '0' || c > '9') {
                throw new NumberingException(
                        what + " holds something other than a digit at position " + (i + 1),
                        standard + " allows 0 to 9 only");
            }
        }
    }

    /** The digit that makes {@code payload} followed by it pass the Luhn test (ISO/IEC 7812-1 Annex B). */
    static int luhn(CharSequence payload) {
        int sum = 0;
        boolean doubled = true;
        for (int i = payload.length() - 1; i >= 0; i--) {
            int digit = payload.charAt(i) - '0';
            if (doubled) {
                digit *= 2;
                sum += digit > 9 ? digit - 9 : digit;
            } else {
                sum += digit;
            }
            doubled = !doubled;
        }
        return (10 - sum % 10) % 10;
    }
}
