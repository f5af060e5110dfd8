package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
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

  private void backUp(EtcdCluster cluster, String... more) throws Exception {
    List<String> all =
        new ArrayList<>(
            List.of(
                "backup",
                "run",
                "--until-caught-up",
                "--endpoints",
                cluster.endpoints().get(0),
                "--repository",
                repository()));
    all.addAll(List.of(more));
    Cli.report(all.toArray(String[]::new));
  }

  private String[] drill(String... more) {
    List<String> all = new ArrayList<>(List.of("restore", "drill", "--repository", repository()));
    all.addAll(List.of(more));
    if (!all.contains("--work-dir")) {
      all.addAll(List.of("--work-dir", folder.resolve("work").toString()));
    }
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

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void aSourceThatWasCompactedAtADeletionAgrees(String minor) throws Exception {
    try (EtcdCluster cluster = cluster(minor, "etcd")) {
      write(cluster, 6);
      backUp(cluster);
      cluster.etcdctl("del", "key1");
      cluster.etcdctl("put", "key2", "behind it");
      backUp(cluster);
      String endpoint = cluster.endpoints().get(0);
      cluster.etcdctl("compact", "8");
      JsonNode proof = Cli.report(drill("--compare-source", "--endpoints", endpoint));
      assertThat(proof.path("source").asText()).isEqualTo("agrees");

      write(cluster, 2);
      backUp(cluster);
      JsonNode behind = Cli.report(drill("--compare-source", "--endpoints", endpoint));
      assertThat(behind.path("source").asText()).isEqualTo("agrees");
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

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void whatTheSourceSaidAtCaptureIsFoundAgainWhenTheSourceIsGone(String minor) throws Exception {
    try (EtcdCluster cluster = cluster(minor, "etcd")) {
      write(cluster, 6);
      cluster.etcdctl("compact", "4");
      backUp(cluster);
      write(cluster, 4);
      cluster.etcdctl("del", "key1");
      cluster.etcdctl("compact", "12");
      write(cluster, 2);
      backUp(cluster, "--hash-interval", "1ms");
      write(cluster, 2);
      backUp(cluster);
      cluster.etcdctl("compact", "15");
      backUp(cluster);
    }

    JsonNode described = Cli.report("backup", "describe", "--repository", repository());
    assertThat(described.path("lastRevision").asLong()).isEqualTo(16);
    assertThat(described.path("sourceHashRevision").asLong()).isEqualTo(14);
    assertThat(
            Cli.report("backup", "verify", "--repository", repository())
                .path("sourceHashesFound")
                .asLong())
        .isEqualTo(1);
    JsonNode proof = Cli.report(drill());
    assertThat(proof.path("captured").asText()).isEqualTo("agrees");
    assertThat(proof.path("revision").asLong()).isEqualTo(14);
    JsonNode base = Cli.report(drill("--to-revision", "7"));
    assertThat(base.path("captured").asText()).isEqualTo("agrees");
    JsonNode newest = Cli.report(drill("--to-revision", "16"));
    assertThat(newest.path("captured").asText()).isEqualTo("not told");
    assertThat(
            Cli.report("backup", "describe", "--repository", repository())
                .path("lastProvedRevision")
                .asLong())
        .isEqualTo(16);
  }

  @Test
  void anotherHashThanTheSourceSaidIsDamageAndBothAreNamed() throws Exception {
    try (EtcdCluster cluster = cluster("3.5", "etcd")) {
      write(cluster, 6);
      backUp(cluster);
    }
    String said =
        Cli.report("backup", "describe", "--repository", repository())
            .path("sourceHashKv")
            .asText();
    Path hash;
    try (Stream<Path> files = Files.walk(folder.resolve("repository"))) {
      hash = files.filter(file -> file.getParent().endsWith("hashes")).findFirst().orElseThrow();
    }
    Files.writeString(hash, Files.readString(hash).replace(said, "4711"));

    Cli.Outcome drill = Cli.run(drill());
    assertThat(drill.exitCode()).isEqualTo(ExitCodes.DAMAGE);
    assertThat(drill.out()).contains("differs", "4711", said);
    Cli.Outcome verify = Cli.run("backup", "verify", "--repository", repository());
    assertThat(verify.exitCode()).isEqualTo(ExitCodes.DAMAGE);
    assertThat(verify.out()).contains("4711", said);
    assertThat(Cli.report("backup", "describe", "--repository", repository()).has("lastProvedAt"))
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void whoMayNotAskForTheHashFollowsWithout(String minor) throws Exception {
    Path password = Files.writeString(folder.resolve("password"), "secret");
    try (EtcdCluster cluster = cluster(minor, "etcd")) {
      write(cluster, 3);
      backUp(cluster);
      TestUsers.enable(cluster);
      cluster.etcdctl("--user", "root:secret", "put", "key1", "again");
      backUp(
          cluster,
          "--hash-interval",
          "1ms",
          "--user",
          "reader",
          "--password-file",
          password.toString());
    }
    JsonNode described = Cli.report("backup", "describe", "--repository", repository());
    assertThat(described.path("lastRevision").asLong()).isEqualTo(5);
    assertThat(described.path("sourceHashRevision").asLong()).isEqualTo(4);
  }

  @Test
  void whatAKilledDrillLeftBehindIsDeletedByTheNextOne() throws Exception {
    try (EtcdCluster cluster = cluster("3.5", "etcd")) {
      write(cluster, 6);
      backUp(cluster);
    }
    Path work = Files.createDirectory(folder.resolve("work"));
    try (ChildProcess drill = Cli.start(folder.resolve("drill.log"), drill())) {
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(2))
          .until(() -> entries(work).stream().anyMatch(RestoreDrillCommandTest::isAtWork));
      drill.kill();
    }
    assertThat(entries(work)).as("of a drill that was killed in the middle").hasSize(1);

    JsonNode proof = Cli.report(drill());

    assertThat(proof.path("proved").asBoolean()).isTrue();
    assertThat(work).isEmptyDirectory();
  }

  /** Whether there is more in a drill's directory than what says that it is in use. */
  private static boolean isAtWork(Path directory) {
    String[] content = directory.toFile().list();
    return content != null && content.length > 1;
  }

  private static List<Path> entries(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.sorted().toList();
    }
  }
}
