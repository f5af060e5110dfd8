package io.lodestone.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RecentLogTest {
  private static final long NONE = -1;

  @Test
  void soManyCommandsStayHoweverManyEntriesTheyAre() {
    for (int each : new int[] {1, 7, 100, 512}) {
      RecentLog log = new RecentLog(1000, NONE);
      for (int index = 0; index < 5000; index++) {
        log.add(index, each, each);
        long kept = (index - log.dispensable()) * each;
        assertThat(kept)
            .as("%d commands an entry", each)
            .isGreaterThanOrEqualTo(Math.min(1000L, (index + 1L) * each));
        assertThat(kept).isLessThanOrEqualTo(1000 + 2 * Math.max(62, each));
      }
    }
  }

  @Test
  void ofLargeCommandsFewerStay() {
    RecentLog log = new RecentLog(50_000, NONE);
    int mib = 1 << 20;
    for (int index = 0; index < 500; index++) {
      log.add(index, 1, mib);
    }
    assertThat(499 - log.dispensable()).isBetween(64L, 70L);
  }

  @Test
  void nothingIsDispensableBehindAStateThatCameOtherwise() {
    RecentLog log = new RecentLog(10, NONE);
    for (int index = 0; index < 100; index++) {
      log.add(index, 1, 1);
    }
    log.restart(5000);
    assertThat(log.dispensable()).isEqualTo(5000);
    for (int index = 5001; index < 5010; index++) {
      log.add(index, 1, 1);
      assertThat(log.dispensable()).isEqualTo(5000);
    }
    log.add(5010, 1, 1);
    log.add(5011, 1, 1);
    assertThat(log.dispensable()).isEqualTo(5001);
  }
}
