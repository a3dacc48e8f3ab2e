package org.kiln.kms.subscriber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.provisioning.ScratchNode;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.transfer.numbering.Supi;

/** What a record's MAC covers, and that records of before keep theirs. */
@Tag(ScratchDatabase.TAG)
class SubscriberRecordTest {

    @TempDir
    private Path folder;

    private ScratchNode node;

    @BeforeEach
    void open() throws Exception {
        node = new ScratchNode(folder);
        node.provision(2);
    }

    @AfterEach
    void close() {
        node.close();
    }

    private Subscriber stored(int number) {
        return node.store().find(ScratchNode.supi(number)).orElseThrow();
    }

    /** The octets as every release with {@code subscriber/2} wrote them. */
    private static byte[] asBefore(Subscriber subscriber) throws Exception {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(octets);
        out.writeUTF("subscriber/2");
        out.writeUTF(subscriber.supi().value());
        out.writeUTF(subscriber.algorithm().label());
        out.writeUTF(subscriber.algorithm().parameters());
        out.writeUTF(subscriber.ki().keyLabel());
        out.writeShort(subscriber.ki().blob().length);
        out.write(subscriber.ki().blob());
        out.writeUTF(subscriber.opc().keyLabel());
        out.writeShort(subscriber.opc().blob().length);
        out.write(subscriber.opc().blob());
        out.writeShort(subscriber.amf());
        out.writeUTF(subscriber.sqn().scheme().name());
        out.writeByte(subscriber.sqn().indLength());
        out.writeLong(subscriber.sqn().durable());
        return octets.toByteArray();
    }

    @Test
    void aSubscriberOf5gAkaIsAuthenticatedAsBefore() throws Exception {
        Subscriber subscriber = stored(0);
        assertThat(subscriber.method()).isEqualTo(AuthenticationMethod.FIVE_G_AKA);
        assertThat(subscriber.authenticated()).isEqualTo(asBefore(subscriber));
    }

    @Test
    void theMethodIsKeptWhateverElseChanges() {
        node.store()
                .put(
                        ScratchNode.supi(0),
                        before -> before.orElseThrow().withMethod(AuthenticationMethod.EAP_AKA_PRIME));
        assertThat(stored(0).method()).isEqualTo(AuthenticationMethod.EAP_AKA_PRIME);
        SqnAdvance advance = new SqnAdvance(stored(0), stored(0).sqn().durable() + 1);
        assertThat(node.store().advance(List.of(advance))).containsExactly(true);
        assertThat(stored(0).method()).isEqualTo(AuthenticationMethod.EAP_AKA_PRIME);
        assertThat(stored(0).withAmf(1).method()).isEqualTo(AuthenticationMethod.EAP_AKA_PRIME);
        assertThat(stored(1).method()).isEqualTo(AuthenticationMethod.FIVE_G_AKA);
    }

    @Test
    void aNumberIsWrittenOnlyOverTheRecordThatIsKnown() {
        Subscriber known = stored(0);
        Subscriber other = stored(1);
        SqnAdvance first = new SqnAdvance(known, known.sqn().durable() + 256);
        assertThat(node.store().advance(List.of(first))).containsExactly(true);
        assertThat(node.store()
                        .advance(
                                List.of(first, new SqnAdvance(other, other.sqn().durable() + 1))))
                .containsExactly(false, true);
        assertThat(stored(0).sqn()).isEqualTo(first.advanced().sqn());
    }

    @Test
    void recordsThatAreReadTogetherAreThoseThatAreThere() {
        Map<Supi, SubscriberRecord> found =
                node.store().find(List.of(ScratchNode.supi(1), ScratchNode.supi(77), ScratchNode.supi(0)));
        assertThat(found).containsOnlyKeys(ScratchNode.supi(0), ScratchNode.supi(1));
        assertThat(found.get(ScratchNode.supi(1)).opened().isSameAs(stored(1))).isTrue();
    }

    @Test
    void aMethodThatWasChangedBehindTheStoreIsRefused() {
        node.store()
                .put(
                        ScratchNode.supi(1),
                        before -> before.orElseThrow().withMethod(AuthenticationMethod.EAP_AKA_PRIME));
        for (String method : new String[] {"EAP_AKA_PRIME", "5G_AKA", "EAP_TLS", ""}) {
            for (int number = 0; number < 2; number++) {
                int subscriber = number;
                node.database().write(connection -> {
                    try (PreparedStatement change =
                            connection.prepareStatement("update subscriber set auth_method = ? where supi = ?")) {
                        change.setString(1, method);
                        change.setString(2, ScratchNode.supi(subscriber).value());
                        return change.executeUpdate();
                    }
                });
                boolean own = AuthenticationMethod.labelled(method)
                        .equals(Optional.of(AuthenticationMethod.values()[subscriber]));
                if (own) {
                    assertThat(stored(subscriber).method().label()).isEqualTo(method);
                } else {
                    assertThatThrownBy(() -> stored(subscriber)).isInstanceOf(RecordRefusedException.class);
                }
            }
        }
    }
}
