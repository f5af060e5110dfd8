package io.lodestone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.lodestone.etcdfile.db.DurableFiles;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdMember;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.S3Server;
import io.lodestone.peers.Workload;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The second act of {@link Demo}: a stock etcd cluster of three under writes, two agents (one to
 * files, one to S3), a disaster that leaves no disk, and a restore from each repository.
 */
final class Disaster {
  private static final Duration UNDER_WRITES = Duration.ofSeconds(8);
  private static final Duration A_LITTLE_LONGER = Duration.ofSeconds(1);

  private final DemoStage stage;
  private final EtcdRelease release;
  private final Path folder;

  /** A repository, and what the environment of a command that uses it must say. */
  private record Store(String kind, String address, Map<String, String> environment) {}

  Disaster(DemoStage stage, EtcdRelease release) throws IOException {
    this.stage = stage;
    this.release = release;
    this.folder = stage.folder("disaster");
  }

  /** Whether every hash agrees; each restore is a row of the report. */
  boolean play(Report report) throws IOException, InterruptedException {
    try (S3Server s3 = S3Server.start(stage.folder("s3"))) {
      List<Store> stores = List.of(files(), objects(s3));
      StateLog before = strike(stores);
      boolean equal = true;
      for (Store store : stores) {
        equal &= restore(store, before, report);
      }
      return equal;
    }
  }

  private Store files() {
    return new Store("file", "file:" + folder.resolve("backups"), Map.of());
  }

  private static Store objects(S3Server s3) {
    return new Store(
        "s3",
        "s3://%s/demo?endpoint=%s&path-style=true&region=us-east-1"
            .formatted(s3.bucket(), s3.endpoint()),
        Map.of(
            "AWS_ACCESS_KEY_ID",
            s3.accessKey(),
            "AWS_SECRET_ACCESS_KEY",
            s3.secretKey(),
            "AWS_REGION",
            "us-east-1"));
  }

  /**
   * Writes, backs up, and destroys the cluster while it is written to; returns what it had said of
   * itself.
   */
  private StateLog strike(List<Store> stores) throws IOException, InterruptedException {
    stage.say(
        "\nA cluster of three members of stock etcd %s, writers on it, and two agents"
            .formatted(release.version()));
    StateLog states = new StateLog();
    List<ChildProcess> agents = new ArrayList<>();
    try (EtcdCluster cluster =
            EtcdCluster.of(release, folder.resolve("cluster")).members(3).start();
        Workload writers =
            Workload.start(1, 2, false, List.of(cluster.channel(0), cluster.channel(1)))) {
      String endpoints = String.join(",", cluster.endpoints());
      for (Store store : stores) {
        agents.add(
            stage.start(
                store.environment(),
                List.of(
                    "backup", "run", "--endpoints", endpoints, "--repository", store.address())));
      }
      watch(cluster, states, UNDER_WRITES);
      while (!everybodyHasCaptured(stores)) {
        watch(cluster, states, A_LITTLE_LONGER);
      }
      stage.say(
          "\nThe disaster: every member is killed under %d writes, and its disk deleted"
              .formatted(writers.writes()));
      for (EtcdMember member : cluster.members()) {
        member.kill();
        DurableFiles.deleteTree(member.dataDir());
      }
      states.disasterAt(Instant.now());
    } finally {
      agents.forEach(ChildProcess::close);
    }
    return states;
  }

  private boolean everybodyHasCaptured(List<Store> stores)
      throws IOException, InterruptedException {
    for (Store store : stores) {
      if (stage.captured(store.environment(), store.address()) == 0) {
        return false;
      }
    }
    return true;
  }

  private static void watch(EtcdCluster cluster, StateLog states, Duration time)
      throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      states.ask(cluster.channel(0));
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  /**
   * Restores the newest captured state and compares it with what the cluster had said at that
   * revision.
   */
  private boolean restore(Store store, StateLog before, Report report)
      throws IOException, InterruptedException {
    JsonNode described =
        stage.run(
            store.environment(), List.of("backup", "describe", "--repository", store.address()));
    long durable = described.path("lastRevision").asLong();
    JsonNode newest = described.path("restorable").get(described.path("restorable").size() - 1);
    Path target = folder.resolve("restored-from-" + store.kind());
    EtcdCluster.Plan plan = EtcdCluster.of(release, target).members(3);
    JsonNode restored =
        stage.run(store.environment(), DemoStage.restoreOf(store.address(), plan, target));
    long compared = before.lastUpTo(durable);
    KeyspaceState was = before.at(compared);
    KeyspaceState is;
    try (EtcdCluster cluster = plan.start()) {
      is = KeyspaceState.of(cluster.channel(0), compared);
    }
    Duration lost =
        Duration.between(Instant.parse(newest.path("toTime").asText()), before.disasterAt());
    report.row(
        "disaster",
        "repository",
        store.kind(),
        "revision",
        durable,
        "keys",
        is.keys(),
        "lostSeconds",
        Math.max(0, lost.toMillis()) / 1000.0,
        "restoreSeconds",
        restored.path("seconds").asDouble(),
        "comparedAtRevision",
        compared,
        "hashKvBefore",
        was.hashText(),
        "hashKvAfter",
        is.hashText(),
        "equal",
        is.equals(was));
    return is.equals(was);
  }
}
