package io.lodestone.backup.daemon;

import io.lodestone.api.LodestoneException;
import io.lodestone.backup.BackupAgent;
import io.lodestone.backup.SourceWitness;
import io.lodestone.backup.config.ClusterPlan;
import io.lodestone.backup.config.Task;
import io.lodestone.backup.metrics.ClusterMetrics;
import io.lodestone.client.EtcdConnection;
import io.lodestone.repository.CompactionReport;
import io.lodestone.repository.CopyReport;
import io.lodestone.repository.CopySettings;
import io.lodestone.repository.ExpiryReport;
import io.lodestone.repository.Levels;
import io.lodestone.repository.Lineage;
import io.lodestone.repository.Position;
import io.lodestone.repository.Repository;
import io.lodestone.repository.SourceHash;
import io.lodestone.repository.VerifyReport;
import io.lodestone.repository.format.Holder;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.restore.drill.DrillReport;
import io.lodestone.restore.drill.RepositoryDrill;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What each scheduled task is. Confined to the tasks' thread of one cluster. */
final class TaskWork {
  private static final Logger LOG = LoggerFactory.getLogger(TaskWork.class);

  private static final int COPIES_AT_A_TIME = 2;

  private final ClusterPlan plan;
  private final Holder holder;
  private final RepositoryDoor door;
  private final Path workDirectory;
  private final ClusterMetrics metrics;
  private final Clock clock;

  /**
   * @param holder who copies, for agents that find the copy
   * @param workDirectory where drills restore to, and what is made waits
   * @param clock tells what has expired
   */
  TaskWork(
      ClusterPlan plan,
      Holder holder,
      RepositoryDoor door,
      Path workDirectory,
      ClusterMetrics metrics,
      Clock clock) {
    this.plan = plan;
    this.holder = holder;
    this.door = door;
    this.workDirectory = workDirectory;
    this.metrics = metrics;
    this.clock = clock;
  }

  /**
   * Returns when it is done; what stands in its way is a failure with a reason and a hint.
   *
   * @param agent the one that writes the log of {@code clusterId}
   */
  void perform(Task task, long clusterId, BackupAgent agent)
      throws IOException, InterruptedException {
    switch (task) {
      case BASE -> base(agent);
      case SYNTHESIZE -> synthesize(agent);
      case COMPACT -> compact(clusterId);
      case EXPIRE -> expire(clusterId);
      case VERIFY -> verify(clusterId);
      case DRILL -> drill(clusterId);
      case COPY -> copy(clusterId);
      case DEFRAGMENT -> defragment();
    }
  }

  private static void base(BackupAgent agent) throws InterruptedException {
    boolean unused = made(agent.requestBase());
  }

  private void synthesize(BackupAgent agent) throws InterruptedException {
    LOG.atInfo()
        .addKeyValue("cluster", plan.name())
        .addKeyValue("made", made(agent.requestSynthesis(workDirectory)))
        .log("a base out of the log");
  }

  private static boolean made(Future<Boolean> base) throws InterruptedException {
    try {
      return base.get();
    } catch (ExecutionException e) {
      throw new LodestoneException(
          "no base was made: " + e.getCause().getMessage(),
          "the agent's log says why it stopped writing",
          e.getCause());
    }
  }

  /** All timelines of the cluster: of the older ones nothing is left to copy, as a rule. */
  private void copy(long clusterId) throws IOException, InterruptedException {
    try (Repository repository = open();
        Repository copy = Repository.openOrCreate(door.openCopy(), plan.repository().cipher())) {
      for (Lineage lineage : repository.lineages()) {
        if (lineage.clusterId() == clusterId) {
          CopyReport done =
              repository.copyTo(
                  copy,
                  lineage,
                  new CopySettings(holder, COPIES_AT_A_TIME, plan.writer(), bytes -> {}));
          LOG.atInfo()
              .addKeyValue("cluster", plan.name())
              .addKeyValue("lineage", lineage)
              .addKeyValue("objects", done.objects())
              .addKeyValue("bytes", done.bytes())
              .addKeyValue("revision", done.revision())
              .log("copied");
        }
      }
    }
  }

  private Repository open() throws IOException {
    ObjectStore store = door.open();
    boolean opened = false;
    try {
      Repository repository = Repository.open(store, plan.repository().cipher());
      opened = true;
      return repository;
    } finally {
      if (!opened) {
        store.close();
      }
    }
  }

