package org.kiln.kms.hsm;

/**
 * One life of a login to a token. Handles of session objects mean something only within the life they were made in.
 * Each is equal to itself alone, for two tokens may bear one label.
 */
public final class Login {

    private final String token;
    private final int life;

    Login(String token, int life) {
        this.token = token;
        this.life = life;
    }

    /** The token's label. */
    public String token() {
        return token;
    }

    /** 1 for the first login of this process, one more each time the token comes back. */
    int life() {
        return life;
    }

    @Override
    public String toString() {
        return token + ", life " + life;
    }
}
