package org.kiln.kms.auc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.PlmnId;
import org.kiln.kms.aka.TestCard;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.hsm.LaneSettings;
import org.kiln.kms.hsm.TokenAccess;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.keys.Ceremony;
import org.kiln.kms.keys.KeyPolicy;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.OpcKeysInMemory;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.provisioning.ScratchNode;
import org.kiln.kms.sqn.SqnScheme;
import org.kiln.kms.sqn.SqnState;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.kms.subscriber.AlgorithmText;
import org.kiln.kms.subscriber.EngineChoice;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.pkcs11.Binding;
import org.kiln.pkcs11.Session;
import org.kiln.secret.Secret;
import org.kiln.token.CompiledModule;
import org.kiln.token.ScratchToken;
import org.kiln.token.TokenModule;
import org.kiln.token.TokenProfile;
import org.kiln.transfer.numbering.Supi;

/**
 * The vendor's way, on a module that answers Luna's mechanism numbers over SoftHSM's AES. What a true Luna answers was not
 * tried.
 */
class VendorEngineTest {

    private static final VectorKind EPS = VectorKind.EpsAka.of(new PlmnId("001", "01"));
    private static final String OPC_FLAG = "0x5a";
    private static final int MILENAGE = 1;
    private static final int OWN_MILENAGE = 2;
    private static final int TUAK = 3;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @TempDir
    private Path folder;

    private TokenCluster tokens;
    private RecordMac mac;
    private Database database;
    private AuthenticationCentre centre;

    @BeforeEach
    void open() throws Exception {
        Path module = CompiledModule.compile(folder, "luna-aka", "OPC_FLAG=" + OPC_FLAG);
        TokenProfile profile = profile();
        ScratchToken token = ScratchToken.create();
        try (Secret soPin = ScratchToken.soPin();
                Secret userPin = ScratchToken.userPin()) {
            new Ceremony(token.cryptoki(), profile, token.slot(), soPin, userPin).foundation();
        }
        TokenAccess access = new TokenAccess(
                new TokenModule(Binding.FFM, module, Map.of()), profile, token.label(), ScratchToken::userPin);
        tokens = TokenCluster.open(List.of(access), new LaneSettings(2, 256, Duration.ofSeconds(30)), session -> {});
        KeyRing ring = new KeyRing();
        StorageKeys keys = new StorageKeys(ring, profile, () -> 1, new OpcKeysInMemory());
        mac = tokens.call(session -> RecordMac.derive(session, ring));
        database = Database.open(ScratchDatabase.in(folder));
        database.migrate("auc");
        SubscriberStore store = new SubscriberStore(database, mac);
        Algorithm own = AlgorithmText.parse("milenage r=8,16,24,32,40 c=" + "0f".repeat(16) + "," + "01".repeat(16)
                + "," + "02".repeat(16) + "," + "04".repeat(16) + "," + "08".repeat(16));
        Algorithm tuak = AlgorithmText.parse("tuak iterations=7 mac=64 res=32 ck=128 ik=128");
        List<Subscriber> subscribers = tokens.call(session -> List.of(
                subscriber(session, keys, MILENAGE, Algorithm.Milenage.STANDARD, ScratchNode.opc(MILENAGE)),
                subscriber(session, keys, OWN_MILENAGE, own, ScratchNode.opc(OWN_MILENAGE)),
                subscriber(session, keys, TUAK, tuak, new byte[32])));
        database.write(connection -> {
            store.insert(connection, subscribers);
            return subscribers.size();
        });
        EngineChoice engines = new EngineChoice(Set.of("milenage", "tuak"), Set.of(), false);
        centre = new AuthenticationCentre(tokens, keys, store, new AucSettings(0, 1, 100, engines, meters));
    }

