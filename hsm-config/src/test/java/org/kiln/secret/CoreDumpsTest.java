package org.kiln.secret;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class CoreDumpsTest {

    @AfterEach
    void allow() {
        assertThat(CoreDumps.allow()).isTrue();
    }

    @Test
    void theSystemSaysThatTheyAreForbidden() {
        assertThat(CoreDumps.areForbidden()).isFalse();
        assertThat(CoreDumps.forbid()).isTrue();
        assertThat(CoreDumps.areForbidden()).isTrue();
    }
}
