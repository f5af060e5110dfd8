package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.EtcdConnection;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.FreePorts;
import io.lodestone.peers.Workload;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code replica} as a process, and the commands that look at it. */
@Tag("once")
final class ReplicaCommandTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int KILLS = 4;
  private static final int USAGE = 2;

  @TempDir Path folder;
  private final String endpoint = "127.0.0.1:" + FreePorts.take();

  private final String peerUrl = "http://127.0.0.1:" + FreePorts.takeLasting();

  private ChildProcess replica(EtcdCluster source, String mode) throws IOException {
    return Cli.start(
        folder.resolve("replica.log"),
        "replica",
        "--mode",
        mode,
        "--listen-peer-urls",
        peerUrl,
        "--initial-advertise-peer-urls",
        peerUrl,
        "--endpoints",
        String.join(",", source.endpoints()),
        "--data-dir",
        folder.resolve("replica").toString(),
        "--listen-client-urls",
        "http://" + endpoint,
        "--look-interval",
        "200ms",
        "--verify-interval",
        "500ms");
  }

  private Cli.Outcome ask(String command, EtcdCluster source) {
    return Cli.run(
        "replica",
        command,
        "--replica",
        endpoint,
        "--endpoints",
        source.endpoints().get(0),
        "--output",
        "json");
  }

  private boolean hasReached(long revision, EtcdCluster source, ChildProcess replica)
      throws IOException {
    if (!replica.isAlive()) {
      throw new AssertionError("the replica ended: " + replica.output());
    }
    Cli.Outcome status = ask("status", source);
    return status.exitCode() == 0 && status.json().path("appliedRevision").asLong() >= revision;
  }

  /** 0 before the replica has proved anything. */
  private long provedRevision(EtcdCluster source) throws IOException {
    JsonNode status = ask("status", source).json();
    assertThat(status.has("provedAt")).isEqualTo(status.has("provedRevision"));
    return status.path("provedRevision").asLong();
  }

  @ParameterizedTest
  @ValueSource(strings = {"watch", "raft"})
  void killedAgainAndAgainItGoesOnWhereItWas(String mode) throws Exception {
    try (EtcdCluster source =
            EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("source")).members(3).start();
        EtcdConnection connection =
            EtcdConnection.open(ClientOptions.of(source.endpoints().toArray(String[]::new)))) {
      try (Workload workload =
          Workload.start(5, 5, true, List.of(source.channel(0), source.channel(1)))) {
        for (int kill = 0; kill < KILLS; kill++) {
          try (ChildProcess replica = replica(source, mode)) {
            long target = connection.revision() + 50;
            await().atMost(PATIENCE).until(() -> hasReached(target, source, replica));
            replica.kill();
          }
          assertThat(workload.writes()).isPositive();
        }
      }
      ChildProcess replica = replica(source, mode);
      try (replica) {
        long head = connection.revision();
        await().atMost(PATIENCE).until(() -> hasReached(head, source, replica));
        JsonNode status = ask("status", source).json();
        assertThat(status.path("sameCluster").asBoolean()).isTrue();
        await().atMost(PATIENCE).until(() -> provedRevision(source) >= head);
        JsonNode proof = ask("verify", source).json();
        assertThat(proof.path("equal").asBoolean()).isTrue();
        assertThat(proof.path("revision").asLong()).isGreaterThanOrEqualTo(head);
        assertThat(proof.path("differingKeys")).isEmpty();
      }
      assertThat(replica.waitFor(1)).isZero();
    }
  }

  @Test
  void aLearnerThatLeavesEnds() throws Exception {
    try (EtcdCluster source =
            EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("source")).start();
        ChildProcess replica = replica(source, "raft")) {
      await().atMost(PATIENCE).until(() -> hasReached(1, source, replica));
      JsonNode left =
          Cli.report(
              "replica",
              "leave",
              "--data-dir",
              folder.resolve("replica").toString(),
              "--endpoints",
              source.endpoints().get(0));
      assertThat(left.path("removedMember").asText()).matches("[0-9a-f]+");
      assertThat(replica.waitFor(PATIENCE.toSeconds())).isEqualTo(ExitCodes.FAILED);
      assertThat(replica.output()).contains("the cluster has removed this replica");
      assertThat(source.etcdctl("member", "list").lines()).hasSize(1);
    }
  }

  @Test
  void aLearnerNeedsAnAddress() {
    Cli.Outcome outcome = Cli.run("replica", "--mode", "raft", "--endpoints", "127.0.0.1:1");
    assertThat(outcome.exitCode()).isEqualTo(USAGE);
    assertThat(outcome.err()).contains("--mode raft needs --listen-peer-urls");
  }

  @Test
  void withoutASourceItSaysSo() {
    Cli.Outcome outcome =
        Cli.run(
            "replica",
            "--endpoints",
            "127.0.0.1:" + FreePorts.take(),
            "--data-dir",
            folder.resolve("replica").toString(),
            "--command-timeout",
            "1");
    assertThat(outcome.exitCode()).isEqualTo(ExitCodes.FAILED);
    assertThat(outcome.err()).contains("unreachable").contains("hint:");
  }
}
