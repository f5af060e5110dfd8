package io.lodestone.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EtcdVersionTest {
  @ParameterizedTest
  @ValueSource(strings = {"3.4.0", "3.4.23", "3.5.30", "3.6.0-rc.1", "3.10.1", "4.0.0"})
  void canBeMoved(String version) {
    assertThat(EtcdVersion.parse(version).isTooOld()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.3.27", "3.0.17", "2.3.8"})
  void isTooOld(String version) {
    assertThat(EtcdVersion.parse(version).isTooOld()).isTrue();
  }
}
