package org.kiln.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.secret.Secret;
import org.kiln.token.ScratchToken;
import org.kiln.token.SoftHsm;
import org.kiln.token.Tokens;

/**
 * What {@link Cryptoki} and {@link Session} promise, whichever binding keeps the promise. Return codes are those of
 * SoftHSM 2.6.1; each binding must pass on the token's own.
 */
abstract class CryptokiContract extends SessionContract {

    private static final String P256_KEY_INFO = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
    private static final long CKF_ENCRYPT = 0x100;
    private static final long CKF_DECRYPT = 0x200;

    // ---- the module and its tokens

    @Test
    void aModuleIsLoadedOnceByItsRealPath(@TempDir Path folder) throws Exception {
        Path module = ScratchToken.profile().findModule();
        Path link = Files.createSymbolicLink(folder.resolve("link.so"), module);
        assertThat(load(link)).isSameAs(cryptoki);
    }

    @Test
    void aModuleThatCannotBeUsedIsNamedWithTheReason(@TempDir Path folder) throws Exception {
        Path missing = folder.resolve("libnothing.so");
        assertThatThrownBy(() -> load(missing))
                .isInstanceOf(ModuleLoadException.class)
                .hasMessageContaining("libnothing.so")
                .hasMessageContaining("there is no such file");
        Path text = Files.writeString(folder.resolve("text.so"), "not a library");
        assertThatThrownBy(() -> load(text))
                .isInstanceOf(ModuleLoadException.class)
                .hasMessageContaining("text.so")
                .hasMessageContaining("no shared library");
        Path other = Path.of(System.getProperty("java.home"), "lib", "libzip.so");
        assertThatThrownBy(() -> load(other))
                .isInstanceOf(ModuleLoadException.class)
                .hasMessageContaining("libzip.so")
                .hasMessageContaining("exports no C_GetFunctionList");
    }

    @Test
    void tokensSayWhoTheyAre() {
        TokenInfo info = Tokens.labelled(cryptoki, token.label());
        assertThat(info.slot()).isEqualTo(token.slot());
        assertThat(info.initialised()).isTrue();
        assertThat(info.manufacturer()).isEqualTo("SoftHSM project");
        assertThat(info.model()).isEqualTo("SoftHSM v2");
        assertThat(info.serialNumber()).matches("[0-9a-f]{16}");
        assertThat(cryptoki.tokens())
                .as("beside the free slot")
                .anyMatch(other -> !other.initialised())
                .extracting(TokenInfo::slot)
                .doesNotHaveDuplicates();
    }

    @Test
    void mechanismsComeWithKeySizesAndFlags() {
        List<MechanismInfo> mechanisms = cryptoki.mechanisms(token.slot());
        assertThat(mechanisms)
                .extracting(MechanismInfo::type)
                .contains(Ckm.AES_ECB, Ckm.AES_CMAC, Ckm.ECDSA, Ckm.RSA_PKCS_OAEP)
                .doesNotContain(Ckm.AES_KEY_WRAP_KWP)
                .doesNotHaveDuplicates();
        assertThat(mechanisms)
                .filteredOn(mechanism -> mechanism.type() == Ckm.AES_ECB)
                .singleElement()
                .satisfies(ecb -> {
                    assertThat(ecb.minimumKeySize()).isEqualTo(16);
                    assertThat(ecb.maximumKeySize()).isEqualTo(32);
                    assertThat(ecb.flags() & (CKF_ENCRYPT | CKF_DECRYPT)).isEqualTo(CKF_ENCRYPT | CKF_DECRYPT);
                });
    }

    @Test
    void aSlotThatIsNotThereIsRefused() {
        refused("C_GetMechanismList", Ckr.SLOT_ID_INVALID, () -> cryptoki.mechanisms(987654321));
        refused("C_OpenSession", Ckr.SLOT_ID_INVALID, () -> cryptoki.openSession(987654321, true));
    }

    /** SoftHSM's {@code C_InitToken}, {@code C_InitPIN} and {@code C_Login}, with a label and a PIN beyond ASCII. */
    @Test
    void aNewTokenTakesItsLabelAndItsPinsOctetForOctet() {
        String label = "Zürich " + token.label();
        try (Secret so = ScratchToken.soPin();
                Secret user = Secret.takeFrom("größer-als-1234".toCharArray())) {
            TokenInfo made = SoftHsm.createToken(cryptoki, label, so, user);
            assertThat(made.label()).isEqualTo(label);
            assertThat(Tokens.labelled(token.cryptoki(), label))
                    .as("seen through the other binding")
                    .isEqualTo(Tokens.labelled(cryptoki, label));
            try (Session fresh = cryptoki.openSession(made.slot(), true)) {
                try (Secret recoded = Secret.takeFrom("gr\u00c3\u00b6\u00c3\u0178er-als-1234".toCharArray())) {
                    refused("C_Login", Ckr.PIN_INCORRECT, () -> fresh.login(Ck.CKU_USER, recoded));
                }
                fresh.login(Ck.CKU_USER, user);
            }
            try (Session other = token.cryptoki().openSession(made.slot(), true)) {
                other.login(Ck.CKU_USER, user);
            }
        }
    }

