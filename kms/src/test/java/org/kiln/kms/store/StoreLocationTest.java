package org.kiln.kms.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreLocationTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://db/kiln?user=kiln",
                "jdbc:postgresql://db/kiln?ssl=true&password=hush",
                "jdbc:postgresql://kiln:hush@db/kiln"
            })
    void takesNoCredentialsInTheUrl(String url) {
        assertThatThrownBy(() -> new StoreLocation.PostgreSql(url, "kiln", Optional.empty(), 8))
                .hasMessageContaining("no user and no password")
                .hasMessageNotContaining("hush");
    }

    @Test
    void namesNoPassword() {
        StoreLocation location =
                new StoreLocation.PostgreSql("jdbc:postgresql://db/kiln?ssl=true", "kiln", Optional.of("hush"), 8);
        assertThat(location.name()).isEqualTo("jdbc:postgresql://db/kiln");
        assertThat(location.toString()).doesNotContain("hush");
    }
}
