package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lodestone.cli.SourceSampler.Sample;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.nio.file.Path;
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
      capture(source, repository);
      write(source, 2, 20);
      capture(source, repository);
      source.etcdctl("del", "key-3");
      source.etcdctl("compact", "30");
      write(source, 3, 10);
      capture(source, repository);
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

  private static void capture(EtcdCluster source, String repository) throws Exception {
    Cli.report(
        "backup",
        "run",
        "--until-caught-up",
        "--endpoints",
        String.join(",", source.endpoints()),
        "--repository",
        repository);
  }
}
