package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Plans and drills on a repository of a real cluster, with leases, users and a compaction. */
final class RestoreDrillCommandTest {
  @TempDir Path folder;

  private EtcdCluster cluster(String minor, String name) throws Exception {
    return EtcdCluster.of(EtcdRelease.of(minor), folder.resolve(name)).start();
  }

  private String repository() {
    return folder.resolve("repository").toString();
  }

  private void backUp(EtcdCluster cluster) throws Exception {
    Cli.report(
        "backup",
        "run",
        "--until-caught-up",
        "--endpoints",
        cluster.endpoints().get(0),
        "--repository",
        repository());
  }

  private String[] drill(String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "restore",
                "drill",
                "--repository",
                repository(),
                "--work-dir",
                folder.resolve("work").toString()));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private static void write(EtcdCluster cluster, int keys) throws Exception {
    String lease = cluster.etcdctl("lease", "grant", "500").split(" ", 3)[1];
    for (int i = 0; i < keys; i++) {
      cluster.etcdctl("put", "key" + i % 3, "value" + i, "--lease=" + lease);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void aDrillAgreesWithTheSourceAndIsKept(String minor) throws Exception {
    try (EtcdCluster cluster = cluster(minor, "etcd")) {
      write(cluster, 6);
      cluster.etcdctl("user", "add", "ann:secret");
      cluster.etcdctl("compact", "4");
      backUp(cluster);
      write(cluster, 4);
      backUp(cluster);

      JsonNode plan = Cli.report("restore", "plan", "--repository", repository());
      assertThat(plan.path("revision").asLong()).isEqualTo(11);
      assertThat(plan.path("baseRevision").asLong()).isEqualTo(7);
      assertThat(plan.path("objects").asLong()).isGreaterThanOrEqualTo(2);
      assertThat(plan.has("estimatedSeconds")).isFalse();

      JsonNode proof =
          Cli.report(drill("--compare-source", "--endpoints", cluster.endpoints().get(0)));
      assertThat(proof.path("proved").asBoolean()).isTrue();
      assertThat(proof.path("source").asText()).isEqualTo("agrees");
      assertThat(proof.path("hashKv").asLong()).isEqualTo(proof.path("memberHashKv").asLong());
      assertThat(folder.resolve("work")).isEmptyDirectory();

      assertThat(
              Cli.report("backup", "describe", "--repository", repository())
                  .path("lastProvedRevision")
                  .asLong())
          .isEqualTo(11);
      assertThat(
              Cli.report("restore", "plan", "--repository", repository()).has("estimatedSeconds"))
          .isTrue();
    }
  }

  @Test
  void aSourceWithOtherDataIsToldAndNothingIsKept() throws Exception {
    try (EtcdCluster cluster = cluster("3.5", "etcd");
        EtcdCluster other = cluster("3.5", "other")) {
      write(cluster, 3);
      backUp(cluster);
      for (int i = 0; i < 3; i++) {
        other.etcdctl("put", "other", "data");
      }

      Cli.Outcome outcome =
          Cli.run(drill("--compare-source", "--endpoints", other.endpoints().get(0)));

      assertThat(outcome.exitCode()).isEqualTo(ExitCodes.DAMAGE);
      assertThat(outcome.out()).contains("differs");
      assertThat(Cli.report("backup", "describe", "--repository", repository()).has("lastProvedAt"))
          .isFalse();
    }
  }

  @Test
  void aSourceThatHasCompactedFurtherIsAskedAsOfThereOrNotAtAll() throws Exception {
    try (EtcdCluster cluster = cluster("3.5", "etcd")) {
      write(cluster, 6);
      backUp(cluster);
      write(cluster, 6);
      String endpoint = cluster.endpoints().get(0);
      cluster.etcdctl("compact", "5");
      assertThat(
              Cli.report(drill("--compare-source", "--endpoints", endpoint))
                  .path("source")
                  .asText())
          .isEqualTo("agrees");

      cluster.etcdctl("compact", "10");
      assertThat(
              Cli.report(drill("--compare-source", "--endpoints", endpoint))
                  .path("source")
                  .asText())
          .contains("compacted past");
    }
  }
}
