package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.FreePorts;
import io.lodestone.peers.Workload;
import io.lodestone.server.EmbeddedStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code migrate} as people type it. */
final class MigrateCommandTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;

  private EtcdCluster source(String minor) throws Exception {
    return EtcdCluster.of(EtcdRelease.of(minor), folder.resolve("source")).start();
  }

  private Path config(EtcdCluster source, List<String> destination, String more)
      throws IOException {
    return Files.writeString(
        folder.resolve("migration.yaml"),
        "# a move\nendpoints: "
            + source.endpoints()
            + "\nto-endpoints: "
            + destination
            + "\ndir: "
            + folder.resolve("migration")
            + "\nlease-grace: 1ms\nlook-interval: 200ms\n"
            + more);
  }

  private String toEtcd(EtcdCluster.Plan plan) {
    return "to-initial-cluster-token: "
        + plan.token()
        + "\nto-initial-cluster: ["
        + plan.peerUrls().entrySet().stream()
            .map(member -> member.getKey() + "=" + member.getValue())
            .collect(Collectors.joining(", "))
        + "]\nto-data-dir: "
        + plan.dataDir("m1").getParent()
        + "\n";
  }

  private boolean isAt(String phase, ChildProcess run) throws IOException {
    if (!run.isAlive()) {
      throw new AssertionError("the migration ended: " + run.output());
    }
    Cli.Outcome status = status();
    return status.exitCode() == 0 && status.json().path("phase").asText().equals(phase);
  }

  private Cli.Outcome status() {
    return Cli.run(
        "migrate", "status", "--dir", folder.resolve("migration").toString(), "--output", "json");
  }

  @Test
  void keysAreCopiedBesideOthersAndAgainWhenTheyHaveChanged() throws Exception {
    try (EtcdCluster source = source("3.5");
        EtcdCluster destination =
            EtcdCluster.of(EtcdRelease.of("3.4"), folder.resolve("destination")).start()) {
      destination.etcdctl("put", "mine", "stays");
      source.etcdctl("put", "app/greeting", "hello");
      source.etcdctl("put", "other", "is not asked for");
      JsonNode report = copy(source, destination);
      assertThat(report.path("puts").asInt()).isOne();
      assertThat(report.path("revision").asLong()).isEqualTo(3);
      assertThat(destination.etcdctl("get", "copy/greeting", "--print-value-only"))
          .contains("hello");
      source.etcdctl("del", "app/greeting");
      assertThat(copy(source, destination).path("deletes").asInt()).isOne();
      assertThat(destination.etcdctl("get", "", "--prefix", "--keys-only"))
          .contains("mine", "lodestone/copy/")
          .doesNotContain("greeting", "other");
    }
  }

  private static JsonNode copy(EtcdCluster source, EtcdCluster destination) throws IOException {
    return Cli.report(
        "migrate",
        "copy",
        "--once",
        "--endpoints",
        source.endpoints().get(0),
        "--to-endpoints",
        destination.endpoints().get(0),
        "--prefix",
        "app/",
        "--to-prefix",
        "copy/");
  }

  @Test
  void aMoveFromPlanToRollback() throws Exception {
    EtcdCluster.Plan plan =
        EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("destination"))
            .token("new")
            .flags("--experimental-enable-lease-checkpoint");
    Path moved = folder.resolve("moved");
    try (EtcdCluster source = source("3.4")) {
      source.etcdctl("put", "greeting", "hello");
      int metrics = FreePorts.take();
      String config =
          config(
                  source,
                  plan.endpoints(),
                  toEtcd(plan)
                      + "cutover-command: touch "
                      + moved
                      + "\nlisten: 127.0.0.1:"
                      + metrics
                      + "\n")
              .toString();
      JsonNode checks = Cli.report("migrate", "plan", "--config", config);
      assertThat(checks.path("possible").asBoolean()).isTrue();
      ChildProcess run = Cli.start(folder.resolve("run.log"), "migrate", "run", "--config", config);
      try (run) {
        await().atMost(PATIENCE).until(() -> Files.exists(plan.dataDir("m1")));
        try (EtcdCluster destination = plan.start()) {
          await().atMost(PATIENCE).until(() -> isAt("STEADY", run));
          try (Workload workload = Workload.start(3, 20, false, List.of(source.channel(0)))) {
            await().atMost(PATIENCE).until(() -> workload.writes() > 100);
          }
          await().atMost(PATIENCE).until(() -> status().json().path("lagRevisions").asInt() == 0);
          assertThat(moved).doesNotExist();
          URI page = URI.create("http://127.0.0.1:" + metrics + "/metrics");
          assertThat(
                  HttpClient.newHttpClient()
                      .send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString())
                      .body())
              .contains("lodestone_migrate_phase{phase=\"steady\"} 1");
          JsonNode done = Cli.report("migrate", "cutover", "--config", config);
          assertThat(done.path("outcome").asText()).isEqualTo("DONE");
          assertThat(done.path("proof").asText()).isEqualTo("HASH_KV");
          assertThat(done.path("phases").findValuesAsText("phase"))
              .containsSubsequence("PREFLIGHT", "SEED", "STEADY", "FENCE", "CUTOVER", "DONE");
          assertThat(run.waitFor(30)).isZero();
          assertThat(moved).exists();
          assertThat(destination.etcdctl("get", "greeting")).contains("hello");
          Cli.Outcome proof =
              Cli.run(
                  "migrate",
                  "verify",
                  "--endpoints",
                  source.endpoints().get(0),
                  "--to-endpoints",
                  destination.endpoints().get(0),
                  "--revision",
                  done.path("finalRevision").asText(),
                  "--output",
                  "json");
          assertThat(proof.json().path("differingKeys")).isEmpty();
          assertThat(proof.json().path("members")).hasSize(2);
          source.etcdctl("alarm", "list");
          destination.etcdctl("put", "greeting", "from the new one");
          Cli.Outcome refused = Cli.run("migrate", "rollback", "--config", config);
          assertThat(refused.exitCode()).isEqualTo(ExitCodes.FAILED);
          assertThat(refused.err()).contains("since the cutover").contains("hint:");
        }
      }
    }
  }

  @Test
  void aStoreThatRunsGetsEverythingThroughItsApi() throws Exception {
    try (EtcdCluster source = source("3.5");
        EmbeddedStore store = EmbeddedStore.builder().dataDir(folder.resolve("store")).start()) {
      for (int i = 0; i < 40; i++) {
        source.etcdctl("put", "key" + i % 7, "v" + i);
      }
      source.etcdctl("compaction", "30");
      source.etcdctl("lease", "grant", "600");
      String config = config(source, List.of(store.target()), "to-running: true\n").toString();
      assertThat(Cli.report("migrate", "plan", "--config", config).path("possible").asBoolean())
          .isTrue();
      JsonNode done = Cli.report("migrate", "run", "--config", config, "--cutover-when-steady");
      assertThat(done.path("outcome").asText()).isEqualTo("DONE");
      assertThat(proofOf(source, store).path("revision").asLong()).isEqualTo(41);
    }
  }

  /** What {@code migrate verify} says, which must be that both are equal. */
  private static JsonNode proofOf(EtcdCluster source, EmbeddedStore store) throws Exception {
    String from = source.endpoints().get(0);
    JsonNode proof =
        Cli.report("migrate", "verify", "--endpoints", from, "--to-endpoints", store.target());
    assertThat(proof.path("equal").asBoolean()).isTrue();
    return proof;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "late-seed: true\n"})
  void aStoreCanBeTheDestination(String when) throws Exception {
    Path data = folder.resolve("store");
    int port = FreePorts.take();
    try (EtcdCluster source = source("3.5")) {
      source.etcdctl("put", "greeting", "hello");
      String config =
          config(source, List.of("127.0.0.1:" + port), "to-store-dir: " + data + "\n" + when)
              .toString();
      ChildProcess run =
          Cli.start(
              folder.resolve("run.log"),
              "migrate",
              "run",
              "--config",
              config,
              "--cutover-when-steady");
      try (run) {
        await().atMost(PATIENCE).until(() -> Files.exists(data));
        try (EmbeddedStore store = EmbeddedStore.builder().dataDir(data).port(port).start()) {
          assertThat(run.waitFor(60)).as(run.output()).isZero();
          assertThat(proofOf(source, store).path("revision").asLong()).isEqualTo(2);
        }
      }
    }
  }

  @Test
  void aClusterThatRunsCanBeTheDestinationAndThenOfAColdMove() throws Exception {
    Path snapshot = folder.resolve("last.db");
    try (EtcdCluster source = source("3.5")) {
      for (int i = 0; i < 20; i++) {
        source.etcdctl("put", "greeting", "hello " + i);
      }
      source.etcdctl("compaction", "15");
      try (EtcdCluster destination = destination("3.4", "running")) {
        String config = config(source, destination.endpoints(), "to-running: true\n").toString();
        JsonNode plan = Cli.report("migrate", "plan", "--config", config);
        assertThat(plan.path("checks").findValuesAsText("found"))
            .anyMatch(found -> found.contains("20 transactions"));
        Cli.Outcome late = Cli.run("migrate", "run", "--config", config, "--late-seed");
        assertThat(late.exitCode()).isEqualTo(2);
        assertThat(late.err()).contains("--late-seed needs data to write");
        Cli.Outcome run = Cli.run("migrate", "run", "--config", config, "--cutover-when-steady");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(destination.etcdctl("get", "greeting", "-w", "fields"))
            .contains("\"Version\" : 20", "\"CreateRevision\" : 2");
        destination.etcdctl("snapshot", "save", snapshot.toString());
      }
    }
    try (EtcdCluster cold = destination("3.5", "cold")) {
      JsonNode moved =
          Cli.report(
              "migrate",
              "cold",
              "--from-snapshot-file",
              snapshot.toString(),
              "--endpoints",
              cold.endpoints().get(0),
              "--dir",
              folder.resolve("cold.migration").toString());
      assertThat(moved.path("revision").asLong()).isEqualTo(21);
      assertThat(moved.path("compactRevision").asLong()).isEqualTo(15);
    }
  }

  @Test
  void aRepositoryCanBeMovedIntoAClusterThatRuns() throws Exception {
    String repository = "file:" + folder.resolve("repository");
    try (EtcdCluster source = source("3.5");
        EtcdCluster destination = destination("3.5", "cold")) {
      source.etcdctl("put", "greeting", "hello");
      source.etcdctl("put", "greeting", "hello again");
      String from = source.endpoints().get(0);
      String to = destination.endpoints().get(0);
      Cli.Outcome backup =
          Cli.run("backup", "snapshot", "--endpoints", from, "--repository", repository);
      assertThat(backup.exitCode()).as(backup.err()).isZero();
      JsonNode moved =
          Cli.report(
              "migrate",
              "cold",
              "--repository",
              repository,
              "--endpoints",
              to,
              "--dir",
              folder.resolve("cold.migration").toString());
      assertThat(moved.path("revision").asLong()).isEqualTo(3);
      JsonNode proof = Cli.report("migrate", "verify", "--endpoints", from, "--to-endpoints", to);
      assertThat(proof.path("equal").asBoolean()).isTrue();
    }
  }

  private EtcdCluster destination(String minor, String name) throws Exception {
    return EtcdCluster.of(EtcdRelease.of(minor), folder.resolve(name)).token(name).start();
  }

  @Test
  void keysOfTheOldApiComeOver() throws Exception {
    try (EtcdCluster old =
            EtcdCluster.of(EtcdRelease.of("3.4"), folder.resolve("old"))
                .flags("--enable-v2")
                .start();
        EtcdCluster destination = destination("3.5", "fresh")) {
      String endpoint = old.endpoints().get(0);
      HttpRequest put =
          HttpRequest.newBuilder(URI.create("http://" + endpoint + "/v2/keys/app/greeting"))
              .header("Content-Type", "application/x-www-form-urlencoded")
              .PUT(BodyPublishers.ofString("value=hello"))
              .build();
      assertThat(HttpClient.newHttpClient().send(put, BodyHandlers.ofString()).statusCode())
          .isEqualTo(201);
      JsonNode report =
          Cli.report(
              "migrate",
              "v2",
              "--from",
              "http://" + endpoint,
              "--to-prefix",
              "/v2",
              "--endpoints",
              destination.endpoints().get(0));
      assertThat(report.path("written").asInt()).isOne();
      assertThat(destination.etcdctl("get", "/v2/app/greeting")).contains("hello");
    }
  }

  @Test
  void aMistakeInTheConfigurationIsNamedWithItsPlace() throws Exception {
    Path file =
        Files.writeString(folder.resolve("bad.yaml"), "endpoints: [a:1]\nto-endpoint: [b:2]\n");
    Cli.Outcome outcome = Cli.run("migrate", "plan", "--config", file.toString());
    assertThat(outcome.exitCode()).isNotZero();
    assertThat(outcome.err()).contains("bad.yaml:2:1").contains("did you mean 'to-endpoints'?");
  }

  @Test
  void optionsBehindTheConfigurationWin() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("over.yaml"),
            "to-endpoints: [127.0.0.1:1]\nto-data-dir: " + folder.resolve("d") + "\n");
    Cli.Outcome outcome =
        Cli.run(
            "migrate",
            "plan",
            "--config",
            file.toString(),
            "--to-store-dir",
            folder.resolve("s").toString(),
            "--to-endpoints",
            "127.0.0.1:2");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("needs one destination");
  }

  @Test
  void withoutAMigrationThereIsNoStatus() {
    Cli.Outcome outcome = status();
    assertThat(outcome.exitCode()).isEqualTo(ExitCodes.FAILED);
    assertThat(outcome.err()).contains("no migration was begun");
  }
}
