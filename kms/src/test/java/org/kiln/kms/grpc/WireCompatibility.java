package org.kiln.kms.grpc;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** What in a new description would break clients of a released one. Additions break nobody. */
final class WireCompatibility {

    private final List<String> breaches = new ArrayList<>();

    private WireCompatibility() {}

    /** The breaches, one a line; none if every client of {@code released} may go on. */
    static List<String> breaches(FileDescriptor released, FileDescriptor built) {
        WireCompatibility check = new WireCompatibility();
        check.same("the package", released.getPackage(), built.getPackage());
        check.each(released.getMessageTypes(), built.getMessageTypes(), check::message);
        check.each(released.getEnumTypes(), built.getEnumTypes(), check::enumeration);
        check.each(released.getServices(), built.getServices(), check::service);
        return check.breaches;
    }

    private interface Comparison<D> {
        void compare(D released, D built);
    }

    /** Compares what has the same name. */
    private <D extends GenericDescriptor> void each(List<D> released, List<D> built, Comparison<D> comparison) {
        for (D old : released) {
            built.stream()
                    .filter(each -> each.getName().equals(old.getName()))
                    .findFirst()
                    .ifPresentOrElse(
                            found -> comparison.compare(old, found),
                            () -> breaches.add(old.getFullName() + " is gone"));
        }
    }

    private void message(Descriptor released, Descriptor built) {
        each(released.getFields(), built.getFields(), this::field);
        each(released.getNestedTypes(), built.getNestedTypes(), this::message);
        each(released.getEnumTypes(), built.getEnumTypes(), this::enumeration);
        for (FieldDescriptor field : built.getFields()) {
            if (released.isReservedNumber(field.getNumber()) || released.isReservedName(field.getName())) {
                breaches.add(field.getFullName() + " has a number or name that was reserved");
            }
        }
        same(
                "the reserved numbers of " + built.getFullName(),
                true,
                released.toProto().getReservedRangeList().stream()
                        .allMatch(range -> built.isReservedNumber(range.getStart())
                                && built.isReservedNumber(range.getEnd() - 1)));
    }

    private void field(FieldDescriptor released, FieldDescriptor built) {
        String name = built.getFullName();
        same("the number of " + name, released.getNumber(), built.getNumber());
        same("the type of " + name, released.getType(), built.getType());
        same("the type of " + name, typeName(released), typeName(built));
        same("whether " + name + " is repeated", released.isRepeated(), built.isRepeated());
        same("whether " + name + " is packed", released.isPacked(), built.isPacked());
        same("whether " + name + " tells its absence", released.hasPresence(), built.hasPresence());
        same("the oneof of " + name, oneof(released), oneof(built));
    }

    private static String typeName(FieldDescriptor field) {
        return field.toProto().getTypeName();
    }

    private static String oneof(FieldDescriptor field) {
        OneofDescriptor oneof = field.getRealContainingOneof();
        return oneof == null ? "none" : oneof.getName();
    }

    private void enumeration(EnumDescriptor released, EnumDescriptor built) {
        each(
                released.getValues(),
                built.getValues(),
                (EnumValueDescriptor old, EnumValueDescriptor found) ->
                        same("the number of " + found.getFullName(), old.getNumber(), found.getNumber()));
    }

    private void service(ServiceDescriptor released, ServiceDescriptor built) {
        each(released.getMethods(), built.getMethods(), this::method);
    }

    private void method(MethodDescriptor released, MethodDescriptor built) {
        String name = built.getFullName();
        Function<Descriptor, String> type = Descriptor::getFullName;
        same("the request of " + name, type.apply(released.getInputType()), type.apply(built.getInputType()));
        same("the answer of " + name, type.apply(released.getOutputType()), type.apply(built.getOutputType()));
        same("the stream of requests of " + name, released.isClientStreaming(), built.isClientStreaming());
        same("the stream of answers of " + name, released.isServerStreaming(), built.isServerStreaming());
    }

    private void same(String what, Object released, Object built) {
        if (!released.equals(built)) {
            breaches.add(what + " was " + released + " and is " + built);
        }
    }
}