    @Test
    void aTokenIsNotInitialisedUnderAnOpenSessionNorUnderTooLongALabel() {
        try (Secret so = ScratchToken.soPin()) {
            refused("C_InitToken", Ckr.SESSION_EXISTS, () -> cryptoki.initToken(token.slot(), so, "again"));
            assertThatThrownBy(() -> cryptoki.initToken(token.slot(), so, "ü".repeat(17)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("32 octets");
        }
        session.close();
        try (Secret wrong = Secret.takeFrom("so-00000000".toCharArray())) {
            refused("C_InitToken", Ckr.PIN_INCORRECT, () -> cryptoki.initToken(token.slot(), wrong, "again"));
        }
    }

    // ---- login

    @Test
    void aWrongPinIsAPinErrorThatDoesNotShowThePin() {
        session.logout();
        try (Secret wrong = Secret.takeFrom("not-the-pin".toCharArray())) {
            assertThatThrownBy(() -> session.login(Ck.CKU_USER, wrong))
                    .isInstanceOfSatisfying(Pkcs11Exception.class, e -> {
                        assertThat(e.function()).isEqualTo("C_Login");
                        assertThat(e.ckr()).isEqualTo(Ckr.PIN_INCORRECT);
                        assertThat(e.ckr().kind()).isEqualTo(Ckr.Kind.PIN);
                        assertThat(e.getMessage()).doesNotContain("not-the-pin");
                        assertThat(e.getCause()).isNull();
                    });
        }
    }

    @Test
    void loggingInTwiceIsSuccessAndHoldsForEverySession() {
        try (Session second = openAs(Ck.CKU_USER)) {
            assertThat(second.generateKey(MAKE_AES, privateAes())).isPositive();
        }
        assertThat(session.generateKey(MAKE_AES, privateAes())).isPositive();
    }

    @Test
    void theOfficerAndTheUserAreNotLoggedInAtOnce() {
        try (Secret so = ScratchToken.soPin()) {
            refused("C_Login", Ckr.USER_ANOTHER_ALREADY_LOGGED_IN, () -> session.login(Ck.CKU_SO, so));
        }
    }

    @Test
    void onlyTheOfficerSetsTheUsersPin() {
        try (Secret pin = Secret.takeFrom("another-1234".toCharArray())) {
            refused("C_InitPIN", Ckr.USER_NOT_LOGGED_IN, () -> session.initPin(pin));
            become(Ck.CKU_SO);
            session.initPin(pin);
            session.logout();
            session.login(Ck.CKU_USER, pin);
        }
    }

    @Test
    void afterLogoutPrivateObjectsAreGoneAndNoneCanBeMade() {
        long key = session.generateKey(MAKE_AES, with(privateAes(), Cka.ENCRYPT));
        session.logout();
        refused("C_GenerateKey", Ckr.USER_NOT_LOGGED_IN, () -> session.generateKey(MAKE_AES, privateAes()));
        try (Secret pin = ScratchToken.userPin()) {
            session.login(Ck.CKU_USER, pin);
        }
        assertThatThrownBy(() -> encrypted(key, PLAIN))
                .as("the handle is stale")
                .isInstanceOfSatisfying(
                        Pkcs11Exception.class, e -> assertThat(e.ckr().kind()).isEqualTo(Ckr.Kind.SESSION));
    }

    private static Template privateAes() {
        return SECRET_AES.toBuilder()
                .with(Cka.PRIVATE, true)
                .with(Cka.VALUE_LEN, 16L)
                .build();
    }

    // ---- objects and their attributes

    @Test
    void eachKindOfAttributeIsReadAsTheTokensOwnOctets() {
        long key = session.createObject(with(READABLE, Cka.ENCRYPT).toBuilder()
                .label("clé")
                .with(Cka.ID, HEX.parseHex("00ff80"))
                .with(Cka.START_DATE, "20261124".getBytes(StandardCharsets.US_ASCII))
                .with(Cka.END_DATE, new byte[0])
                .with(Cka.VALUE, octets(KEY))
                .build());
        assertThat(attribute(key, Cka.CLASS)).isEqualTo("0400000000000000");
        assertThat(attribute(key, Cka.KEY_TYPE)).isEqualTo("1f00000000000000");
        assertThat(attribute(key, Cka.VALUE_LEN)).isEqualTo("1000000000000000");
        assertThat(attribute(key, Cka.ENCRYPT)).isEqualTo("01");
        assertThat(attribute(key, Cka.DERIVE)).isEqualTo("00");
        assertThat(attribute(key, Cka.MODIFIABLE)).isEqualTo("01");
        assertThat(attribute(key, Cka.COPYABLE)).isEqualTo("01");
        assertThat(attribute(key, Cka.LABEL)).isEqualTo("636cc3a9");
        assertThat(attribute(key, Cka.ID)).isEqualTo("00ff80");
        assertThat(attribute(key, Cka.START_DATE)).isEqualTo("3230323631313234");
        assertThat(attribute(key, Cka.END_DATE)).isEmpty();
        assertThat(attribute(key, Cka.VALUE)).isEqualTo(KEY);
        assertThat(attribute(key, Cka.CHECK_VALUE)).isEqualTo("c6a13b");
    }

    /** The key audit reads an unwrap template this way: types and lengths, where entries have no room for values. */
    @Test
    void aTemplateAttributeIsReadAsEntriesWithTypesAndLengths() {
        long kek = session.generateKey(MAKE_AES, kek(HIDDEN));
        MemorySegment entries = arena.allocate(24 * 8, 8);
        assertThat(session.getAttribute(kek, Cka.UNWRAP_TEMPLATE, entries)).isEqualTo(2 * 24);
        assertThat(IntStream.range(0, 2).mapToObj(i -> entries.get(ValueLayout.JAVA_LONG, 24L * i)))
                .containsExactlyInAnyOrder(Cka.SENSITIVE.code(), Cka.WRAP_WITH_TRUSTED.code());
        assertThat(entries.get(ValueLayout.JAVA_LONG, 16)).isEqualTo(1);
        assertThat(entries.get(ValueLayout.JAVA_LONG, 40)).isEqualTo(1);
    }

    @Test
    void anAttributeThatIsSensitiveOrAbsentIsUnavailable() {
        MemorySegment out = arena.allocate(32);
        long sensitive = session.generateKey(MAKE_AES, with(privateAes(), Cka.SENSITIVE));
        assertThat(session.getAttribute(sensitive, Cka.VALUE, out)).isEqualTo(Ck.UNAVAILABLE);
        assertThat(session.getAttribute(sensitive, Cka.MODULUS, out)).isEqualTo(Ck.UNAVAILABLE);
        assertThat(hex(out)).isEqualTo("00".repeat(32));
        assertThat(attribute(sensitive, Cka.VALUE_LEN)).isEqualTo("1000000000000000");
    }

    @Test
    void anAttributeLargerThanItsBufferIsReportedAndANullBufferAsksForTheLength() {
        long key = importAes(KEY);
        MemorySegment small = arena.allocate(15);
        refused("C_GetAttributeValue", Ckr.BUFFER_TOO_SMALL, () -> session.getAttribute(key, Cka.VALUE, small));
        assertThat(hex(small)).isEqualTo("00".repeat(15));
        assertThat(session.getAttribute(key, Cka.VALUE, MemorySegment.NULL)).isEqualTo(16);
        assertThat(attribute(key, Cka.VALUE)).isEqualTo(KEY);
    }

    @Test
    void attributesAreSetUntilTheObjectIsNotModifiable() {
        long open = importAes(KEY);
        session.setAttributes(
                open,
                Template.builder().label("renamed").with(Cka.ENCRYPT, true).build());
        assertThat(attribute(open, Cka.LABEL)).isEqualTo(HEX.formatHex("renamed".getBytes(StandardCharsets.US_ASCII)));
        assertThat(encrypted(open, PLAIN)).isEqualTo(CIPHER);
        refused(
                "C_SetAttributeValue",
                Ckr.ATTRIBUTE_READ_ONLY,
                () -> session.setAttributes(
                        open, Template.builder().with(Cka.TRUSTED, true).build()));

        long locked = session.copyObject(
                open, Template.builder().with(Cka.MODIFIABLE, false).build());
        Template decrypt = Template.builder().with(Cka.DECRYPT, true).build();
        refused("C_SetAttributeValue", Ckr.ACTION_PROHIBITED, () -> session.setAttributes(locked, decrypt));
        refused("C_CopyObject", Ckr.ATTRIBUTE_READ_ONLY, () -> session.copyObject(locked, decrypt));
        assertThat(attribute(locked, Cka.DECRYPT)).isEqualTo(attribute(open, Cka.DECRYPT));
    }

    @Test
    void aCopyIsAnObjectOfItsOwnAndNeverFreerThanTheOriginal() {
        long original = importAes(KEY, Cka.ENCRYPT);
        long copy = session.copyObject(
                original,
                Template.builder().label("copy").with(Cka.SENSITIVE, true).build());
        assertThat(copy).isNotEqualTo(original);
        assertThat(attribute(copy, Cka.VALUE)).isNull();
        session.destroyObject(original);
        assertThat(encrypted(copy, PLAIN)).isEqualTo(CIPHER);
        refused(
                "C_CopyObject",
                Ckr.ATTRIBUTE_READ_ONLY,
                () -> session.copyObject(
                        copy, Template.builder().with(Cka.SENSITIVE, false).build()));
    }

    @Test
    void aDestroyedObjectIsGone() {
        long key = importAes(KEY);
        session.destroyObject(key);
        refused("C_DestroyObject", Ckr.OBJECT_HANDLE_INVALID, () -> session.destroyObject(key));
        refused("C_GetAttributeValue", Ckr.OBJECT_HANDLE_INVALID, () -> attribute(key, Cka.LABEL));
        assertThat(session.findObjects(READABLE)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 64, 65, 128, 150})
    void findsAllThatMatchAndNothingElse(int count) {
        importAes(KEY);
        long[] made = IntStream.range(0, count)
                .mapToLong(_ -> session.createObject(READABLE.toBuilder()
                        .label("wanted")
                        .with(Cka.VALUE, octets(KEY))
                        .build()))
                .toArray();
        assertThat(session.findObjects(Template.builder().label("wanted").build()))
                .containsExactlyInAnyOrder(made);
        assertThat(session.findObjects(Template.builder().build())).hasSize(count + 1);
    }

    @Test
    void aTokenObjectOutlivesItsSessionAndASessionObjectDoesNot() {
        Template lasting = Template.builder().label("lasting").build();
        try (Session other = openAs(Ck.CKU_USER)) {
            other.generateKey(
                    MAKE_AES,
                    Template.builder()
                            .with(Cka.TOKEN, true)
                            .with(Cka.VALUE_LEN, 32L)
                            .and(lasting)
                            .build());
            other.generateKey(
                    MAKE_AES, privateAes().toBuilder().label("passing").build());
        }
        assertThat(session.findObjects(lasting)).hasSize(1);
        assertThat(session.findObjects(Template.builder().label("passing").build()))
                .isEmpty();
    }

    @Test
    void aReadOnlySessionMakesNoTokenObject() {
        try (Session reading = cryptoki.openSession(token.slot(), false)) {
            Template lasting = Template.builder()
                    .with(Cka.TOKEN, true)
                    .with(Cka.VALUE_LEN, 16L)
                    .build();
            refused("C_GenerateKey", Ckr.SESSION_READ_ONLY, () -> reading.generateKey(MAKE_AES, lasting));
            assertThat(reading.generateKey(MAKE_AES, privateAes())).isPositive();
        }
    }

    // ---- keys

    @Test
    void generatedKeysAreAsTheTemplateSaysAndDiffer() {
        Template readable = READABLE.toBuilder().with(Cka.VALUE_LEN, 32L).build();
        String one = attribute(session.generateKey(MAKE_AES, readable), Cka.VALUE);
        String two = attribute(session.generateKey(MAKE_AES, readable), Cka.VALUE);
        assertThat(one).hasSize(64).isNotEqualTo(two);
        refused("C_GenerateKey", Ckr.TEMPLATE_INCOMPLETE, () -> session.generateKey(MAKE_AES, READABLE));
        refused(
                "C_GenerateKey",
                Ckr.MECHANISM_INVALID,
                () -> session.generateKey(Mechanism.of(Ckm.AES_KEY_WRAP_KWP), readable));
    }

    @Test
    void anEcPairSignsWhatItsPublicHalfVerifies() throws Exception {
        KeyPairHandles pair = ecPair();
        String point = attribute(pair.publicKey(), Cka.EC_POINT);
        PublicKey key = KeyFactory.getInstance("EC")
                .generatePublic(new X509EncodedKeySpec(HEX.parseHex(P256_KEY_INFO + point.substring(4))));
        byte[] digest = HEX.parseHex(KEY + PLAIN);
        MemorySegment signature = arena.allocate(64);
        int length = session.sign(
                Mechanism.of(Ckm.ECDSA),
                pair.privateKey(),
                arena.allocateFrom(ValueLayout.JAVA_BYTE, digest),
                32,
                signature);
        assertThat(length).isEqualTo(64);
        Signature verifier = Signature.getInstance("NONEwithECDSAinP1363Format");
        verifier.initVerify(key);
        verifier.update(digest);
        assertThat(verifier.verify(signature.toArray(ValueLayout.JAVA_BYTE))).isTrue();
        assertThat(attribute(pair.privateKey(), Cka.VALUE)).isNull();
    }

    private KeyPairHandles ecPair() {
        return session.generateKeyPair(
                Mechanism.of(Ckm.EC_KEY_PAIR_GEN),
                Template.builder()
                        .with(Cka.TOKEN, false)
                        .with(Cka.EC_PARAMS, P256)
                        .with(Cka.VERIFY, true)
                        .build(),
                Template.builder()
                        .with(Cka.TOKEN, false)
                        .with(Cka.PRIVATE, true)
                        .with(Cka.SENSITIVE, true)
                        .with(Cka.SIGN, true)
                        .build());
    }

    @Test
    void anRsaPairTakesInWhatIsWrappedUnderOaep() throws Exception {
        KeyPairHandles pair = session.generateKeyPair(
                Mechanism.of(Ckm.RSA_PKCS_KEY_PAIR_GEN),
                Template.builder()
                        .with(Cka.TOKEN, false)
                        .with(Cka.MODULUS_BITS, 2048L)
                        .with(Cka.PUBLIC_EXPONENT, HEX.parseHex("010001"))
                        .with(Cka.WRAP, true)
                        .build(),
                Template.builder().with(Cka.TOKEN, false).with(Cka.UNWRAP, true).build());
        assertThat(attribute(pair.publicKey(), Cka.MODULUS_BITS)).isEqualTo("0008000000000000");
        BigInteger modulus = new BigInteger(attribute(pair.publicKey(), Cka.MODULUS), 16);
        BigInteger exponent = new BigInteger(attribute(pair.publicKey(), Cka.PUBLIC_EXPONENT), 16);
        Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding");
        oaep.init(
                Cipher.ENCRYPT_MODE,
                KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, exponent)));
        MemorySegment blob = arena.allocateFrom(ValueLayout.JAVA_BYTE, oaep.doFinal(HEX.parseHex(KEY)));
        long brought =
                session.unwrapKey(Mechanism.oaepSha1(), pair.privateKey(), blob, 256, with(READABLE, Cka.ENCRYPT));
        assertThat(encrypted(brought, PLAIN)).isEqualTo(CIPHER);

        MemorySegment out = arena.allocate(256);
        assertThat(session.wrapKey(Mechanism.oaepSha1(), pair.publicKey(), brought, out))
                .isEqualTo(256);
        long again = session.unwrapKey(Mechanism.oaepSha1(), pair.privateKey(), out, 256, READABLE);
        assertThat(attribute(again, Cka.VALUE)).isEqualTo(KEY);
        refused(
                "C_WrapKey",
                Ckr.ARGUMENTS_BAD,
                () -> session.wrapKey(Mechanism.oaepSha256(), pair.publicKey(), brought, out));
    }