    private TokenProfile profile() throws Exception {
        try (InputStream in = TokenProfile.class.getResourceAsStream("/token-profiles/softhsm2.yaml")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8) + "\naka: {milenage: 0x80000e21,"
                    + " milenageResync: 0x80000e22, tuak: 0x80000e24, tuakResync: 0x80000e25, opcFlag: " + OPC_FLAG
                    + "}\n";
            Files.writeString(folder.resolve("luna-like.yaml"), text);
        }
        return TokenProfile.of("luna-like.yaml", folder);
    }

    private static Subscriber subscriber(
            Session session, StorageKeys keys, int number, Algorithm algorithm, byte[] opc) {
        KeyPolicy policy = new KeyPolicy(false);
        try (Arena arena = Arena.ofConfined()) {
            long ki = session.createObject(
                    policy.newCode(arena.allocateFrom(ValueLayout.JAVA_BYTE, ScratchNode.ki(number))));
            long shelved = session.createObject(policy.newOpc(arena.allocateFrom(ValueLayout.JAVA_BYTE, opc)));
            WrappedKey storedKi = keys.hide(session, ki);
            WrappedKey storedOpc = keys.shelve(session, shelved);
            return new Subscriber(
                    ScratchNode.supi(number),
                    algorithm,
                    storedKi,
                    storedOpc,
                    0x8000,
                    new SqnState(SqnScheme.TIME_BASED, 5, 0));
        }
    }

    @AfterEach
    void close() {
        if (centre != null) {
            centre.close();
            tokens.close();
            database.close();
            mac.close();
        }
    }

    private List<AuthenticationVector> ask(int number, int count) {
        return centre.authenticate(new VectorRequest(ScratchNode.supi(number), EPS, count, Optional.empty()))
                .join();
    }

    private AuthenticationVector resynchronise(int number, byte[] rand, byte[] auts) {
        Supi supi = ScratchNode.supi(number);
        return centre.authenticate(
                        new VectorRequest(supi, EPS, 1, Optional.of(new VectorRequest.Resynchronisation(rand, auts))))
                .join()
                .getFirst();
    }

    private double counted(String engine, String algorithm) {
        return meters.get("kiln_vectors_total")
                .tag("engine", engine)
                .tag("algorithm", algorithm)
                .tag("outcome", "computed")
                .counter()
                .count();
    }

    @Test
    void milenageInTheTokenIsWhatTheCardComputes() {
        TestCard card = ScratchNode.card(MILENAGE);
        long last = -1;
        byte[] rand = new byte[16];
        for (AuthenticationVector vector : ask(MILENAGE, 5)) {
            assertThat(vector.rand()).isNotEqualTo(rand);
            assertThat(card.sqn(vector)).isGreaterThan(last);
            last = card.sqn(vector);
            rand = vector.rand();
        }
        assertThat(counted("vendor", "milenage")).isEqualTo(5);

        long ahead = last + (1L << 40);
        byte[] auts = card.auts(rand, ahead);
        byte[] challenge = rand;
        for (int i = 0; i < auts.length; i++) {
            byte[] forged = auts.clone();
            forged[i] ^= 0x10;
            assertThatThrownBy(() -> resynchronise(MILENAGE, challenge, forged))
                    .hasCauseInstanceOf(AuthenticationException.Rejected.class);
        }
        assertThat(card.sqn(resynchronise(MILENAGE, rand, auts))).isGreaterThan(ahead);
    }

    @Test
    void anOperatorsOwnConstantsGoThePortableWay() {
        assertThat(ask(OWN_MILENAGE, 2)).hasSize(2);
        assertThat(counted("portable", "milenage")).isEqualTo(2);
    }

    @Test
    void theParametersOfTuakArriveAsTheyWereSent() {
        var vector = (AuthenticationVector.Eps) ask(TUAK, 1).getFirst();
        String seen = HexFormat.of().formatHex(vector.rand());
        assertThat(seen).startsWith("0704081010" + "000000").endsWith("8000");
        assertThat(vector.xres()).isEqualTo(new byte[4]);
        assertThat(HexFormat.of().formatHex(vector.autn(), 0, 6)).isEqualTo(seen.substring(16, 28));
        assertThat(HexFormat.of().formatHex(vector.autn(), 8, 16)).isEqualTo("33".repeat(8));
        assertThat(counted("vendor", "tuak")).isEqualTo(1);
    }

    @Test
    void aProfileThatDoesNotStateAllNumbersDrivesNothing() {
        assertThat(new TokenProfile.Aka(1L, 2L, 3L, 4L, null).drives("milenage"))
                .isFalse();
        assertThat(new TokenProfile.Aka(1L, null, 3L, 4L, 5L).drives("milenage"))
                .isFalse();
        assertThat(new TokenProfile.Aka(1L, null, 3L, 4L, 5L).drives("tuak")).isTrue();
        assertThat(TokenProfile.named("luna7").aka())
                .satisfies(aka -> assertThat(aka.drives("milenage")).isFalse());
    }
}
