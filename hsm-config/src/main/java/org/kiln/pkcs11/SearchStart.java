package org.kiln.pkcs11;

/**
 * Begins a search for objects. SoftHSM 2.6.1 now and then refuses one by {@code CKR_GENERAL_ERROR} while another session
 * destroys a public session object that has a label, and leaves the search open. So a search that was refused is ended,
 * else the session's next would be refused for good; and it is begun anew, since it changes nothing.
 */
final class SearchStart {

    private static final int MOST_TRIES = 8;

    private SearchStart() {}

    /**
     * @param init calls {@code C_FindObjectsInit}
     * @param end calls {@code C_FindObjectsFinal}
     * @throws Pkcs11Exception if the token refuses for another reason, or every time
     */
    static void begin(Runnable init, Runnable end) {
        for (int tries = 1; ; tries++) {
            try {
                init.run();
                return;
            } catch (Pkcs11Exception e) {
                endRefused(end, e);
                if (tries == MOST_TRIES || e.ckr() != Ckr.GENERAL_ERROR) {
                    throw e;
                }
            }
        }
    }

    /** Most tokens have no search open then, and say so. */
    private static void endRefused(Runnable end, Pkcs11Exception why) {
        try {
            end.run();
        } catch (Pkcs11Exception e) {
            why.addSuppressed(e);
        }
    }
}