    @Test
    void wrapsAndUnwrapsTheRfc3394And5649Examples() {
        long kek128 = importAes(KEY, Cka.WRAP, Cka.UNWRAP);
        long key = importAes(PLAIN, Cka.ENCRYPT);
        MemorySegment out = arena.allocate(64);
        int length = session.wrapKey(ScratchToken.profile().aesKeyWrap(), kek128, key, out);
        assertThat(hex(out, length)).isEqualTo("1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5");
        long back = session.unwrapKey(ScratchToken.profile().aesKeyWrap(), kek128, out, length, READABLE);
        assertThat(attribute(back, Cka.VALUE)).isEqualTo(PLAIN);

        long kek192 = importAes("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8", Cka.WRAP, Cka.UNWRAP);
        MemorySegment wrapped = octets("138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a");
        long unwrapped = session.unwrapKey(
                ScratchToken.profile().aesKeyWrapPadded(),
                kek192,
                wrapped,
                32,
                Template.builder()
                        .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                        .with(Cka.KEY_TYPE, Ck.CKK_GENERIC_SECRET)
                        .with(Cka.TOKEN, false)
                        .with(Cka.PRIVATE, false)
                        .with(Cka.SENSITIVE, false)
                        .with(Cka.EXTRACTABLE, true)
                        .build());
        assertThat(attribute(unwrapped, Cka.VALUE)).isEqualTo("c37b7e6492584340bed12207808941155068f738");
    }

