package org.kiln.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** Templates as values, and their C structures. */
class TemplateTest {

    private static Template.Builder key() {
        return Template.builder().with(Cka.CLASS, Ck.CKO_SECRET_KEY).with(Cka.TOKEN, false);
    }

    private static Template full() {
        return key().label("SK-1")
                .with(Cka.UNWRAP_TEMPLATE, key().with(Cka.SENSITIVE, true).build())
                .with(Cka.VALUE_LEN, 16L)
                .build();
    }

    /** A session keeps the native form of a template: made anew at each call, it must be found again. */
    @Test
    void equalAttributesInEqualOrderAreEqual() {
        assertThat(full()).isEqualTo(full()).hasSameHashCodeAs(full());
    }

    @Test
    void anotherValueOrOrderIsAnother() {
        assertThat(key().label("SK-1").build()).isNotEqualTo(key().label("SK-2").build());
        assertThat(key().build()).isNotEqualTo(key().with(Cka.SENSITIVE, true).build());
        assertThat(Template.builder()
                        .with(Cka.TOKEN, false)
                        .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                        .build())
                .isNotEqualTo(key().build());
    }

    @Test
    void itsStructureHoldsTypesValuesAndNestedTemplates() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment form = NativeForm.of(full(), arena);
            assertThat(form.byteSize()).isEqualTo(5 * NativeForm.ATTRIBUTE_SIZE);
            assertThat(value(form, 0, 8).get(ValueLayout.JAVA_LONG, 0)).isEqualTo(Ck.CKO_SECRET_KEY);
            assertThat(value(form, 1, 1).get(ValueLayout.JAVA_BYTE, 0)).isZero();
            assertThat(value(form, 2, 4).toArray(ValueLayout.JAVA_BYTE)).containsExactly('S', 'K', '-', '1');
            MemorySegment nested = value(form, 3, 3 * NativeForm.ATTRIBUTE_SIZE);
            assertThat(nested.get(ValueLayout.JAVA_LONG, 2 * NativeForm.ATTRIBUTE_SIZE))
                    .isEqualTo(Cka.SENSITIVE.code());
            assertThat(value(nested, 2, 1).get(ValueLayout.JAVA_BYTE, 0)).isOne();
            assertThat(value(form, 4, 8).get(ValueLayout.JAVA_LONG, 0)).isEqualTo(16);
        }
    }

    @Test
    void aTemplateOfNothingHasRoomForAnAttribute() {
        try (Arena arena = Arena.ofConfined()) {
            assertThat(NativeForm.of(Template.builder().build(), arena).byteSize())
                    .isEqualTo(NativeForm.ATTRIBUTE_SIZE);
        }
    }

    private static MemorySegment value(MemorySegment form, int index, long octets) {
        long at = index * NativeForm.ATTRIBUTE_SIZE;
        assertThat(form.get(ValueLayout.JAVA_LONG, at + 16)).isEqualTo(octets);
        return form.get(ValueLayout.ADDRESS, at + 8).reinterpret(octets);
    }
}
