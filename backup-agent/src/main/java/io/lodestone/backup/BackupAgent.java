package io.lodestone.backup;

import io.lodestone.client.EtcdConnection;
import io.lodestone.client.LivingCluster;
import io.lodestone.repository.Position;
import io.lodestone.repository.Repository;
import io.lodestone.repository.RepositoryHeldException;
import io.lodestone.repository.RepositoryWriter;
import io.lodestone.repository.Takeover;
import io.lodestone.repository.WriterSettings;
import io.lodestone.repository.format.Holder;
import io.lodestone.repository.objects.UnreachableStoreException;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one cluster into one repository: a base where there is none yet, then the tail, behind
 * the last durable revision.
 *
 * <p>The repository is the only memory of an agent. Whatever ends it, the next run reads there
 * where it has to go on, so a run is repeated, not repaired: an object store that was away is asked
 * again by a new session behind the last entry. What ends an agent for good is its goal, being
 * stopped, another agent, or a failure that a person has to see.
 *
 * <p>Confined to the thread that calls {@link #run}, but for {@link #stop}.
 */
public final class BackupAgent {
  private static final Logger LOG = LoggerFactory.getLogger(BackupAgent.class);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final EtcdConnection connection;
  private final LivingCluster cluster;
  private final Repository repository;
  private final Holder holder;
  private final Takeover takeover;
  private final SealPolicy policy;
  private final AgentListener listener;
  private final CountDownLatch stopped = new CountDownLatch(1);

  /**
   * @param connection to {@code cluster}; both stay the caller's to close
   * @param holder who this is, for other agents to read
   */
  public BackupAgent(
      EtcdConnection connection,
      LivingCluster cluster,
      Repository repository,
      Holder holder,
      Takeover takeover,
      SealPolicy policy,
      AgentListener listener) {
    this.connection = connection;
    this.cluster = cluster;
    this.repository = repository;
    this.holder = holder;
    this.takeover = takeover;
    this.policy = policy;
    this.listener = listener;
  }

  /**
   * Works until the goal is reached or {@link #stop} was called; then seals what is complete and
   * returns. Interrupt the thread only to give up at once: files being written would be closed
   * under it.
   */
  public BackupReport run(Goal goal) throws IOException, InterruptedException {
    Progress progress = new Progress(listener);
    Duration pause = FIRST_PAUSE;
    while (true) {
      long durableBefore = progress.durable();
      try {
        runSession(goal, progress);
        return progress.report();
      } catch (UnreachableStoreException e) {
        pause = progress.durable() > durableBefore ? FIRST_PAUSE : pause;
        LOG.atWarn()
            .setCause(e)
            .addKeyValue("nextTryInSeconds", pause.toSeconds())
            .log("the repository cannot be reached");
      }
      if (stopped.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        return progress.report();
      }
      Duration doubled = pause.multipliedBy(2);
      pause = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    }
  }

  /** Makes {@link #run} end soon, from any thread. */
  public void stop() {
    stopped.countDown();
  }

  private void runSession(Goal goal, Progress progress) throws IOException, InterruptedException {
    long target = goal == Goal.CATCH_UP ? connection.revision() : Long.MAX_VALUE;
    try (RepositoryWriter writer = openWriter()) {
      Optional<Position.End> end = writer.resumeFrom().end();
      long revision = end.map(Position.End::revision).orElse(0L);
      progress.resume(writer.lineage(), revision);
      LOG.atInfo()
          .addKeyValue("lineage", writer.lineage())
          .addKeyValue("revision", revision)
          .log("writing behind the end of the log");
      try (RevisionStream stream = open(goal, end)) {
        new Session(stream, writer, policy, progress, () -> stopped.getCount() == 0)
            .run(goal, target);
      }
    }
  }

  private RevisionStream open(Goal goal, Optional<Position.End> end) throws IOException {
    if (end.isEmpty()) {
      return cluster.openAtBase(Reason.INITIAL);
    }
    return goal == Goal.BASE
        ? cluster.openAtBase(Reason.REQUESTED)
        : cluster.openAfter(end.get().revision());
  }

  /**
   * An agent that died on this very machine cannot come back: its place is taken without waiting
   * for its silence.
   */
  private RepositoryWriter openWriter() throws IOException {
    try {
      return openWriter(takeover);
    } catch (RepositoryHeldException e) {
      boolean sameHost = e.holder().host().equals(holder.host());
      if (!sameHost || ProcessHandle.of(e.holder().pid()).isPresent()) {
        throw e;
      }
      LOG.atInfo()
          .addKeyValue("holder", e.holder())
          .log("taking over from an agent whose process is gone");
      return openWriter(Takeover.FORCED);
    }
  }

  private RepositoryWriter openWriter(Takeover rule) throws IOException {
    return repository.openWriter(connection.clusterId(), holder, rule, WriterSettings.DEFAULT);
  }
}