    @Test
    void aBlobThatWasChangedIsNotUnwrapped() {
        long kek = importAes(KEY, Cka.UNWRAP);
        MemorySegment changed = octets("1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe6");
        assertThatThrownBy(() -> session.unwrapKey(ScratchToken.profile().aesKeyWrap(), kek, changed, 24, READABLE))
                .isInstanceOfSatisfying(Pkcs11Exception.class, e -> {
                    assertThat(e.function()).isEqualTo("C_UnwrapKey");
                    assertThat(e.ckr().kind()).isNotEqualTo(Ckr.Kind.SESSION);
                });
        assertThat(session.findObjects(READABLE)).containsExactly(kek);
    }

    // ---- rules that attributes make

    @Test
    void aKeyDoesOnlyWhatItsAttributesAllow() {
        long idle = importAes(KEY);
        session.setAttributes(
                idle,
                Template.builder()
                        .with(Cka.ENCRYPT, false)
                        .with(Cka.DECRYPT, false)
                        .with(Cka.SIGN, false)
                        .with(Cka.WRAP, false)
                        .with(Cka.UNWRAP, false)
                        .build());
        MemorySegment in = octets(PLAIN);
        MemorySegment out = arena.allocate(64);
        Mechanism wrap = ScratchToken.profile().aesKeyWrap();
        Ckr no = Ckr.KEY_FUNCTION_NOT_PERMITTED;
        refused("C_EncryptInit", no, () -> session.encrypt(ECB, idle, in, 16, out));
        refused("C_DecryptInit", no, () -> session.decrypt(ECB, idle, in, 16, out));
        refused("C_SignInit", no, () -> session.sign(CMAC, idle, in, 16, out));
        refused("C_WrapKey", no, () -> session.wrapKey(wrap, idle, idle, out));
        refused("C_UnwrapKey", no, () -> session.unwrapKey(wrap, idle, octets(KEY + "0000000000000000"), 24, READABLE));
    }

