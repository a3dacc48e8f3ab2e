package org.kiln.pkcs11;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An ordered attribute template ({@code CK_ATTRIBUTE[]}).
 *
 * <p>Order is kept: some tokens read templates in sequence. Templates of equal attributes in equal order are equal, so that
 * whoever keeps something for a template need not be given the same object. A value given as {@link MemorySegment} is passed to the
 * token by its address and never copied, so that secrets stay where they are; such a template must not outlive the
 * segment.
 */
public final class Template {

    /** One attribute and its value. */
    public sealed interface Attribute {
        Cka type();
    }

    public record Bool(Cka type, boolean value) implements Attribute {}

    public record Ulong(Cka type, long value) implements Attribute {}

    /** Octets that are not secret: labels, identifiers, curve parameters. */
    public record Bytes(Cka type, byte[] value) implements Attribute {
        @Override
        public boolean equals(Object other) {
            return other instanceof Bytes(Cka t, byte[] v) && type == t && Arrays.equals(value, v);
        }

        @Override
        public int hashCode() {
            return 31 * type.hashCode() + Arrays.hashCode(value);
        }
    }

    /** Octets outside the heap, by address. */
    public record Segment(Cka type, MemorySegment value) implements Attribute {}

    public record Nested(Cka type, Template value) implements Attribute {}

    private final List<Attribute> attributes;
    private final int hash;

    private Template(List<Attribute> attributes) {
        this.attributes = List.copyOf(attributes);
        hash = this.attributes.hashCode();
    }

    public List<Attribute> attributes() {
        return attributes;
    }

    /** A builder that starts with this template's attributes. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.attributes.addAll(attributes);
        return builder;
    }

    public static Builder builder() {
        return new Builder();
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof Template template
                        && hash == template.hash
                        && attributes.equals(template.attributes));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** Attribute names only. */
    @Override
    public String toString() {
        return attributes.stream().map(a -> a.type().name()).collect(Collectors.joining(", ", "Template[", "]"));
    }

    /** Adds attributes in the order given. */
    public static final class Builder {

        private final List<Attribute> attributes = new ArrayList<>();

        private Builder() {}

        public Builder with(Cka type, boolean value) {
            return add(new Bool(type, value));
        }

        public Builder with(Cka type, long value) {
            return add(new Ulong(type, value));
        }

        public Builder with(Cka type, byte[] value) {
            return add(new Bytes(type, value.clone()));
        }

        public Builder with(Cka type, MemorySegment value) {
            return add(new Segment(type, value));
        }

        public Builder with(Cka type, Template value) {
            return add(new Nested(type, value));
        }

        public Builder label(String label) {
            return with(Cka.LABEL, label.getBytes(StandardCharsets.UTF_8));
        }

        /** Appends another template's attributes. */
        public Builder and(Template other) {
            attributes.addAll(other.attributes);
            return this;
        }

        public Template build() {
            return new Template(attributes);
        }

        private Builder add(Attribute attribute) {
            attributes.add(attribute);
            return this;
        }
    }
}
