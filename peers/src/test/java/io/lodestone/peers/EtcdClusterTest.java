package io.lodestone.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EtcdClusterTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void aClusterTakesWritesAndSurvivesTheDeathOfAMember(String minor) throws Exception {
    try (EtcdCluster cluster = EtcdCluster.of(EtcdRelease.of(minor), folder).members(3).start()) {
      try (Workload workload =
          Workload.start(1, 1, true, List.of(cluster.channel(0), cluster.channel(1)))) {
        awaitWrites(workload, 200);
        cluster.member(2).kill();
        cluster.member(2).start();
        cluster.awaitReady(2);
        awaitWrites(workload, workload.writes() + 50);
      }
      assertThat(cluster.etcdctl("get", "", "--prefix", "--keys-only")).contains("key/");
    }
  }

  private static void awaitWrites(Workload workload, long writes) {
    await().atMost(Duration.ofSeconds(20)).until(() -> workload.writes() >= writes);
  }
}