    @Test
    void aKeyThatIsNotExtractableIsNotWrapped() {
        long kek = importAes(KEY, Cka.WRAP);
        long fixed = session.copyObject(
                importAes(PLAIN),
                Template.builder().with(Cka.EXTRACTABLE, false).build());
        refused(
                "C_WrapKey",
                Ckr.KEY_UNEXTRACTABLE,
                () -> session.wrapKey(ScratchToken.profile().aesKeyWrap(), kek, fixed, arena.allocate(64)));
    }

    @Test
    void onlyATrustedKeyWrapsAKeyThatAsksForOneAndOnlyTheOfficerMakesATrustedKey() {
        Mechanism wrap = ScratchToken.profile().aesKeyWrap();
        MemorySegment out = arena.allocate(64);
        Template trusted =
                with(kek(HIDDEN), Cka.TRUSTED).toBuilder().label("trusted").build();
        refused("C_GenerateKey", Ckr.ATTRIBUTE_READ_ONLY, () -> session.generateKey(MAKE_AES, trusted));

        become(Ck.CKU_SO);
        session.generateKey(
                MAKE_AES,
                trusted.toBuilder()
                        .with(Cka.PRIVATE, false)
                        .with(Cka.TOKEN, true)
                        .build());
        become(Ck.CKU_USER);
        long draft = session.findObjects(Template.builder().label("trusted").build())[0];
        long locked = session.copyObject(
                draft,
                Template.builder()
                        .with(Cka.PRIVATE, true)
                        .with(Cka.MODIFIABLE, false)
                        .build());
        assertThat(attribute(locked, Cka.TRUSTED)).isEqualTo("01");

        long guarded = session.createObject(READABLE.toBuilder()
                .with(Cka.WRAP_WITH_TRUSTED, true)
                .with(Cka.VALUE, octets(PLAIN))
                .build());
        long common = importAes(KEY, Cka.WRAP);
        refused("C_WrapKey", Ckr.KEY_NOT_WRAPPABLE, () -> session.wrapKey(wrap, common, guarded, out));
        assertThat(session.wrapKey(wrap, locked, guarded, out)).isEqualTo(24);
    }

