package org.kiln.token;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;

/**
 * A token through the JDK's SunPKCS11 provider, for those who speak JCA: TLS and CMS. Shares the loaded module and the
 * login with {@code org.kiln.pkcs11}.
 *
 * @param provider the provider that can use the keys
 * @param keyStore private keys with their certificates, by label
 */
public record JcaToken(Provider provider, KeyStore keyStore) {

    /**
     * Opens the token's key store. The provider is registered as the last of this process, since JSSE looks for one that
     * can use a key of the token among those registered.
     *
     * @param name a name for the provider, unique in this process
     * @throws TokenException if the provider refuses the module or the PIN
     */
    public static JcaToken open(String name, Path module, long slot, Secret userPin) {
        char[] pin = characters(userPin);
        try {
            Provider provider = Security.getProvider("SunPKCS11").configure("""
                    --name = %s
                    library = %s
                    slot = %d
                    showInfo = false
                    attributes(generate, CKO_SECRET_KEY, CKK_GENERIC_SECRET) = {
                      CKA_TOKEN = false
                      CKA_SENSITIVE = false
                      CKA_EXTRACTABLE = true
                    }
                    """.formatted(name, module, slot));
            Security.addProvider(provider);
            KeyStore keyStore = KeyStore.getInstance("PKCS11", provider);
            keyStore.load(null, pin);
            return new JcaToken(provider, keyStore);
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            throw new TokenException("the token in slot " + slot + " cannot be used through JCA: " + e.getMessage(), e);
        } finally {
            Arrays.fill(pin, '\0');
        }
    }

    /**
     * The same token with what has come into it since it was opened; this one stays as it is.
     *
     * @throws TokenException if the token cannot be read
     */
    public JcaToken readAnew() {
        try {
            KeyStore now = KeyStore.getInstance("PKCS11", provider);
            now.load(null, null);
            return new JcaToken(provider, now);
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            throw new TokenException("the token's keys cannot be read anew: " + e.getMessage(), e);
        }
    }

    /** The private key with this label, whose certificate is in the token too. */
    public PrivateKey privateKey(String label) {
        try {
            if (keyStore.getKey(label, null) instanceof PrivateKey key) {
                return key;
            }
        } catch (GeneralSecurityException e) {
            throw new TokenException("the key '" + label + "' cannot be used: " + e.getMessage(), e);
        }
        throw new TokenException("the token holds no private key with a certificate labelled '" + label + "'");
    }

    /** The certificate with this label. */
    public X509Certificate certificate(String label) {
        try {
            if (keyStore.getCertificate(label) instanceof X509Certificate certificate) {
                return certificate;
            }
        } catch (GeneralSecurityException e) {
            throw new TokenException("the certificate '" + label + "' cannot be read: " + e.getMessage(), e);
        }
        throw new TokenException("the token holds no certificate labelled '" + label + "'");
    }

    private static char[] characters(Secret pin) {
        MemorySegment octets = pin.expose(SecretAccess.granted());
        byte[] copy = octets.toArray(ValueLayout.JAVA_BYTE);
        CharBuffer decoded = CharBuffer.allocate(copy.length);
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(copy), decoded, true);
        char[] characters = Arrays.copyOf(decoded.array(), decoded.position());
        Arrays.fill(copy, (byte) 0);
        Arrays.fill(decoded.array(), '\0');
        return characters;
    }
}
