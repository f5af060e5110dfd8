package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster and its backups, inspected from the command line. */
final class InspectCommandTest {
  @TempDir Path folder;

  private Cli.Outcome inspect(EtcdCluster cluster, String... more) {
    List<String> command =
        new ArrayList<>(List.of("inspect", "--endpoints", cluster.endpoints().get(0)));
    command.addAll(List.of("--output", "json"));
    command.addAll(List.of(more));
    return Cli.run(command.toArray(String[]::new));
  }

  private static List<String> seen(JsonNode report, String inspection) {
    return StreamSupport.stream(report.path("observations").spliterator(), false)
        .filter(line -> line.path("inspection").asText().equals(inspection))
        .map(
            line ->
                line.path("verdict").asText()
                    + " "
                    + line.path("subject").asText()
                    + ": "
                    + line.path("seen").asText())
        .toList();
  }

  @Test
  void aClusterWithAndWithoutABackup() throws Exception {
    String repository = folder.resolve("repository").toString();
    try (EtcdCluster cluster =
            EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("etcd")).start();
        EtcdCluster other =
            EtcdCluster.of(EtcdRelease.of("3.4"), folder.resolve("other")).token("b").start()) {
      Cli.report(
          "backup",
          "snapshot",
          "--endpoints",
          cluster.endpoints().get(0),
          "--repository",
          repository);
      for (int i = 0; i < 4; i++) {
        cluster.etcdctl("put", "hot/key", "value" + i);
      }
      cluster.etcdctl("put", "other/key", "value");
      Cli.report(
          "backup",
          "run",
          "--until-caught-up",
          "--endpoints",
          cluster.endpoints().get(0),
          "--repository",
          repository);

      Cli.Outcome all = inspect(cluster, "--repository", repository);
      assertThat(all.exitCode()).as(all.out() + all.err()).isZero();
      assertThat(seen(all.json(), "health")).hasSize(2);
      assertThat(seen(all.json(), "requests"))
          .contains("FINE key hot/key: " + 4 + " writes, " + bytes(all.json(), "key hot/key"))
          .anyMatch(line -> line.startsWith("FINE prefix hot/: 4 writes"));
      assertThat(seen(all.json(), "backup"))
          .anyMatch(line -> line.startsWith("FINE") && line.contains("complete up to revision 6"))
          .anyMatch(line -> line.startsWith("WARNING") && line.contains("never proved"));

      Cli.Outcome stale =
          inspect(cluster, "backup", "--repository", repository, "--max-backup-age", "1ms");
      assertThat(stale.exitCode()).isEqualTo(ExitCodes.DAMAGE);
      assertThat(seen(stale.json(), "health")).isEmpty();

      Cli.Outcome none = inspect(other, "backup", "--repository", repository);
      assertThat(none.exitCode()).isEqualTo(ExitCodes.DAMAGE);
      assertThat(none.out()).contains("has no backup of it");
    }
  }

  private static String bytes(JsonNode report, String subject) {
    return StreamSupport.stream(report.path("observations").spliterator(), false)
        .filter(line -> line.path("subject").asText().equals(subject))
        .map(line -> line.path("seen").asText().replaceFirst(".*, ", ""))
        .findFirst()
        .orElse("nothing");
  }
}