    @Test
    void anUnwrapTemplateIsEnforced() {
        Mechanism wrap = ScratchToken.profile().aesKeyWrap();
        long free = importAes(KEY, Cka.WRAP, Cka.UNWRAP);
        MemorySegment blob = arena.allocate(24);
        session.wrapKey(wrap, free, importAes(PLAIN), blob);
        long strict = session.createObject(with(SECRET_AES, Cka.UNWRAP).toBuilder()
                .with(Cka.UNWRAP_TEMPLATE, HIDDEN)
                .with(Cka.VALUE, octets(KEY))
                .build());
        Template silent = with(SECRET_AES, Cka.ENCRYPT, Cka.EXTRACTABLE);
        refused("C_UnwrapKey", Ckr.TEMPLATE_INCONSISTENT, () -> session.unwrapKey(wrap, strict, blob, 24, READABLE));
        refused("C_UnwrapKey", Ckr.TEMPLATE_INCONSISTENT, () -> session.unwrapKey(wrap, strict, blob, 24, silent));
        Template hidden = silent.toBuilder().and(HIDDEN).build();
        long key = session.unwrapKey(wrap, strict, blob, 24, hidden);
        assertThat(attribute(key, Cka.VALUE)).isNull();
        assertThat(attribute(key, Cka.WRAP_WITH_TRUSTED)).isEqualTo("01");
        assertThat(encrypted(key, "00".repeat(16))).isEqualTo("fde4fbae4a09e020eff722969f83832b");
        assertThat(session.unwrapKey(wrap, free, blob, 24, READABLE)).isPositive();
    }

    private static Template kek(Template unwrapTemplate) {
        return with(SECRET_AES, Cka.WRAP, Cka.UNWRAP, Cka.SENSITIVE).toBuilder()
                .with(Cka.EXTRACTABLE, false)
                .with(Cka.VALUE_LEN, 16L)
                .with(Cka.UNWRAP_TEMPLATE, unwrapTemplate)
                .build();
    }

    // ---- operations

    @Test
    void encryptsAndDecryptsTheFips197And800Dash38aExamples() {
        long key = importAes(KEY, Cka.ENCRYPT, Cka.DECRYPT);
        MemorySegment out = arena.allocate(32);
        assertThat(encrypted(key, PLAIN + PLAIN)).isEqualTo(CIPHER + CIPHER);
        assertThat(session.decrypt(ECB, key, octets(CIPHER), 16, out)).isEqualTo(16);
        assertThat(hex(out)).as("no octet beyond the length").isEqualTo(PLAIN + "00".repeat(16));

        long other = importAes("2b7e151628aed2a6abf7158809cf4f3c", Cka.ENCRYPT, Cka.DECRYPT);
        Mechanism cbc = Mechanism.withIv(Ckm.AES_CBC, HEX.parseHex(KEY));
        session.encrypt(cbc, other, octets("6bc1bee22e409f96e93d7e117393172a"), 16, out);
        assertThat(hex(out, 16)).isEqualTo("7649abac8119b246cee98e9b12e9197d");
        session.decrypt(cbc, other, octets("7649abac8119b246cee98e9b12e9197d"), 16, out);
        assertThat(hex(out, 16)).isEqualTo("6bc1bee22e409f96e93d7e117393172a");
    }

