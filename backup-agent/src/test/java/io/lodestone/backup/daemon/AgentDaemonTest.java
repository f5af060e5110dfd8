package io.lodestone.backup.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.AlarmRequest;
import io.lodestone.api.etcdserverpb.AlarmType;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseLeasesRequest;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.StatusRequest;
import io.lodestone.backup.Goal;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.repository.Description.BaseDescription;
import io.lodestone.repository.Description.LineageDescription;
import io.lodestone.repository.Lineage;
import io.lodestone.repository.Proof;
import io.lodestone.repository.Repository;
import io.lodestone.repository.RepositorySource;
import io.lodestone.repository.VerifyReport;
import io.lodestone.repository.keys.Keyset;
import io.lodestone.repository.objects.ObjectStores;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.Reason;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AgentDaemonTest {
  private static final String EVERY_SECOND = "'* * * * * ?'";

  @TempDir Path folder;

  private EtcdCluster start(String release, String name) throws Exception {
    return EtcdCluster.of(EtcdRelease.of(release), folder.resolve(name)).start();
  }

  private static long put(EtcdCluster cluster, int count) {
    long revision = 0;
    for (int i = 0; i < count; i++) {
      PutRequest put =
          PutRequest.newBuilder()
              .setKey(ByteString.copyFromUtf8("key-" + i))
              .setValue(ByteString.copyFromUtf8("value"))
              .build();
      revision = KVGrpc.newBlockingStub(cluster.channel(0)).put(put).getHeader().getRevision();
    }
    return revision;
  }

  private String repository() {
    return folder.resolve("repository").toString();
  }

  private String cluster(EtcdCluster cluster, String more) {
    return "{source: {endpoints: ["
        + String.join(", ", cluster.endpoints())
        + "]}, repository: "
        + repository()
        + ", seal-interval: 100ms"
        + more
        + "}";
  }

  private LineageDescription described() throws Exception {
    try (Repository opened = Repository.open(ObjectStores.open(repository()))) {
      return opened.describe().lineages().get(0);
    }
  }

  private static List<Long> leases(Channel channel) {
    return LeaseGrpc.newBlockingStub(channel)
        .leaseLeases(LeaseLeasesRequest.getDefaultInstance())
        .getLeasesList()
        .stream()
        .map(lease -> lease.getID())
        .toList();
  }

  @Test
  void manyClustersAreBackedUpIntoOneRepositoryAndADeadOneHarmsNoOther() throws Exception {
    try (EtcdCluster one = start("3.5", "one");
        EtcdCluster two = start("3.4", "two");
        RunningDaemon agent =
            new RunningDaemon(
                folder,
                "agent",
                "clusters:",
                "  one: " + cluster(one, ""),
                "  dead: {source: {endpoints: 127.0.0.1:1, command-timeout: 200ms}, repository: "
                    + repository()
                    + "}",
                "  two: " + cluster(two, ""))) {
      agent.awaitState("dead", "failing");
      agent.awaitDurable("one", put(one, 20));
      agent.awaitDurable("two", put(two, 10));

      HttpResponse<String> health = agent.get("/health");
      assertThat(health.statusCode()).isEqualTo(503);
      assertThat(health.body().lines())
          .anySatisfy(line -> assertThat(line).startsWith("dead failing: "))
          .contains("one writing", "two writing");
      assertThat(
              agent.metric("lodestone_agent_recovery_point_seconds{cluster=\"one\"}").orElseThrow())
          .isBetween(0.0, 15.0);
      assertThat(agent.metric("lodestone_agent_stored_bytes_total{cluster=\"one\"}").orElseThrow())
          .isGreaterThan(500);
      assertThat(agent.metric("lodestone_agent_durable_revision{cluster=\"dead\"}")).isEmpty();
    }
    try (Repository opened = Repository.open(ObjectStores.open(repository()))) {
      assertThat(opened.lineages()).hasSize(2);
      assertThat(opened.verify(VerifyReport.Progress.NONE).problems()).isEmpty();
    }
  }

  @Test
  void contentsAreEncryptedWithTheKeysetOfTheSettingsAndTasksCanReadThem() throws Exception {
    Keyset keys = Keyset.generate();
    Path file = Files.writeString(folder.resolve("keys.json"), keys.toJson());
    try (EtcdCluster source = start("3.5", "source");
        RunningDaemon agent =
            new RunningDaemon(
                folder,
                "agent",
                "clusters:",
                "  prod:",
                "    source: {endpoints: " + source.endpoints().get(0) + "}",
                "    repository: {address: " + repository() + ", keyset: " + file + "}",
                "    schedules: {drill: " + EVERY_SECOND + "}")) {
      agent.awaitDurable("prod", put(source, 20));
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> described().lastSeq() > 0 && proved(keys).isPresent());
    }
    try (Repository blind = Repository.open(ObjectStores.open(repository()))) {
      RepositorySource history = blind.source(blind.lineages().get(0));
      assertThatThrownBy(
              () -> {
                try (RevisionStream stream = history.openAtBase(Reason.INITIAL)) {
                  stream.next();
                  stream.next();
                  stream.next();
                }
              })
          .isInstanceOf(LodestoneException.class)
          .hasMessageContaining("encrypted");
    }
  }

  private Optional<Proof> proved(Keyset keys) throws Exception {
    try (Repository opened = Repository.open(ObjectStores.open(repository()), keys)) {
      return opened.lastProof(opened.lineages().get(0));
    }
  }

  @Test
  void schedulesAreKeptWhileTheAgentWrites() throws Exception {
    try (EtcdCluster source = start("3.5", "source");
        RunningDaemon agent =
            new RunningDaemon(
                folder,
                "agent",
                "clusters:",
                "  prod: "
                    + cluster(
                        source,
                        ", compression-level: 3, parallel-uploads: 2, copy-to: "
                            + folder.resolve("copy")
                            + ", keep: any point for 1 h, schedules: {base: '0/2 * * * * ?', copy: "
                            + EVERY_SECOND
                            + ", compact: "
                            + EVERY_SECOND
                            + ", expire: "
                            + EVERY_SECOND
                            + ", verify: "
                            + EVERY_SECOND
                            + ", drill: "
                            + EVERY_SECOND
                            + ", defragment: "
                            + EVERY_SECOND
                            + "}"))) {
      double begun = Instant.now().toEpochMilli() / 1000.0;
      put(source, 20);
      for (String task :
          List.of("base", "compact", "expire", "verify", "drill", "copy", "defragment")) {
        agent.awaitMetric(
            "lodestone_agent_task_success_timestamp_seconds{cluster=\"prod\",task=\""
                + task
                + "\"}",
            begun);
        assertThat(
                agent
                    .metric(
                        "lodestone_agent_task_failures_total{cluster=\"prod\",task=\""
                            + task
                            + "\"}")
                    .orElseThrow())
            .as(task)
            .isZero();
      }
      agent.awaitMetric("lodestone_agent_proved_revision{cluster=\"prod\"}", 2);
      assertThat(
              agent
                  .metric("lodestone_agent_predicted_restore_seconds{cluster=\"prod\"}")
                  .orElseThrow())
          .isBetween(0.0, 60.0);
      agent.awaitDurable("prod", put(source, 20));
    }
    LineageDescription described = described();
    assertThat(described.bases().stream().map(base -> base.reason()))
        .startsWith(Reason.INITIAL)
        .contains(Reason.REQUESTED);
    assertThat(described.gaps()).isEmpty();
    assertThat(described.ranges()).hasSize(1);
  }

  @Test
  void aBaseIsMadeOfTheLogWithoutAskingTheSourceAndTheLogGoesOn() throws Exception {
    try (EtcdCluster source = start("3.5", "source");
        RunningDaemon agent =
            new RunningDaemon(
                folder,
                "agent",
                "clusters:",
                "  prod: " + cluster(source, ", schedules: {synthesize: '0/3 * * * * ?'}"))) {
      agent.awaitDurable("prod", put(source, 20));
      for (int bases = 2; bases <= 3; bases++) {
        long revision = put(source, 20);
        await().atMost(Duration.ofMinutes(3)).until(() -> newestBase().revision() >= revision);
        agent.awaitDurable("prod", put(source, 3));
        assertThat(described().bases()).hasSizeGreaterThanOrEqualTo(bases);
      }
      assertThat(
              agent.metric(
                  "lodestone_agent_task_failures_total{cluster=\"prod\",task=\"synthesize\"}"))
          .hasValue(0);
    }
    assertThat(described().gaps()).isEmpty();
    try (Repository opened = Repository.open(ObjectStores.open(repository()))) {
      assertThat(opened.verify(VerifyReport.Progress.NONE).problems()).isEmpty();
    }
  }

  private BaseDescription newestBase() throws Exception {
    List<BaseDescription> bases = described().bases();
    return bases.get(bases.size() - 1);
  }

  @Test
  void theSecondRepositoryIsKeptUpAndTakesTheWritersPlaceAfterADisaster() throws Exception {
    String copy = folder.resolve("copy").toString();
    try (EtcdCluster source = start("3.5", "source")) {
      long revision;
      try (RunningDaemon agent =
          new RunningDaemon(
              folder,
              "agent",
              "clusters:",
              "  prod: "
                  + cluster(
                      source,
                      ", copy-to: "
                          + copy
                          + ", schedules: {compact: "
                          + EVERY_SECOND
                          + ", copy: "
                          + EVERY_SECOND
                          + "}"))) {
        revision = put(source, 50);
        agent.awaitDurable("prod", revision);
        await().atMost(Duration.ofMinutes(3)).until(() -> lastRevision(copy) >= revision);
      }
      try (RunningDaemon agent =
          new RunningDaemon(
              folder.resolve("elsewhere"),
              "another",
              "clusters:",
              "  prod: {source: {endpoints: "
                  + source.endpoints()
                  + "}, repository: "
                  + copy
                  + ", seal-interval: 100ms}")) {
        agent.awaitDurable("prod", put(source, 10));
      }
    }
    try (Repository opened = Repository.open(ObjectStores.open(copy))) {
      assertThat(opened.verify(VerifyReport.Progress.NONE).problems()).isEmpty();
      LineageDescription described = opened.describe().lineages().get(0);
      assertThat(described.bases()).as("carried on, not begun anew").hasSize(1);
      assertThat(described.gaps()).isEmpty();
    }
  }

  private static long lastRevision(String repository) throws Exception {
    if (!Files.exists(Path.of(repository, "repository.json"))) {
      return 0;
    }
    try (Repository opened = Repository.open(ObjectStores.open(repository))) {
      return opened.describe().lineages().stream()
          .flatMap(lineage -> lineage.ranges().stream())
          .mapToLong(range -> range.lastRevision())
          .max()
          .orElse(0);
    }
  }

  @Test
  void aBaseThatWasMissedIsTakenOnceSomebodyWritesAgain() throws Exception {
    String hourlyBase = ", schedules: {base: '0 0 * * * ?'}";
    try (EtcdCluster source = start("3.5", "source")) {
      OneCapture.run(source, repository(), Duration.ofHours(-3), Goal.BASE);
      try (RunningDaemon agent =
          new RunningDaemon(
              folder, "agent", "clusters:", "  prod: " + cluster(source, hourlyBase))) {
        agent.awaitMetric(
            "lodestone_agent_task_success_timestamp_seconds{cluster=\"prod\",task=\"base\"}", 1);
      }
      assertThat(described().bases()).hasSize(2);
      String unlessMissed = ", schedules: {base: {cron: '0 0 0 1 1 ?', missed: skip}}";
      try (RunningDaemon agent =
          new RunningDaemon(
              folder, "agent", "clusters:", "  prod: " + cluster(source, unlessMissed))) {
        agent.awaitDurable("prod", put(source, 3));
      }
      assertThat(described().bases()).hasSize(2);
    }
  }

  @Test
  void settingsAreReadAgainAndAMistakeLeavesThoseFromBefore() throws Exception {
    try (EtcdCluster one = start("3.5", "one");
        EtcdCluster two = start("3.5", "two")) {
      String first = "  one: " + cluster(one, "");
      try (RunningDaemon agent = new RunningDaemon(folder, "agent", "clusters:", first)) {
        agent.awaitDurable("one", put(one, 5));

        agent.reload(folder, "agent", "clusters:", first, "  two: {endpoint: nowhere}");
        assertThat(agent.metric("lodestone_agent_config_valid")).hasValue(0);
        agent.awaitDurable("one", put(one, 5));

        agent.reload(folder, "agent", "clusters:", first, "  two: " + cluster(two, ""));
        assertThat(agent.metric("lodestone_agent_config_valid")).hasValue(1);
        agent.awaitDurable("two", put(two, 5));
        agent.awaitDurable("one", put(one, 5));

        agent.reload(folder, "agent", "clusters:", "  two: " + cluster(two, ""));
        assertThat(agent.get("/health").body()).isEqualTo("two writing\n");
        assertThat(leases(one.channel(0))).as("given back").isEmpty();
      }
    }
    try (Repository opened = Repository.open(ObjectStores.open(repository()))) {
      for (Lineage lineage : opened.lineages()) {
        assertThat(opened.describe().lineages()).hasSize(2);
        assertThat(opened.lastPosition(lineage).orElseThrow().end()).isPresent();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void theLeaseIsSeenNeitherInTheKeyspaceNorInTheBackup(String release) throws Exception {
    try (EtcdCluster source = start(release, "source")) {
      long before = put(source, 3);
      Channel channel = source.channel(0);
      try (RunningDaemon agent =
          new RunningDaemon(folder, "agent", "clusters:", "  prod: " + cluster(source, ""))) {
        agent.awaitDurable("prod", before);
        assertThat(leases(channel)).hasSize(1);
        assertThat(put(source, 1)).as("no revision was used").isEqualTo(before + 1);
        agent.awaitDurable("prod", before + 1);
      }
      assertThat(leases(channel)).as("given back").isEmpty();
      assertThat(put(source, 1)).isEqualTo(before + 2);
    }
    assertThat(items()).noneMatch(LeaseState.class::isInstance);
  }

  private List<StreamItem> items() throws Exception {
    List<StreamItem> items = new ArrayList<>();
    try (Repository opened = Repository.open(ObjectStores.open(repository()));
        RevisionStream stream =
            opened.source(opened.lineages().get(0)).openAtBase(Reason.REQUESTED)) {
      for (StreamItem item = stream.next();
          !(item instanceof StreamItem.End);
          item = stream.next()) {
        items.add(item);
      }
    }
    return items;
  }

  @ParameterizedTest
  @ValueSource(strings = {"NOSPACE", "CORRUPT"})
  void aClusterThatGrantsNoLeaseIsBackedUpByOneAgentAllTheSame(String alarm) throws Exception {
    try (EtcdCluster source = start("3.5", "source")) {
      long revision = put(source, 3);
      raise(source, AlarmType.valueOf(alarm));
      try (RunningDaemon one =
          new RunningDaemon(folder, "one", "clusters:", "  prod: " + cluster(source, ""))) {
        one.awaitDurable("prod", revision);
        try (RunningDaemon other =
            new RunningDaemon(folder, "other", "clusters:", "  prod: " + cluster(source, ""))) {
          other.awaitState("prod", "standby");
          assertThat(other.get("/health").statusCode()).isEqualTo(200);
          assertThat(one.get("/health").body()).isEqualTo("prod writing\n");
        }
      }
    }
  }

  private static void raise(EtcdCluster source, AlarmType alarm) {
    long member =
        MaintenanceGrpc.newBlockingStub(source.channel(0))
            .status(StatusRequest.getDefaultInstance())
            .getHeader()
            .getMemberId();
    AlarmRequest request =
        AlarmRequest.newBuilder()
            .setAction(AlarmRequest.AlarmAction.ACTIVATE)
            .setAlarm(alarm)
            .setMemberID(member)
            .build();
    assertThat(MaintenanceGrpc.newBlockingStub(source.channel(0)).alarm(request).getAlarmsList())
        .isNotEmpty();
  }

  @Test
  void aStandbyWritesOnceTheOtherAgentStops() throws Exception {
    try (EtcdCluster source = start("3.5", "source");
        RunningDaemon one =
            new RunningDaemon(folder, "one", "clusters:", "  prod: " + cluster(source, ""))) {
      one.awaitDurable("prod", put(source, 5));
      try (RunningDaemon other =
          new RunningDaemon(folder, "other", "clusters:", "  prod: " + cluster(source, ""))) {
        other.awaitState("prod", "standby");
        one.stop();
        other.awaitDurable("prod", put(source, 5));
        assertThat(other.metric("lodestone_agent_takeovers_total{cluster=\"prod\"}")).hasValue(1);
        assertThat(described().writer().orElseThrow().holder().agentId()).isEqualTo("other");
      }
    }
    assertThat(described().gaps()).isEmpty();
    assertThat(described().bases()).hasSize(1);
  }

  @Test
  void anIdleClusterIsRecordedAsCompleteByFewObjects() throws Exception {
    try (EtcdCluster source = start("3.5", "source");
        RunningDaemon agent =
            new RunningDaemon(
                folder,
                "agent",
                "clusters:",
                "  prod: " + cluster(source, ", idle-interval: 2s"))) {
      long revision = put(source, 3);
      agent.awaitDurable("prod", revision);
      Instant before = end();
      long seq = described().lastSeq();
      await().atMost(Duration.ofSeconds(20)).until(() -> end().isAfter(before.plusSeconds(4)));

      Duration idle = Duration.between(before, end());
      assertThat(described().lastSeq() - seq).isBetween(1L, idle.toSeconds() / 2 + 1);
      assertThat(described().ranges().get(0).lastRevision()).isEqualTo(revision);
      assertThat(
              agent
                  .metric("lodestone_agent_recovery_point_seconds{cluster=\"prod\"}")
                  .orElseThrow())
          .isLessThan(8.0);
    }
    List<StreamItem> items = items();
    assertThat(items.get(items.size() - 1)).isInstanceOf(Complete.class);
  }

  private Instant end() throws Exception {
    return described().ranges().get(0).to();
  }

  @Test
  void aClockThatJumpsBackLosesNothing() throws Exception {
    try (EtcdCluster source = start("3.5", "source")) {
      put(source, 5);
      OneCapture.run(source, repository(), Duration.ofHours(1), Goal.CATCH_UP);
      put(source, 5);
      OneCapture.run(source, repository(), Duration.ZERO, Goal.CATCH_UP);
      put(source, 5);
      OneCapture.run(source, repository(), Duration.ofHours(-1), Goal.CATCH_UP);
      try (RunningDaemon agent =
          new RunningDaemon(
              folder,
              "agent",
              "clusters:",
              "  prod: "
                  + cluster(
                      source,
                      ", keep: any point for 1 h, schedules: {compact: "
                          + EVERY_SECOND
                          + ", expire: "
                          + EVERY_SECOND
                          + "}"))) {
        long revision = put(source, 5);
        agent.awaitDurable("prod", revision);
        agent.awaitMetric(
            "lodestone_agent_task_success_timestamp_seconds{cluster=\"prod\",task=\"expire\"}", 1);
        assertThat(
                agent
                    .metric("lodestone_agent_recovery_point_seconds{cluster=\"prod\"}")
                    .orElseThrow())
            .isNotNegative();
        LineageDescription described = described();
        assertThat(described.gaps()).isEmpty();
        assertThat(described.expired()).isEmpty();
        assertThat(described.ranges()).hasSize(1);
        assertThat(described.ranges().get(0).lastRevision()).isEqualTo(revision);
      }
    }
    try (Repository opened = Repository.open(ObjectStores.open(repository()))) {
      assertThat(opened.verify(VerifyReport.Progress.NONE).problems()).isEmpty();
    }
  }

  @Test
  void uploadsKeepToTheirRate() throws Exception {
    try (EtcdCluster source = start("3.5", "source")) {
      byte[] noise = new byte[1 << 20];
      new Random(1).nextBytes(noise);
      ByteString value = ByteString.copyFrom(noise);
      for (int i = 0; i < 4; i++) {
        PutRequest put =
            PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("noise-" + i))
                .setValue(value)
                .build();
        KVGrpc.newBlockingStub(source.channel(0)).put(put);
      }
      long begun = System.nanoTime();
      try (RunningDaemon agent =
          new RunningDaemon(
              folder, "agent", "clusters:", "  prod: " + cluster(source, ", upload-rate: 1 MiB"))) {
        agent.awaitDurable("prod", 5);
        agent.awaitDurable("prod", put(source, 1));
      }
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofSeconds(3));
    }
  }
}
