package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.lodestone.api.etcdserverpb.CompactionRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.cli.SourceSampler.Sample;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.Workload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to a backup when its agent dies, is overtaken, or is not alone. */
@Tag("once")
final class AgentFaultsTest {
  private static final int KILLS = 30;

  @TempDir Path folder;

  @Test
  void anAgentKilledThirtyTimesLeavesAChainWithoutGapOverlapOrDuplicate() throws Exception {
    String repository = "file:" + folder.resolve("repository");
    Random random = new Random(3);
    Sample last;
    try (EtcdCluster source =
        EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("source")).start()) {
      try (Workload workload =
          Workload.start(11, 2, false, List.of(source.channel(0), source.channel(0)))) {
        for (int kill = 0; kill < KILLS; kill++) {
          killAfterAWhile(source, repository, random.nextInt(800));
        }
        assertThat(workload.writes()).isGreaterThan(1_000);
      }
      last = SourceSampler.sample(source.channel(0), 0);
      Cli.report(
          "backup",
          "run",
          "--until-caught-up",
          "--endpoints",
          source.member(0).endpoint(),
          "--repository",
          repository);
      last = SourceSampler.sample(source.channel(0), last.revision());
    }

    assertThat(Cli.report("backup", "verify", "--repository", repository).path("damage")).isEmpty();
    JsonNode described = Cli.report("backup", "describe", "--repository", repository);
    assertThat(described.path("gaps")).isEmpty();
    assertThat(described.path("lastRevision").asLong()).isGreaterThanOrEqualTo(last.revision());
    assertThat(described.path("bases"))
        .as("restarts continue the log instead of beginning anew")
        .hasSize(1);
    assertRestored(repository, last);
  }

  @Test
  void compactionWhileTheAgentWasDownGivesANewBaseAndANamedGap() throws Exception {
    String repository = "file:" + folder.resolve("repository");
    try (EtcdCluster source =
        EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("source")).start()) {
      String endpoint = source.member(0).endpoint();
      put(source.channel(0), 20);
      Cli.report(
          "backup",
          "run",
          "--until-caught-up",
          "--endpoints",
          endpoint,
          "--repository",
          repository);
      put(source.channel(0), 50);
      KVGrpc.newBlockingStub(source.channel(0))
          .compact(CompactionRequest.newBuilder().setRevision(60).setPhysical(true).build());
      put(source.channel(0), 5);
      Cli.report(
          "backup",
          "run",
          "--until-caught-up",
          "--endpoints",
          endpoint,
          "--repository",
          repository);

      JsonNode described = Cli.report("backup", "describe", "--repository", repository);
      assertThat(described.path("gaps")).hasSize(1);
      assertThat(described.path("gaps").get(0).path("firstRevision").asLong()).isEqualTo(22);
      assertThat(described.path("gaps").get(0).path("lastRevision").asLong()).isEqualTo(59);
      assertThat(described.path("bases")).hasSize(2);
      assertThat(described.path("bases").get(1).path("reason").asText()).isEqualTo("COMPACTED");
      assertRestored(repository, SourceSampler.sample(source.channel(0), 0));
    }
    Cli.Outcome inTheGap =
        Cli.run(
            "restore",
            "--repository",
            repository,
            "--to-revision",
            "40",
            "--output-file",
            folder.resolve("gap.db").toString());
    assertThat(inTheGap.exitCode()).isEqualTo(ExitCodes.FAILED);
    assertThat(inTheGap.err()).contains("40");
    assertThat(folder.resolve("gap.db")).doesNotExist();
  }

  @Test
  void ofTwoAgentsOneWritesAndTheOtherSaysWhoDoes() throws Exception {
    String repository = "file:" + folder.resolve("repository");
    try (EtcdCluster source =
        EtcdCluster.of(EtcdRelease.of("3.4"), folder.resolve("source")).start()) {
      put(source.channel(0), 5);
      try (RunningAgent first =
          new RunningAgent(
              folder.resolve("first.log"),
              source.endpoints(),
              repository,
              "--agent-id",
              "first-agent")) {
        first.awaitDurable(6);
        Cli.Outcome second =
            Cli.run(
                "backup",
                "run",
                "--endpoints",
                source.member(0).endpoint(),
                "--repository",
                repository,
                "--agent-id",
                "second-agent");
        assertThat(second.exitCode()).isEqualTo(ExitCodes.HELD_BY_ANOTHER);
        assertThat(second.err()).contains("first-agent");
        put(source.channel(0), 5);
        first.awaitDurable(11);
      }
    }
  }

  @Test
  void anAgentThatLostTheRepositoryToAnotherStops() throws Exception {
    String repository = "file:" + folder.resolve("repository");
    try (EtcdCluster source =
        EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("source")).start()) {
      put(source.channel(0), 5);
      RunningAgent old =
          new RunningAgent(
              folder.resolve("old.log"), source.endpoints(), repository, "--agent-id", "old-agent");
      old.awaitDurable(6);
      try (RunningAgent young =
          new RunningAgent(
              folder.resolve("new.log"),
              source.endpoints(),
              repository,
              "--agent-id",
              "new-agent",
              "--take-over")) {
        young.awaitWriting();
        put(source.channel(0), 5);
        young.awaitDurable(11);
        assertThat(old.awaitEnd(20)).isEqualTo(ExitCodes.HELD_BY_ANOTHER);
        assertThat(old.output()).contains("new-agent");
      }
    }
    assertThat(Cli.report("backup", "verify", "--repository", repository).path("damage")).isEmpty();
  }

  private void assertRestored(String repository, Sample expected) throws Exception {
    Path target = folder.resolve("restored-" + expected.revision());
    String revision = Long.toString(expected.revision());
    try (Restored restored =
        Restored.start(
            EtcdRelease.of("3.5"), target, "--repository", repository, "--to-revision", revision)) {
      assertThat(SourceSampler.sample(restored.cluster().channel(0), expected.revision()))
          .isEqualTo(expected);
    }
  }

  private static void put(Channel channel, int count) {
    for (int i = 0; i < count; i++) {
      KVGrpc.newBlockingStub(channel)
          .put(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("key-" + i)).build());
    }
  }

  /** Kills an agent some time after it has begun to write; before that there is nothing to lose. */
  private void killAfterAWhile(EtcdCluster source, String repository, long millis)
      throws Exception {
    Path log = Files.createTempFile(folder, "agent-", ".log");
    String endpoint = source.member(0).endpoint();
    try (ChildProcess agent =
        Cli.start(
            log,
            "backup",
            "run",
            "--endpoints",
            endpoint,
            "--repository",
            repository,
            "--seal-interval",
            "50ms")) {
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> agent.output().contains("writing behind the end of the log"));
      assertThat(agent.endsWithin(Duration.ofMillis(millis))).as(agent.output()).isFalse();
      agent.kill();
    }
  }
}
