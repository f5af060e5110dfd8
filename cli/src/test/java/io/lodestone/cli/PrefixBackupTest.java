package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tenants who may read their own prefix and nothing else back it up, on real clusters. */
@Tag("once")
final class PrefixBackupTest {
  private static final String ROOT = "root:secret";

  @TempDir Path folder;

  /** With authentication on, and the users one and two, who may read and write /one/ and /two/. */
  private EtcdCluster cluster(String minor) throws Exception {
    EtcdCluster cluster = EtcdCluster.of(EtcdRelease.of(minor), folder.resolve("etcd")).start();
    cluster.etcdctl("user", "add", ROOT);
    cluster.etcdctl("user", "grant-role", "root", "root");
    for (String tenant : List.of("one", "two")) {
      cluster.etcdctl("user", "add", tenant + ":secret");
      cluster.etcdctl("role", "add", tenant);
      cluster.etcdctl(
          "role", "grant-permission", tenant, "readwrite", "/" + tenant + "/", "--prefix");
      cluster.etcdctl("user", "grant-role", tenant, tenant);
    }
    cluster.etcdctl("auth", "enable");
    return cluster;
  }

  private static void put(EtcdCluster cluster, String tenant, String key, String value)
      throws Exception {
    cluster.etcdctl("--user", tenant + ":secret", "put", "/" + tenant + "/" + key, value);
  }

  private String repository() {
    return folder.resolve("repository").toString();
  }

