package org.kiln.kms.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.Descriptors.FileDescriptor;
import java.io.InputStream;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.kiln.auc.v1.Auc;

/** {@code kiln.auc.v1} as it is built serves clients of the release; docs/api.md says how the release is renewed. */
class WireCompatibilityTest {

    private static final String RELEASED = "/proto/kiln.auc.v1.protobin";

    private static FileDescriptorProto released() throws Exception {
        try (InputStream in = WireCompatibilityTest.class.getResourceAsStream(RELEASED)) {
            return FileDescriptorSet.parseFrom(in).getFile(0);
        }
    }

    private static FileDescriptor described(FileDescriptorProto file) throws Exception {
        return FileDescriptor.buildFrom(file, new FileDescriptor[0]);
    }

    @Test
    void whatIsBuiltServesClientsOfTheRelease() throws Exception {
        assertThat(WireCompatibility.breaches(described(released()), Auc.getDescriptor()))
                .isEmpty();
    }

    static Stream<Arguments> breaks() {
        return Stream.of(
                broken("kiln.auc.v1.Vector is gone", file -> {
                    // Answers that lose their vectors.
                    file.removeMessageType(3);
                    message(file, 2).removeField(1);
                }),
                broken("VectorRequest.plmn is gone", file -> message(file, 0).removeField(5)),
                broken("VectorRequest.plmn is gone", file -> field(file, 0, 5).setName("network")),
                broken(
                        "number of kiln.auc.v1.VectorRequest.plmn was 6 and is 60",
                        file -> field(file, 0, 5).setNumber(60)),
                broken(
                        "type of kiln.auc.v1.VectorRequest.count",
                        file -> field(file, 0, 3).setType(FieldDescriptorProto.Type.TYPE_SINT32)),
                broken(
                        "type of kiln.auc.v1.VectorRequest.kind",
                        file -> field(file, 0, 2).setTypeName(".kiln.auc.v1.Domain")),
                broken(
                        "whether kiln.auc.v1.Answer.vectors is repeated",
                        file -> field(file, 2, 1).setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL)),
                broken("whether kiln.auc.v1.VectorRequest.count tells its absence", file -> {
                    message(file, 0).addOneofDeclBuilder().setName("_count");
                    field(file, 0, 3).setOneofIndex(0).setProto3Optional(true);
                }),
                broken(
                        "the oneof of kiln.auc.v1.Vector.gsm",
                        file -> field(file, 3, 2).clearOneofIndex()),
                broken(
                        "kiln.auc.v1.Vector.Gsm.kc is gone",
                        file -> message(file, 3).getNestedTypeBuilder(0).removeField(1)),
                broken(
                        "kiln.auc.v1.VectorKind.VECTOR_KIND_GSM is gone",
                        file -> file.getEnumTypeBuilder(0).removeValue(1)),
                broken(
                        "the number of kiln.auc.v1.Error.Code.CODE_CONGESTION",
                        file -> message(file, 4)
                                .getEnumTypeBuilder(0)
                                .getValueBuilder(6)
                                .setNumber(66)),
                broken("GetVectors is gone", file -> file.getServiceBuilder(0).removeMethod(0)),
                broken(
                        "the stream of answers of kiln.auc.v1.AuthenticationCentre.StreamVectors",
                        file -> file.getServiceBuilder(0).getMethodBuilder(1).setServerStreaming(false)),
                broken(
                        "the answer of kiln.auc.v1.AuthenticationCentre.GetVectors",
                        file -> file.getServiceBuilder(0).getMethodBuilder(0).setOutputType(".kiln.auc.v1.Vector")),
                broken(
                        "the package was kiln.auc.v1",
                        file -> file.clear().setName("x").setPackage("kiln.auc.v2")));
    }

    private static Arguments broken(String told, Consumer<FileDescriptorProto.Builder> change) {
        return Arguments.of(told, change);
    }

    private static DescriptorProto.Builder message(FileDescriptorProto.Builder file, int index) {
        return file.getMessageTypeBuilder(index);
    }

    private static FieldDescriptorProto.Builder field(FileDescriptorProto.Builder file, int message, int index) {
        return message(file, message).getFieldBuilder(index);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("breaks")
    void aBreachIsTold(String told, Consumer<FileDescriptorProto.Builder> change) throws Exception {
        FileDescriptorProto.Builder broken = released().toBuilder();
        change.accept(broken);
        assertThat(WireCompatibility.breaches(described(released()), described(broken.build())))
                .anySatisfy(breach -> assertThat(breach).contains(told));
    }

    @Test
    void additionsPass() throws Exception {
        FileDescriptorProto.Builder larger = released().toBuilder();
        larger.getMessageTypeBuilder(0).addField(newField("hint", 9));
        larger.getMessageTypeBuilder(3)
                .addField(newField("extra", 9).toBuilder().setOneofIndex(0));
        larger.addMessageType(DescriptorProto.newBuilder().setName("News"));
        larger.getEnumTypeBuilder(1)
                .addValue(EnumValueDescriptorProto.newBuilder()
                        .setName("DOMAIN_NEW")
                        .setNumber(4));
        larger.getServiceBuilder(0)
                .addMethod(MethodDescriptorProto.newBuilder()
                        .setName("Listen")
                        .setInputType(".kiln.auc.v1.VectorRequest")
                        .setOutputType(".kiln.auc.v1.News"));
        assertThat(WireCompatibility.breaches(described(released()), described(larger.build())))
                .isEmpty();
    }

    @Test
    void aReservedNumberIsNotUsedAgain() throws Exception {
        FileDescriptorProto.Builder without = released().toBuilder();
        without.getMessageTypeBuilder(0)
                .removeField(5)
                .addReservedRange(
                        DescriptorProto.ReservedRange.newBuilder().setStart(6).setEnd(7))
                .addReservedName("plmn");
        FileDescriptorProto.Builder again = released().toBuilder();
        again.getMessageTypeBuilder(0).removeField(5).addField(newField("other", 6));
        List<String> breaches = WireCompatibility.breaches(described(without.build()), described(again.build()));
        assertThat(breaches)
                .anySatisfy(breach -> assertThat(breach).contains("VectorRequest.other", "reserved"))
                .anySatisfy(breach -> assertThat(breach).contains("the reserved numbers of"));
    }

    private static FieldDescriptorProto newField(String name, int number) {
        return FieldDescriptorProto.newBuilder()
                .setName(name)
                .setNumber(number)
                .setType(FieldDescriptorProto.Type.TYPE_STRING)
                .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL)
                .build();
    }
}
