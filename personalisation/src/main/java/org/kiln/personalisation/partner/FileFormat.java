package org.kiln.personalisation.partner;

/** What a file of cards looks like inside its envelope. */
public enum FileFormat {
    /** Kiln's batch file: CSV and a manifest; wrapped by AES-KWP. */
    KILN_CSV
}
