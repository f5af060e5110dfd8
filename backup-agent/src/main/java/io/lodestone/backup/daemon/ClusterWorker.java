package io.lodestone.backup.daemon;

import io.lodestone.api.LodestoneException;
import io.lodestone.backup.AgentListener;
import io.lodestone.backup.Backoff;
import io.lodestone.backup.BackupAgent;
import io.lodestone.backup.Goal;
import io.lodestone.backup.config.ClusterPlan;
import io.lodestone.backup.config.Task;
import io.lodestone.backup.metrics.ClusterMetrics;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.FollowOptions;
import io.lodestone.client.LivingCluster;
import io.lodestone.client.PrefixCluster;
import io.lodestone.etcdfile.db.SnapshotFileSource;
import io.lodestone.repository.FencedException;
import io.lodestone.repository.Lineage;
import io.lodestone.repository.Repository;
import io.lodestone.repository.RepositoryHeldException;
import io.lodestone.repository.Takeover;
import io.lodestone.repository.format.Holder;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.revisions.RevisionSource;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Backs one cluster up for as long as it is let, on a thread of its own: waits for its turn, writes
 * until something fails, pauses, and begins anew with new connections.
 *
 * <p>Its turn comes when the cluster grants it the lease. If another agent held that before, which
 * then is gone, it takes the log over at once; otherwise a holder whose sign of life is fresh, such
 * as an agent that knows no leases, is waited for.
 *
 * <p>Everything is confined to that thread, but for {@link #stop} and the tasks.
 */
final class ClusterWorker {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterWorker.class);
  private static final Duration ASK_EVERY = Duration.ofSeconds(1);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  /** A member that hangs must not cost the lease. */
  private static final Duration LEASE_TIMEOUT = Duration.ofMillis(1_500);

  private final ClusterPlan plan;
  private final Holder holder;
  private final FollowOptions follow;
  private final ClusterMetrics metrics;
  private final Schedules schedules;
  private final Clock clock;
  private final RepositoryDoor door;
  private final ClusterTasks tasks;
  private final Thread thread;
  private final Backoff backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile Optional<BackupAgent> current = Optional.empty();

  ClusterWorker(
      ClusterPlan plan,
      Holder holder,
      FollowOptions follow,
      ClusterMetrics metrics,
      Schedules schedules,
      Clock clock) {
    this.plan = plan;
    this.holder = holder;
    this.follow = follow;
    this.metrics = metrics;
    this.schedules = schedules;
    this.clock = clock;
    this.door = new RepositoryDoor(plan, metrics);
    TaskWork work = new TaskWork(plan, holder, door, follow.spoolDirectory(), metrics, clock);
    this.tasks = new ClusterTasks(plan, work, metrics);
    this.thread = new Thread(this::run, "agent-" + plan.name());
  }

  ClusterPlan plan() {
    return plan;
  }

  void start() {
    thread.setDaemon(true);
    thread.start();
  }

  /** Asks it to end soon: seals what it has, gives the lease back. Returns at once. */
  void stop() {
    stopped.countDown();
    current.ifPresent(BackupAgent::stop);
  }

  /** Waits until it has ended after {@link #stop}. */
  void join() throws InterruptedException {
    thread.join();
  }

  private boolean isStopped() {
    return stopped.getCount() == 0;
  }

  private void run() {
    try (tasks) {
      while (!isStopped()) {
        attempt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void attempt() throws InterruptedException {
    try {
      takePart();
    } catch (FencedException e) {
      LOG.atWarn()
          .addKeyValue("cluster", plan.name())
          .addKeyValue("holder", e.holder())
          .log("another agent has taken over");
      rest(ASK_EVERY);
    } catch (IOException | RuntimeException e) {
      failed(e);
    }
  }

  private void failed(Exception failure) throws InterruptedException {
    Duration pause = backoff.next();
    metrics.failed(String.valueOf(failure.getMessage()));
    Failures.log(LOG, failure)
        .addKeyValue("cluster", plan.name())
        .addKeyValue("nextTryInSeconds", pause.toSeconds())
        .log("cannot back up now");
    rest(pause);
  }

  private void rest(Duration pause) throws InterruptedException {
    boolean unused = stopped.await(pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void takePart() throws IOException, InterruptedException {
    ClientOptions source = plan.source();
    Duration quick = min(source.callTimeout(), LEASE_TIMEOUT);
    try (ObjectStore store = door.open();
        EtcdConnection connection = EtcdConnection.open(source);
        EtcdConnection forLease = EtcdConnection.open(source.withTimeouts(quick, quick));
        SourceLease lease =
            new SourceLease(
                forLease, store.location(), plan.prefix(), "agent-" + plan.name() + "-lease")) {
      Repository repository = Repository.openOrCreate(store, plan.repository().cipher());
      Optional<Takeover> takeover = awaitTurn(lease);
      if (takeover.isPresent()) {
        write(connection, repository, lease, takeover.get());
      }
    }
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** How to take the log over once it is our turn; empty if we were stopped before. */
  private Optional<Takeover> awaitTurn(SourceLease lease) throws InterruptedException {
    Takeover takeover = Takeover.WHEN_SILENT;
    while (!isStopped()) {
      switch (lease.tryAcquire()) {
        case GRANTED -> {
          lease.keepAlive();
          return Optional.of(takeover);
        }
        case REFUSED -> {
          // Whoever gets to write asks for it again: it must not go to one who waits.
          return Optional.of(Takeover.WHEN_SILENT);
        }
        case HELD -> {
          if (takeover.equals(Takeover.WHEN_SILENT)) {
            LOG.atInfo()
                .addKeyValue("cluster", plan.name())
                .addKeyValue("lease", lease.id())
                .log("another agent backs this cluster up; waiting");
          }
          takeover = Takeover.FORCED;
          metrics.standby("another agent has the lease");
          backoff.reset();
          rest(ASK_EVERY);
        }
      }
    }
    return Optional.empty();
  }

  private void write(
      EtcdConnection connection, Repository repository, SourceLease lease, Takeover takeover)
      throws IOException, InterruptedException {
    RevisionSource cluster = source(connection);
    String waitingFor = "";
    while (!isStopped()) {
      boolean waited = takeover.equals(Takeover.FORCED) || !waitingFor.isEmpty();
      BackupAgent agent =
          new BackupAgent(
              connection,
              new WithoutLease(cluster, lease.id()),
              plan.prefix(),
              repository,
              holder,
              takeover,
              plan.seal(),
              plan.writer(),
              new Turn(repository, lease, waited));
      try {
        follow(agent);
        return;
      } catch (RepositoryHeldException e) {
        if (!waitingFor.equals(e.holder().toString())) {
          LOG.atInfo()
              .addKeyValue("cluster", plan.name())
              .addKeyValue("holder", e.holder())
              .log("another agent holds the repository; waiting");
        }
        waitingFor = e.holder().toString();
        metrics.standby(waitingFor);
        rest(ASK_EVERY);
      } catch (FencedException e) {
        lease.forget();
        throw e;
      }
    }
  }

  private RevisionSource source(EtcdConnection connection) {
    return plan.prefix().isPresent()
        ? new PrefixCluster(connection, plan.prefix().get(), follow, clock)
        : new LivingCluster(connection, SnapshotFileSource::new, follow, clock);
  }

  private void follow(BackupAgent agent) throws IOException, InterruptedException {
    current = Optional.of(agent);
    if (isStopped()) {
      agent.stop();
    }
    try {
      agent.runOnce(Goal.FOLLOW);
    } finally {
      current = Optional.empty();
      tasks.end();
      schedules.remove(plan.name());
    }
  }

  /** What happens while it writes: begins with the log in its hands. */
  private final class Turn implements AgentListener {
    private final Repository repository;
    private final SourceLease lease;
    private final boolean waited;

    /** A log on which no task has anything to do yet. */
    private Optional<Lineage> withoutBase = Optional.empty();

    /**
     * @param waited whether another agent was there before
     */
    Turn(Repository repository, SourceLease lease, boolean waited) {
      this.repository = repository;
      this.lease = lease;
      this.waited = waited;
    }

    @Override
    public void writing(Lineage lineage, long revision) {
      lease.keepAlive();
      metrics.writing(lineage, revision);
      if (waited) {
        metrics.tookOver();
      }
      if (revision > 0) {
        keepSchedules(lineage);
      } else {
        withoutBase = Optional.of(lineage);
      }
    }

    private void keepSchedules(Lineage lineage) {
      tasks.begin(lineage.clusterId(), current.orElseThrow());
      plan.schedules()
          .forEach(
              (task, schedule) ->
                  schedules.add(
                      plan.name(),
                      task,
                      schedule,
                      since(task, lineage),
                      () -> tasks.announce(task)));
    }

    /** The repository remembers when the last base was taken, and so whether one was missed. */
    private Instant since(Task task, Lineage lineage) {
      Instant now = clock.instant();
      if (task != Task.BASE) {
        return now;
      }
      try {
        return repository.newestBase(lineage).filter(base -> base.isBefore(now)).orElse(now);
      } catch (IOException | LodestoneException e) {
        LOG.atWarn()
            .setCause(e)
            .addKeyValue("cluster", plan.name())
            .log("cannot see when the last base was taken; a missed one waits for its next time");
        return now;
      }
    }

    @Override
    public void complete(long revision) {
      metrics.complete(revision);
    }

    @Override
    public void durable(long revision, Instant at, long waitingBytes) {
      backoff.reset();
      metrics.durable(revision, at, waitingBytes);
      withoutBase.ifPresent(this::keepSchedules);
      withoutBase = Optional.empty();
    }
  }
}