  private String[] backUp(EtcdCluster cluster, String tenant, String... more) throws Exception {
    Path password = Files.writeString(folder.resolve("password"), "secret");
    List<String> all =
        new ArrayList<>(List.of("backup", "run", "--endpoints", cluster.endpoints().get(0)));
    all.addAll(List.of("--repository", repository(), "--prefix", "/" + tenant + "/"));
    all.addAll(List.of("--user", tenant, "--password-file", password.toString()));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private JsonNode described() throws Exception {
    return Cli.report("backup", "describe", "--repository", repository());
  }

  private void awaitDurable(ChildProcess agent, long revision) {
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(
            () -> {
              assertThat(agent.isAlive()).as(agent.output()).isTrue();
              Cli.Outcome now =
                  Cli.run("backup", "describe", "--repository", repository(), "--output", "json");
              assertThat(now.exitCode()).as(now.err()).isZero();
              assertThat(now.json().path("lastRevision").asLong()).isGreaterThanOrEqualTo(revision);
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void aTenantsKeysAreFollowedThroughAKillAndPutBack(String minor) throws Exception {
    String lineage;
    try (EtcdCluster cluster = cluster(minor)) {
      put(cluster, "one", "a", "first");
      put(cluster, "two", "x", "theirs");
      put(cluster, "one", "b", "first");
      try (ChildProcess agent = Cli.start(folder.resolve("first.log"), backUp(cluster, "one"))) {
        awaitDurable(agent, 4);
        put(cluster, "one", "a", "second");
        cluster.etcdctl("--user", "one:secret", "del", "/one/b");
        put(cluster, "two", "x", "again");
        put(cluster, "two", "x", "and again");
        awaitDurable(agent, 8);
        put(cluster, "one", "c", "at the kill");
        agent.kill();
      }
      put(cluster, "two", "y", "meanwhile");
      put(cluster, "one", "d", "meanwhile");
      try (ChildProcess agent = Cli.start(folder.resolve("second.log"), backUp(cluster, "one"))) {
        awaitDurable(agent, 11);
      }
      lineage = described().path("lineage").asText();
      Cli.report(backUp(cluster, "two", "--until-caught-up"));

      String before = cluster.etcdctl("--user", "one:secret", "get", "/one/", "--prefix");
      cluster.etcdctl("--user", "one:secret", "del", "/one/", "--prefix");
      Cli.report(putBack(cluster, lineage));
      assertThat(cluster.etcdctl("--user", "one:secret", "get", "/one/", "--prefix"))
          .isEqualTo(before)
          .contains("at the kill");

      assertRefused(
          "permission denied",
          "backup",
          "run",
          "--until-caught-up",
          "--prefix",
          "/one/",
          "--repository",
          folder.resolve("other").toString(),
          "--endpoints",
          cluster.endpoints().get(0),
          "--user",
          "two",
          "--password-file",
          folder.resolve("password").toString());
    }
    checkWhatIsKept(lineage);
    checkPutBack(minor, lineage);
  }

  /** By the tenant, who may read and write these keys only. */
  private String[] putBack(EtcdCluster cluster, String lineage) {
    return new String[] {
      "restore",
      "keys",
      "--repository",
      repository(),
      "--lineage",
      lineage,
      "--prefix",
      "/one/",
      "--endpoints",
      cluster.endpoints().get(0),
      "--user",
      "one",
      "--password-file",
      folder.resolve("password").toString()
    };
  }

  private void checkWhatIsKept(String lineage) throws Exception {
    JsonNode described =
        Cli.report("backup", "describe", "--repository", repository(), "--lineage", lineage);
    assertThat(described.path("prefix").asText()).isEqualTo("/one/");
    assertThat(described.path("gaps")).isEmpty();
    assertThat(described.path("firstRevision").asLong()).isEqualTo(4);
    JsonNode verified = Cli.report("backup", "verify", "--repository", repository());
    assertThat(verified.path("intact").asBoolean()).isTrue();
    assertThat(Files.readString(folder.resolve("repository").resolve("repository.json")))
        .contains("\"version\":4");

    assertThat(inside(lineage, "get", "/one/a", "--at", "4").out()).contains("first");
    assertThat(inside(lineage, "get", "/one/a", "--at", "8").out()).contains("second");
    assertThat(inside(lineage, "get", "/one/b", "--at", "5").out()).contains("first");
    assertThat(inside(lineage, "history", "/one/b", "--output", "json").out().lines()).hasSize(2);
    Cli.Outcome exported = inside(lineage, "export", "--prefix", "/one/");
    assertThat(exported.out().lines()).hasSize(3);
    assertThat(exported.out()).contains("at the kill", "meanwhile").doesNotContain("/two/");
    Cli.Outcome theirs = inside(lineage, "get", "/two/x");
    assertThat(theirs.exitCode()).isEqualTo(ExitCodes.FAILED);
    assertThat(theirs.err()).contains("begin with '/one/' only");
  }

  private Cli.Outcome inside(String lineage, String question, String... more) {
    List<String> all =
        new ArrayList<>(
            List.of("backup", question, "--repository", repository(), "--lineage", lineage));
    all.addAll(List.of(more));
    return Cli.run(all.toArray(String[]::new));
  }

  private void checkPutBack(String minor, String lineage) throws Exception {
    try (EtcdCluster fresh =
        EtcdCluster.of(EtcdRelease.of(minor), folder.resolve("fresh")).start()) {
      String[] keys = {
        "restore",
        "keys",
        "--repository",
        repository(),
        "--lineage",
        lineage,
        "--endpoints",
        fresh.endpoints().get(0),
        "--prefix"
      };
      Cli.report(with(keys, "/one/"));
      assertThat(fresh.etcdctl("get", "", "--prefix"))
          .isEqualTo("/one/a\nsecond\n/one/c\nat the kill\n/one/d\nmeanwhile\n");
      fresh.etcdctl("put", "/three", "is not ours");
      assertRefused("nothing can be said of '/'", with(keys, "/", "--delete-extra"));
      assertThat(fresh.etcdctl("get", "/three")).contains("is not ours");
    }
    String[] whole = {"restore", "--repository", repository(), "--lineage", lineage};
    assertRefused(
        "no state of a cluster",
        with(whole, "--output-file", folder.resolve("whole.db").toString()));
    assertRefused(
        "no state of a cluster", with(whole, "--store-dir", folder.resolve("store").toString()));
    assertRefused(
        "no state of a cluster",
        "restore",
        "drill",
        "--repository",
        repository(),
        "--lineage",
        lineage,
        "--work-dir",
        folder.resolve("work").toString());
    assertThat(folder.resolve("whole.db")).doesNotExist();
    assertThat(folder.resolve("store")).doesNotExist();
  }

  private static void assertRefused(String why, String... command) {
    Cli.Outcome outcome = Cli.run(command);
    assertThat(outcome.exitCode()).isEqualTo(ExitCodes.FAILED);
    assertThat(outcome.err()).contains(why, "hint:");
  }

  private static String[] with(String[] command, String... more) {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  @Test
  void whatWasCompactedAwayMeanwhileIsAGapBehindWhichANewBaseBegins() throws Exception {
    try (EtcdCluster cluster = cluster("3.5")) {
      put(cluster, "one", "a", "1");
      Cli.report(backUp(cluster, "one", "--until-caught-up"));
      put(cluster, "one", "a", "2");
      put(cluster, "one", "a", "3");
      cluster.etcdctl("--user", ROOT, "compact", "4");
      Cli.report(backUp(cluster, "one", "--until-caught-up"));
      put(cluster, "one", "b", "4");
      Cli.report(backUp(cluster, "one", "--until-caught-up"));

      JsonNode described = described();
      assertThat(described.path("bases")).hasSize(2);
      assertThat(described.path("bases").get(1).path("reason").asText()).isEqualTo("COMPACTED");
      assertThat(described.path("gaps")).hasSize(1);
      assertThat(described.path("gaps").get(0).path("firstRevision").asLong()).isEqualTo(3);
      assertThat(described.path("gaps").get(0).path("lastRevision").asLong()).isEqualTo(3);
      assertThat(described.path("lastRevision").asLong()).isEqualTo(5);
      assertThat(
              Cli.report("backup", "verify", "--repository", repository())
                  .path("intact")
                  .asBoolean())
          .isTrue();
    }
  }
}
