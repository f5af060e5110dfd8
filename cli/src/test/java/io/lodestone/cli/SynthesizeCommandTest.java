package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lodestone.cli.SourceSampler.Sample;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.repository.Lineage;
import io.lodestone.repository.Repository;
import io.lodestone.repository.objects.ObjectStores;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A base that no etcd was asked for, restored into one. */
final class SynthesizeCommandTest {
  @TempDir Path folder;

  @Test
  void itIsToEtcdWhatItsOwnSnapshotWouldBe() throws Exception {
    String repository = "file:" + folder.resolve("repository");
    EtcdRelease release = EtcdRelease.of("3.5");
    Sample expected;
    try (EtcdCluster source = EtcdCluster.of(release, folder.resolve("source")).start()) {
      source.etcdctl("user", "add", "root:rootpw");
      source.etcdctl("user", "grant-role", "root", "root");
      write(source, 1, 20);
      try (RunningAgent agent =
          new RunningAgent(folder.resolve("agent.log"), source.endpoints(), repository)) {
        agent.awaitDurable(20);
        write(source, 2, 20);
        source.etcdctl("del", "key-3");
        source.etcdctl("compact", "30");
        awaitCompaction(repository, 30);
        write(source, 3, 10);
        agent.awaitDurable(SourceSampler.sample(source.channel(0), 0).revision());
      }
      expected = SourceSampler.sample(source.channel(0), 0);
    }
    JsonNode made = Cli.report("backup", "synthesize", "--repository", repository);
    assertThat(made.get("made").asBoolean()).isTrue();
    assertThat(made.get("newestBase").asLong()).isEqualTo(expected.revision());
    assertThat(made.get("compactRevision").asLong()).isEqualTo(30);
    assertThat(
            Cli.report("backup", "synthesize", "--repository", repository).get("made").asBoolean())
        .isFalse();
    assertThat(Cli.run("backup", "verify", "--repository", repository).exitCode()).isZero();

    try (Restored restored =
        Restored.start(release, folder.resolve("restored"), "--repository", repository)) {
      EtcdCluster cluster = restored.cluster();
      assertThat(SourceSampler.sample(cluster.channel(0), expected.revision())).isEqualTo(expected);
      cluster.etcdctl("auth", "enable");
      assertThat(cluster.etcdctl("--user", "root:rootpw", "get", "key-4")).contains("round 3");
    }
  }

  private static void write(EtcdCluster source, int round, int keys) throws Exception {
    for (int i = 0; i < keys; i++) {
      source.etcdctl("put", "key-" + i, "round " + round);
    }
  }

  private static void awaitCompaction(String repository, long revision) throws Exception {
    try (Repository opened = Repository.open(ObjectStores.open(repository))) {
      Lineage lineage = opened.lineages().get(0);
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () ->
                  opened.lastPosition(lineage).orElseThrow().end().stream()
                      .anyMatch(end -> end.compaction().scheduled() == revision));
    }
  }
}