    @Test
    void macsTheRfc4493Examples() {
        long key = importAes("2b7e151628aed2a6abf7158809cf4f3c", Cka.SIGN);
        MemorySegment out = arena.allocate(16);
        assertThat(session.sign(CMAC, key, octets("6bc1bee22e409f96e93d7e117393172a"), 16, out))
                .isEqualTo(16);
        assertThat(hex(out)).isEqualTo("070a16b46b4d4144f79bdd9dd04a287c");
        MemorySegment longer =
                octets("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411");
        session.sign(CMAC, key, longer, 40, out);
        assertThat(hex(out)).isEqualTo("dfa66747de9ae63030ca32611497c827");
        session.sign(CMAC, key, longer, 0, out);
        assertThat(hex(out)).as("the empty message").isEqualTo("bb1d6929e95937287fa37d129b756746");
    }

    @Test
    void anEmptyMessageIsEncryptedToNothing() {
        long key = importAes(KEY, Cka.ENCRYPT, Cka.DECRYPT);
        MemorySegment out = arena.allocate(16);
        assertThat(session.encrypt(ECB, key, octets(PLAIN), 0, out)).isZero();
        assertThat(session.decrypt(ECB, key, octets(PLAIN), 0, out)).isZero();
        assertThat(encrypted(key, PLAIN)).isEqualTo(CIPHER);
    }

    @Test
    void onlyTheStatedLengthOfTheInputIsUsed() {
        long key = importAes(KEY, Cka.ENCRYPT, Cka.UNWRAP, Cka.WRAP);
        MemorySegment out = arena.allocate(64);
        assertThat(session.encrypt(ECB, key, octets(PLAIN + KEY), 16, out)).isEqualTo(16);
        assertThat(hex(out, 16)).isEqualTo(CIPHER);
        MemorySegment in = octets(PLAIN);
        assertThatThrownBy(() -> session.encrypt(ECB, key, in, 32, out)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> session.unwrapKey(ScratchToken.profile().aesKeyWrap(), key, in, 24, READABLE))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(encrypted(key, PLAIN)).isEqualTo(CIPHER);
    }

    @Test
    void anOperationThatFailsLeavesTheSessionUsable() {
        long key = importAes(KEY, Cka.ENCRYPT, Cka.DECRYPT);
        MemorySegment out = arena.allocate(32);
        refused("C_Encrypt", Ckr.DATA_LEN_RANGE, () -> session.encrypt(ECB, key, octets(PLAIN), 15, out));
        refused("C_Decrypt", Ckr.ENCRYPTED_DATA_LEN_RANGE, () -> session.decrypt(ECB, key, octets(PLAIN), 15, out));
        refused("C_EncryptInit", Ckr.MECHANISM_INVALID, () -> session.encrypt(CMAC, key, octets(PLAIN), 16, out));
        assertThat(encrypted(key, PLAIN)).isEqualTo(CIPHER);
    }

    @Test
    void aBufferTooSmallIsReportedNotFilledAndLeavesTheSessionUsable() {
        long key = importAes(KEY, Cka.ENCRYPT, Cka.DECRYPT, Cka.SIGN, Cka.WRAP);
        long ec = ecPair().privateKey();
        MemorySegment in = octets(PLAIN + PLAIN);
        Mechanism wrap = ScratchToken.profile().aesKeyWrap();
        tooSmall("C_Encrypt", 31, 32, out -> session.encrypt(ECB, key, in, 32, out));
        tooSmall("C_Decrypt", 31, 32, out -> session.decrypt(ECB, key, in, 32, out));
        tooSmall("C_Sign", 15, 16, out -> session.sign(CMAC, key, in, 32, out));
        tooSmall("C_Sign", 63, 64, out -> session.sign(Mechanism.of(Ckm.ECDSA), ec, in, 32, out));
        tooSmall("C_WrapKey", 23, 24, out -> session.wrapKey(wrap, key, key, out));
        assertThat(encrypted(key, PLAIN)).isEqualTo(CIPHER);
    }

    private void tooSmall(String function, int tooFew, int enough, Operation operation) {
        MemorySegment small = arena.allocate(tooFew);
        refused(function, Ckr.BUFFER_TOO_SMALL, () -> operation.into(small));
        assertThat(hex(small)).isEqualTo("00".repeat(tooFew));
        assertThat(operation.into(arena.allocate(enough))).isEqualTo(enough);
    }

    @FunctionalInterface
    private interface Operation {
        int into(MemorySegment out);
    }

    @Test
    void randomComesFromTheTokenAndFillsTheBuffer() {
        MemorySegment one = arena.allocate(4096);
        MemorySegment two = arena.allocate(4096);
        session.generateRandom(one);
        session.generateRandom(two);
        assertThat(hex(one)).isNotEqualTo(hex(two));
        for (MemorySegment random : List.of(one, two)) {
            assertThat(hex(random.asSlice(0, 32))).isNotEqualTo("00".repeat(32));
            assertThat(hex(random.asSlice(4064))).isNotEqualTo("00".repeat(32));
        }
    }

    // ---- return codes and sessions