  private static Lineage newest(Repository repository, long clusterId) throws IOException {
    return repository
        .newest(clusterId)
        .orElseThrow(
            () ->
                new LodestoneException(
                    "the repository has no history of the cluster any more",
                    "somebody has deleted it; the agent's next start begins a new one"));
  }

  private void compact(long clusterId) throws IOException, InterruptedException {
    try (Repository repository = open()) {
      CompactionReport done =
          repository.compact(newest(repository, clusterId), Levels.DEFAULT, plan.writer());
      LOG.atInfo()
          .addKeyValue("cluster", plan.name())
          .addKeyValue("merged", done.merged())
          .addKeyValue("written", done.written())
          .addKeyValue("deleted", done.deleted())
          .log("compacted the log");
      predict(repository, clusterId);
    }
  }

  private void expire(long clusterId) throws IOException {
    try (Repository repository = open()) {
      ExpiryReport done =
          repository.expire(
              repository.planExpiry(
                  newest(repository, clusterId), plan.keep().orElseThrow(), clock.instant()));
      LOG.atInfo()
          .addKeyValue("cluster", plan.name())
          .addKeyValue("objects", done.objects())
          .addKeyValue("bytes", done.bytes())
          .log("deleted what need not be kept");
      if (!done.refused().isEmpty()) {
        throw new LodestoneException(
            "the store refused to delete "
                + done.refused().size()
                + " objects, first "
                + done.refused().get(0).object()
                + ": "
                + done.refused().get(0).message(),
            "the bucket may lock its objects: the next expiry tries again");
      }
    }
  }

  private void verify(long clusterId) throws IOException, InterruptedException {
    try (Repository repository = open()) {
      VerifyReport found =
          repository.verify(newest(repository, clusterId), VerifyReport.Progress.NONE);
      if (!found.isIntact()) {
        throw new LodestoneException(
            found.problems().size()
                + " objects are damaged, first "
                + found.problems().get(0).object()
                + ": "
                + found.problems().get(0).message(),
            "'lodestone backup verify' names them all; a new base makes what follows restorable");
      }
      LOG.atInfo()
          .addKeyValue("cluster", plan.name())
          .addKeyValue("objects", found.objects())
          .addKeyValue("bytes", found.bytes())
          .log("the history is intact");
    }
  }

  private void drill(long clusterId) throws IOException, InterruptedException {
    try (Repository repository = open();
        EtcdConnection connection = EtcdConnection.open(plan.source())) {
      Lineage newest = newest(repository, clusterId);
      haveHash(connection, repository, newest);
      DrillReport report =
          new RepositoryDrill(repository, workDirectory, Optional.of(connection), rows -> {})
              .run(newest)
              .report();
      if (!report.proved()) {
        throw unproved(report);
      }
      metrics.proved(report.transfer().revision());
      LOG.atInfo()
          .addKeyValue("cluster", plan.name())
          .addKeyValue("revision", report.transfer().revision())
          .addKeyValue("hash", Integer.toUnsignedLong(report.hash().hash()))
          .log("a restore was proved");
      predict(repository, clusterId);
    }
  }

  /** So that the newest point can be held against what the source itself says of it. */
  private void haveHash(EtcdConnection connection, Repository repository, Lineage lineage)
      throws IOException {
    Optional<Position.End> end = repository.lastPosition(lineage).flatMap(Position::end);
    try {
      if (end.isPresent()) {
        Optional<SourceHash> unused =
            new SourceWitness(connection, repository, plan.writer().clock())
                .attest(lineage, end.get().revision());
      }
    } catch (LodestoneException e) {
      LOG.atWarn()
          .setCause(e)
          .addKeyValue("cluster", plan.name())
          .log("the source cannot be asked for its hash; drilling without");
    }
  }

  private static LodestoneException unproved(DrillReport report) {
    String what =
        "what was restored at revision "
            + report.transfer().revision()
            + " is not what was backed up";
    return new LodestoneException(
        report
            .captured()
            .filter(captured -> !captured.agrees())
            .map(captured -> what + ": " + captured.said().against(captured.ours()))
            .orElse(what),
        "take a new base; 'lodestone restore drill' on this repository tells what else differs");
  }

  private void predict(Repository repository, long clusterId) throws IOException {
    repository.restoreSeconds(newest(repository, clusterId)).ifPresent(metrics::predicted);
  }

  private void defragment() {
    try (EtcdConnection connection = EtcdConnection.open(plan.source())) {
      new Defragmentation(connection).run();
    }
  }
}
