package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lodestone.cli.SourceSampler.Sample;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.Workload;
import io.lodestone.repository.Position;
import io.lodestone.repository.Repository;
import io.lodestone.repository.objects.ObjectStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agents with the same settings, as processes, of which the one that writes is killed. */
@Tag("once")
final class AgentTakeoverTest {
  private static final int KILLS = Integer.getInteger("lodestone.test.kills", 3);
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final String WRITES = "writing behind the end of the log";
  private static final String STANDS_BY = "another agent backs this cluster up; waiting";

  @TempDir Path folder;

  private final List<ChildProcess> agents = new ArrayList<>();

  @AfterEach
  void stopAgents() {
    agents.forEach(ChildProcess::close);
  }

  @Test
  void whoeverIsKilledIsReplacedWithinTenSecondsAndTheLogStaysWhole() throws Exception {
    List<Sample> samples = new ArrayList<>();
    List<Duration> takeovers = new ArrayList<>();
    try (EtcdCluster source =
        EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("source")).start()) {
      Path settings = settings(source);
      startAgent(settings);
      startAgent(settings);
      try (Workload workload =
          Workload.start(7, 5, false, List.of(source.channel(0), source.channel(0)))) {
        for (int kill = 0; kill < KILLS; kill++) {
          ChildProcess writer = awaitWriter();
          awaitStandby(writer);
          awaitDurable(SourceSampler.sample(source.channel(0), 0).revision());
          writer.kill();
          long killed = System.nanoTime();
          agents.remove(writer);
          Sample afterwards = SourceSampler.sample(source.channel(0), 0);
          awaitDurable(afterwards.revision());
          takeovers.add(Duration.ofNanos(System.nanoTime() - killed));
          samples.add(afterwards);
          startAgent(settings);
        }
        assertThat(workload.writes()).isGreaterThan(500);
      }
      Sample last = SourceSampler.sample(source.channel(0), 0);
      samples.add(last);
      awaitDurable(last.revision());
    }
    assertThat(takeovers).allSatisfy(took -> assertThat(took).isLessThan(LIMIT));
    assertWhole(samples);
  }

  @Test
  void anAgentThatWasPausedFindsItsPlaceTakenAndStandsBy() throws Exception {
    Sample last;
    try (EtcdCluster source =
        EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("source")).start()) {
      Path settings = settings(source);
      startAgent(settings);
      ChildProcess paused = awaitWriter();
      startAgent(settings);
      try (Workload workload = Workload.start(3, 5, false, List.of(source.channel(0)))) {
        awaitDurable(SourceSampler.sample(source.channel(0), 0).revision());
        signal(paused, "STOP");
        awaitDurable(SourceSampler.sample(source.channel(0), 0).revision());
        signal(paused, "CONT");
        await().atMost(Duration.ofSeconds(30)).until(() -> paused.output().contains(STANDS_BY));
        awaitDurable(SourceSampler.sample(source.channel(0), 0).revision());
        assertThat(workload.writes()).isPositive();
      }
      last = SourceSampler.sample(source.channel(0), 0);
      awaitDurable(last.revision());
      assertThat(paused.output()).contains("another agent has taken over");
    }
    assertWhole(List.of(last));
  }

  @Test
  void anAgentReadsItsSettingsAgainOnSighupAndEndsInOrderOnSigterm() throws Exception {
    try (EtcdCluster source =
        EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("source")).start()) {
      Path settings = settings(source);
      ChildProcess agent = startAgent(settings);
      await().atMost(Duration.ofSeconds(30)).until(() -> agent.output().contains(WRITES));
      String whole = Files.readString(settings);

      Files.writeString(settings, whole + "  other: {}\n");
      signal(agent, "HUP");
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> agent.output().contains("the settings are refused"));
      assertThat(agent.output()).contains("no repository is given").contains("agent.yaml:");

      Files.writeString(settings, whole);
      signal(agent, "HUP");
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> agent.output().contains("the settings were read again"));
      assertThat(agent.isAlive()).isTrue();

      agent.close();
      assertThat(agent.waitFor(1)).isEqualTo(ExitCodes.DONE);
    }
    JsonNode described = Cli.report("backup", "describe", "--repository", repository());
    assertThat(described.path("writerStopped").asBoolean()).isTrue();
  }

  @Test
  void settingsAreCheckedWithoutStartingAnything() throws Exception {
    Path settings = folder.resolve("agent.yaml");
    Files.writeString(
        settings, "clusters:\n  prod: {source: {endpoints: h:2379}, repository: /backups}\n");
    JsonNode valid = Cli.report("backup", "agent", "--config", settings.toString(), "--check");
    assertThat(valid.path("clusters").get(0).path("name").asText()).isEqualTo("prod");

    Files.writeString(settings, "clusters:\n  prod: {sauce: {}, repository: /backups}\n");
    Cli.Outcome refused = Cli.run("backup", "agent", "--config", settings.toString(), "--check");
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err())
        .contains("has 2 mistakes", "agent.yaml:2:10: unknown setting 'sauce'", "'source'");
    assertThat(folder.toFile().list()).containsExactly("agent.yaml");
  }

  private static void signal(ChildProcess agent, String name)
      throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(agent.pid())).start().waitFor())
        .isZero();
  }

  private String repository() {
    return folder.resolve("repository").toString();
  }

  private Path settings(EtcdCluster source) throws IOException {
    Path settings = folder.resolve("agent.yaml");
    return Files.writeString(
        settings,
        String.join(
            "\n",
            "listen: 127.0.0.1:0",
            "spool-directory: " + folder.resolve("spool"),
            "clusters:",
            "  prod:",
            "    source: {endpoints: " + source.endpoints() + "}",
            "    repository: " + repository(),
            "    seal-interval: 100ms",
            ""));
  }

  private ChildProcess startAgent(Path settings) throws IOException {
    Path log = Files.createTempFile(folder, "agent-", ".log");
    ChildProcess agent = Cli.start(log, "backup", "agent", "--config", settings.toString());
    agents.add(agent);
    return agent;
  }

  private ChildProcess awaitWriter() {
    await().atMost(Duration.ofSeconds(40)).until(() -> !writers().isEmpty());
    return writers().get(0);
  }

  private List<ChildProcess> writers() {
    return agents.stream().filter(agent -> says(agent, WRITES)).toList();
  }

  /** Who is to replace the writer has started, and knows that it is not its turn. */
  private void awaitStandby(ChildProcess writer) {
    await()
        .atMost(Duration.ofSeconds(40))
        .until(() -> agents.stream().anyMatch(one -> one != writer && says(one, STANDS_BY)));
  }

  private static boolean says(ChildProcess agent, String line) {
    try {
      return agent.output().contains(line);
    } catch (IOException e) {
      throw new AssertionError("cannot read an agent's log", e);
    }
  }

  private void awaitDurable(long revision) {
    await()
        .atMost(Duration.ofSeconds(40))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> durable() >= revision);
  }

  private long durable() throws IOException {
    try (Repository opened = Repository.open(ObjectStores.open(repository()))) {
      return opened
          .lastPosition(opened.lineages().get(0))
          .flatMap(Position::end)
          .map(Position.End::revision)
          .orElse(0L);
    }
  }

  private void assertWhole(List<Sample> samples) throws Exception {
    assertThat(Cli.report("backup", "verify", "--repository", repository()).path("damage"))
        .isEmpty();
    JsonNode described = Cli.report("backup", "describe", "--repository", repository());
    assertThat(described.path("gaps")).isEmpty();
    assertThat(described.path("bases")).as("the log was continued, not begun anew").hasSize(1);
    for (Sample sample : samples) {
      String revision = Long.toString(sample.revision());
      Path target = folder.resolve("restored-" + revision);
      try (Restored restored =
          Restored.start(
              EtcdRelease.of("3.5"),
              target,
              "--repository",
              repository(),
              "--to-revision",
              revision)) {
        assertThat(SourceSampler.sample(restored.cluster().channel(0), sample.revision()))
            .isEqualTo(sample);
      }
    }
  }
}
