package io.lodestone.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.migrate.journal.Phase;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class MigrationStatusTest {
  @Test
  void whatIsLeftTakesAsLongAsTheDifferenceOfTheRatesSays() {
    assertThat(status(1000, 300, 100).secondsToCatchUp()).hasValue(5);
    assertThat(status(1001, 300, 100).secondsToCatchUp()).hasValue(6);
  }

  @Test
  void whoIsSlowerThanTheSourceNeverCatchesUp() {
    assertThat(status(1000, 100, 300).secondsToCatchUp()).isEmpty();
    assertThat(status(1000, 100, 100).secondsToCatchUp()).isEmpty();
  }

  @Test
  void whoIsNotBehindHasCaughtUp() {
    assertThat(status(0, 0, 0).secondsToCatchUp()).hasValue(0);
  }

  private static MigrationStatus status(long lag, double replayed, double written) {
    return new MigrationStatus(
        Instant.EPOCH, Phase.CATCH_UP, 10_000 + lag, 10_000, replayed, written, 0, false);
  }
}
