package org.kiln.kms.auc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.PlmnId;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.hsm.LaneSession;
import org.kiln.kms.hsm.Login;
import org.kiln.kms.hsm.Token;
import org.kiln.kms.hsm.TokenBusyException;
import org.kiln.kms.hsm.TokenLostException;
import org.kiln.kms.hsm.TokenUnavailableException;
import org.kiln.kms.keys.Ceremony;
import org.kiln.kms.keys.KekPlace;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.provisioning.ScratchNode;
import org.kiln.kms.rotation.OpcKeyTable;
import org.kiln.token.ScratchToken;

/** Vectors of a laboratory whose storage key is in the sessions, before and after these were lost. */
class SessionKekVectorsTest {

    private static final VectorKind EPS = VectorKind.EpsAka.of(new PlmnId("001", "01"));
    private static final int SUBSCRIBERS = 12;
    private static final int SO_FEW_THAT_KEYS_ARE_COLD = 1;

    @TempDir
    private Path folder;

    private ScratchNode node;
    private AuthenticationCentre centre;

    @BeforeEach
    void open() throws Exception {
        node = new ScratchNode(folder, Ceremony::laboratoryFoundation);
        node.provision(SUBSCRIBERS);
        StorageKeys keys = new StorageKeys(
                new KeyRing(), ScratchToken.profile(), () -> 1, new OpcKeyTable(node.database()), KekPlace.SESSION);
        centre = new AuthenticationCentre(node.tokens(), keys, node.store(), 0, 1, SO_FEW_THAT_KEYS_ARE_COLD);
    }

    @AfterEach
    void close() {
        centre.close();
        node.close();
    }

    private List<AuthenticationVector> ask(int number) {
        return centre.authenticate(new VectorRequest(ScratchNode.supi(number), EPS, 5, Optional.empty()))
                .join();
    }

    private void assertGenuine(int number) {
        assertThat(ask(number))
                .hasSize(5)
                .allSatisfy(vector ->
                        assertThat(ScratchNode.card(number).sqn(vector)).isPositive());
    }

    @Test
    void vectorsAreGenuineAndStaySoWhenTheLoginIsLost() throws Exception {
        for (int number = 0; number < SUBSCRIBERS; number++) {
            assertGenuine(number);
        }
        Token token = node.tokens().tokens().getFirst();
        Login lost = node.tokens().call(session -> {
            session.logout();
            return session.login();
        });
        askUntilAnotherLogin(lost);
        assertThat(token.state()).isEqualTo(Token.State.IN_SERVICE);
        for (int number = 0; number < SUBSCRIBERS; number++) {
            assertGenuine(number);
        }
    }

    /** Somebody whose keys happen to be open still is answered without a login. */
    private void askUntilAnotherLogin(Login lost) throws InterruptedException {
        for (int number = 0; ; number++) {
            try {
                assertGenuine(number % SUBSCRIBERS);
                if (!node.tokens().call(LaneSession::login).equals(lost)) {
                    return;
                }
            } catch (CompletionException e) {
                assertThat(e.getCause())
                        .isInstanceOfAny(
                                AuthenticationException.Unavailable.class,
                                TokenBusyException.class,
                                TokenLostException.class,
                                TokenUnavailableException.class);
                Thread.sleep(20);
            } catch (TokenBusyException | TokenLostException | TokenUnavailableException e) {
                Thread.sleep(20);
            }
        }
    }
}