    @Test
    void namesTheFunctionAndTheReturnCode() {
        assertThatThrownBy(() -> session.destroyObject(987654)).isInstanceOfSatisfying(Pkcs11Exception.class, e -> {
            assertThat(e.function()).isEqualTo("C_DestroyObject");
            assertThat(e.code()).isEqualTo(0x82);
            assertThat(e.ckr()).isEqualTo(Ckr.OBJECT_HANDLE_INVALID);
            assertThat(e).hasMessage("C_DestroyObject answered CKR_OBJECT_HANDLE_INVALID (0x82)");
        });
    }

    static Stream<Arguments> everyOperation() {
        MemorySegment room = Arena.global().allocate(64);
        Template any = Template.builder().label("any").build();
        Mechanism wrap = ScratchToken.profile().aesKeyWrap();
        return Stream.of(
                operation("C_Logout", Session::logout),
                operation("C_CreateObject", s -> s.createObject(READABLE)),
                operation("C_CopyObject", s -> s.copyObject(1, any)),
                operation("C_DestroyObject", s -> s.destroyObject(1)),
                operation("C_FindObjectsInit", s -> s.findObjects(any)),
                operation("C_GetAttributeValue", s -> s.getAttribute(1, Cka.LABEL, room)),
                operation("C_SetAttributeValue", s -> s.setAttributes(1, any)),
                operation("C_GenerateKey", s -> s.generateKey(MAKE_AES, READABLE)),
                operation("C_GenerateKeyPair", s -> s.generateKeyPair(Mechanism.of(Ckm.EC_KEY_PAIR_GEN), any, any)),
                operation("C_WrapKey", s -> s.wrapKey(wrap, 1, 1, room)),
                operation("C_UnwrapKey", s -> s.unwrapKey(wrap, 1, room, 24, READABLE)),
                operation("C_DeriveKey", s -> s.deriveKey(Mechanism.aesEcbData(new byte[16]), 1, READABLE)),
                operation("C_EncryptInit", s -> s.encrypt(ECB, 1, room, 16, room)),
                operation("C_DecryptInit", s -> s.decrypt(ECB, 1, room, 16, room)),
                operation("C_SignInit", s -> s.sign(CMAC, 1, room, 16, room)),
                operation("C_GenerateRandom", s -> s.generateRandom(room)),
                operation("C_Login", s -> {
                    try (Secret pin = ScratchToken.userPin()) {
                        s.login(Ck.CKU_USER, pin);
                    }
                }),
                operation("C_InitPIN", s -> {
                    try (Secret pin = ScratchToken.userPin()) {
                        s.initPin(pin);
                    }
                }));
    }

    private static Arguments operation(String function, Consumer<Session> operation) {
        return Arguments.of(function, operation);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("everyOperation")
    void aClosedSessionSaysSo(String function, Consumer<Session> operation) {
        Session closed = openAs(Ck.CKU_USER);
        closed.close();
        refused(function, Ckr.SESSION_HANDLE_INVALID, () -> operation.accept(closed));
        assertThat(Ckr.SESSION_HANDLE_INVALID.kind()).isEqualTo(Ckr.Kind.SESSION);
        closed.close();
        assertThat(session.findObjects(Template.builder().build()))
                .as("the other session goes on")
                .isEmpty();
    }

    @Test
    void eightSessionsInEightThreadsEachGetRightAnswers() throws Exception {
        int lanes = 8;
        CyclicBarrier start = new CyclicBarrier(lanes);
        List<Callable<Integer>> work = new ArrayList<>();
        for (int lane = 0; lane < lanes; lane++) {
            byte[] key = HEX.parseHex(KEY);
            key[0] = (byte) lane;
            work.add(() -> {
                try (Session own = openAs(Ck.CKU_USER)) {
                    start.await();
                    return rightAnswers(own, key);
                }
            });
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(lanes)) {
            for (Future<Integer> answers : threads.invokeAll(work, 2, TimeUnit.MINUTES)) {
                assertThat(answers.get()).isEqualTo(200);
            }
        }
    }

    /** Each round takes the key through the token afresh and compares with the JDK's cipher. */
    private static int rightAnswers(Session own, byte[] key) throws Exception {
        Cipher expected = Cipher.getInstance("AES/ECB/NoPadding");
        expected.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        Mechanism wrap = ScratchToken.profile().aesKeyWrap();
        Template usable = with(READABLE, Cka.ENCRYPT, Cka.WRAP, Cka.UNWRAP);
        int right = 0;
        try (Arena memory = Arena.ofConfined()) {
            Template imported = usable.toBuilder()
                    .with(Cka.VALUE, memory.allocateFrom(ValueLayout.JAVA_BYTE, key))
                    .build();
            MemorySegment blob = memory.allocate(24);
            long self = own.createObject(imported);
            own.wrapKey(wrap, self, self, blob);
            for (int round = 0; round < 200; round++) {
                byte[] plain = new byte[64];
                plain[0] = (byte) round;
                plain[63] = key[0];
                long unwrapped = own.unwrapKey(wrap, self, blob, 24, usable);
                String answer = encrypted(own, unwrapped, HEX.formatHex(plain));
                own.destroyObject(unwrapped);
                right += answer.equals(HEX.formatHex(expected.doFinal(plain))) ? 1 : 0;
            }
        }
        return right;
    }
}
