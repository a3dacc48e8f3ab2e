package org.kiln.transfer.recipient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.kiln.transfer.batch.LineEnd;
import org.kiln.transfer.batch.Wrapping;
import org.kiln.transfer.output.AuthenticationSubscriptions;
import org.kiln.transfer.output.Coding;
import org.kiln.transfer.output.Field;
import org.kiln.transfer.output.HlrLoad;
import org.kiln.transfer.output.KilnCsv;
import org.kiln.transfer.output.KilnJson;
import org.kiln.transfer.output.OutputFormat;
import org.kiln.transfer.output.PySimCsv;
import org.kiln.transfer.output.Separator;
import org.kiln.transfer.output.VendorText;

/** Batches of each format, opened into the recipient's token, or refused with the wrapping's name. */
class FormatsInTokenTest {

    private static TestRecipient recipient;
    private static TestSender sender;

    @TempDir
    private Path folder;

    @BeforeAll
    static void exchangeKeys() throws Exception {
        recipient = new TestRecipient();
        sender = new TestSender("formats");
        recipient.receiveFrom(sender, KeyUse.PRODUCTION);
    }

    @AfterAll
    static void close() {
        sender.close();
        recipient.close();
    }

    static Stream<Arguments> formats() {
        return Stream.of(
                Arguments.of(new KilnCsv(), 2, 1),
                Arguments.of(new KilnJson(), 2, 1),
                Arguments.of(
                        new VendorText(
                                List.of(),
                                List.of(),
                                List.of(
                                        new Field.Value("ICCID", "ICCID", Coding.SWAPPED),
                                        Field.Value.of("KI"),
                                        Field.Value.of("PIN1")),
                                Separator.SPACE,
                                LineEnd.CRLF),
                        2,
                        0),
                Arguments.of(hlr(), 1, 1),
                Arguments.of(
                        new AuthenticationSubscriptions(
                                "milenage",
                                "8000",
                                new AuthenticationSubscriptions.SequenceNumber("GENERAL", "000000000000", 5)),
                        1,
                        0));
    }

    private static HlrLoad hlr() {
        return new HlrLoad(
                List.of(),
                false,
                List.of(Field.Value.of("IMSI"), new Field.Value("EKI", "KI", null), Field.Value.of("KI_KCV")),
                Separator.COMMA,
                LineEnd.LF);
    }

    @ParameterizedTest
    @MethodSource("formats")
    void eachFormatIsOpenedIntoTheToken(OutputFormat format, int keys, int checkValues) throws Exception {
        Path file = sender.file(
                folder, recipient.identity.certificate(), TestRecipient.NAME, format, Wrapping.AES_KWP, "b-1");
        List<Map<String, Long>> cards = new ArrayList<>();

        BatchOpener.Opened opened = recipient.opener(sender).open(file, card -> cards.add(card.keys()));

        assertThat(opened)
                .isEqualTo(new BatchOpener.Opened(
                        TestSender.CARDS, (long) keys * TestSender.CARDS, (long) checkValues * TestSender.CARDS));
        assertThat(cards).allSatisfy(card -> assertThat(card).containsKey("KI"));
        assertThat(recipient.sessionObjects()).isZero();
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of(new PySimCsv(Map.of()), Wrapping.AES_CBC_IV_23), Arguments.of(hlr(), Wrapping.AES_ECB));
    }

    /** SoftHSM can make these and not take them: verification needs no key and succeeds. */
    @ParameterizedTest
    @MethodSource("refused")
    void whatTheTokenCannotUnwrapIsRefusedByName(OutputFormat format, Wrapping wrapping) throws Exception {
        Path file = sender.file(folder, recipient.identity.certificate(), TestRecipient.NAME, format, wrapping, "b-2");
        BatchOpener opener = recipient.opener(sender);
        BatchOpener.CheckedBatch checked = opener.verify(file);

        assertThat(checked.manifest().quantity()).isEqualTo(TestSender.CARDS);
        assertThatThrownBy(() -> opener.open(file, checked, card -> {}))
                .isInstanceOf(RecipientException.WrappingNotOffered.class)
                .hasMessageContaining("family SoftHSM2 cannot unwrap")
                .hasMessageContaining(wrapping.name());
    }
}
