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

/** A prefix was deleted and is brought back out of a repository. */
final class RestoreKeysCommandTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void aDeletedPrefixComesBackAtTheRevisionBefore(String minor) throws Exception {
    try (EtcdCluster cluster =
        EtcdCluster.of(EtcdRelease.of(minor), folder.resolve("etcd")).start()) {
      for (String key : List.of("/app/a", "/app/b", "/other")) {
        cluster.etcdctl("put", key, "first");
      }
      String repository = folder.resolve("repository").toString();
      String endpoint = cluster.endpoints().get(0);
      backUp(endpoint, repository);
      cluster.etcdctl("put", "/app/a", "second");
      cluster.etcdctl("del", "--prefix", "/");
      cluster.etcdctl("put", "/app/b", "newer");
      backUp(endpoint, repository);

      String[] restore = {
        "restore",
        "keys",
        "--repository",
        repository,
        "--to-revision",
        "5",
        "--prefix",
        "/app/",
        "--endpoints",
        endpoint,
        "--spool-dir",
        folder.resolve("spool").toString()
      };
      JsonNode plan = Cli.report(with(restore, "--dry-run"));
      assertThat(plan.path("dryRun").asBoolean()).isTrue();
      assertThat(plan.path("created").asInt()).isEqualTo(1);
      assertThat(plan.path("keptNewer").asInt()).isEqualTo(1);
      assertThat(plan.path("differences").get(0).path("key").asText()).isEqualTo("/app/a");
      assertThat(cluster.etcdctl("get", "--prefix", "/")).isEqualTo("/app/b\nnewer\n");

      Cli.report(restore);
      assertThat(cluster.etcdctl("get", "--prefix", "/"))
          .isEqualTo("/app/a\nsecond\n/app/b\nnewer\n");
      Cli.report(with(restore, "--overwrite", "--rename", "/app/=/old/"));
      assertThat(cluster.etcdctl("get", "--prefix", "/old/"))
          .isEqualTo("/old/a\nsecond\n/old/b\nfirst\n");
      assertThat(folder.resolve("spool")).isEmptyDirectory();
    }
  }

  private static void backUp(String endpoint, String repository) throws Exception {
    Cli.report(
        "backup", "run", "--until-caught-up", "--endpoints", endpoint, "--repository", repository);
  }

  private static String[] with(String[] command, String... more) {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  @Test
  void selectingNothingIsWrongUsage() {
    Cli.Outcome outcome =
        Cli.run("restore", "keys", "--from-snapshot-file", folder.resolve("x.db").toString());

    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("nothing is selected");
  }
}
