package io.lodestone.client;

import io.lodestone.api.KeyRange;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.StatusResponse;
import io.lodestone.api.etcdserverpb.WatchResponse;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.StreamItem.SideState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tail thread of a stream: keeps a watch over the whole keyspace open, whatever happens to the
 * members, and fills the {@link Spool}.
 *
 * <p>A watch that breaks is resumed behind the last whole revision, on the next member. Where that
 * is no longer possible (compacted, another history, users changed) a base is begun: first a watch
 * on one member behind its current revision, then that same member's snapshot, so that nothing can
 * fall between the two. Connection trouble is retried without end; what only a person can cure ends
 * the stream.
 */
final class TailReader implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(TailReader.class);

  private static final Duration TICK = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int BASE_ATTEMPTS = 4;
  private static final int GAP_ATTEMPTS = 2;

  private final EtcdConnection connection;
  private final FollowOptions options;
  private final Clock clock;
  private final Path directory;
  private final Spool spool;
  private final Observations observations;
  private final SideWatch side;
  private final RevisionAssembler assembler;
  private final CompactionProbe compactions;
  private final Attempts attempts;
  private final CountDownLatch stopped = new CountDownLatch(1);

  private int member;
  private Optional<Reason> baseDue;
  private Optional<BaseCapture> capture = Optional.empty();
  private Thread captureThread = new Thread();
  private int baseAttempts;
  private int files;

  private int gaps;

  /** Where the present watch began, until it is proved that this was above the compact revision. */
  private Optional<Long> unproved = Optional.empty();

  private long toldCompaction = -1;
  private boolean authChanged;

  /** Since when the cluster is known to be ahead of an idle watch, by {@code nanoTime}. */
  private Optional<Long> behindSince = Optional.empty();

  /** The present watch cannot go on: the stream needs a base. */
  private static final class BaseNeeded extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    BaseNeeded(Reason reason) {
      super("a base is needed: " + reason, null, false, false);
      this.reason = reason;
    }
  }

  /**
   * @param baseDue why the stream begins with a base; empty to go on behind {@code position}
   */
  TailReader(
      EtcdConnection connection,
      FollowOptions options,
      Clock clock,
      Path directory,
      Spool spool,
      Observations observations,
      SideWatch side,
      Optional<Reason> baseDue,
      long position)
      throws IOException {
    this.connection = connection;
    this.options = options;
    this.clock = clock;
    this.directory = directory;
    this.spool = spool;
    this.observations = observations;
    this.side = side;
    this.baseDue = baseDue;
    this.assembler = new RevisionAssembler(spool);
    this.assembler.restartAfter(position);
    this.compactions = new CompactionProbe(connection);
    this.attempts = new Attempts(connection);
  }

  @Override
  public void run() {
    try {
      if (baseDue.isEmpty()) {
        side.followAuth(observations.epoch());
      }
      while (!isStopped()) {
        follow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      spool.fail(
          new LodestoneException(
              "changes cannot be kept in " + directory + ": " + e.getMessage(),
              "give the spool a directory with free space",
              e));
    } catch (RuntimeException e) {
      spool.fail(e);
    } finally {
      captureThread.interrupt();
    }
  }

  void stop() {
    stopped.countDown();
  }

  private boolean isStopped() {
    return stopped.getCount() == 0;
  }

  private void follow() throws IOException, InterruptedException {
    try (KeyspaceWatch watch = begin()) {
      while (!isStopped()) {
        step(watch);
      }
    } catch (BaseNeeded e) {
      assembler.discardOpen();
      baseDue = Optional.of(reasonOf(e));
    } catch (LodestoneException e) {
      assembler.discardOpen();
      recover(e);
    }
  }

  /** A base that nobody will see passes its reason on to the one that replaces it. */
  private Reason reasonOf(BaseNeeded need) {
    return capture
        .filter(running -> running.isRunning())
        .map(running -> running.base().reason())
        .orElse(need.reason);
  }

  private Endpoint member() {
    return connection.endpoints().get(member);
  }

  private KeyspaceWatch begin() throws IOException, InterruptedException {
    behindSince = Optional.empty();
    if (baseDue.isPresent()) {
      return beginBase(baseDue.get());
    }
    long ahead = connection.revision() - assembler.complete();
    if (ahead < 0) {
      throw new BaseNeeded(Reason.DIVERGED);
    }
    if (ahead > options.longestTail()) {
      throw new BaseNeeded(Reason.REQUESTED);
    }
    return watchAfter(assembler.complete());
  }

  private KeyspaceWatch watchAfter(long revision) throws InterruptedException {
    side.watchMember(member());
    unproved = Optional.of(revision + 1);
    return KeyspaceWatch.open(connection, member(), KeyRange.all(), revision + 1, PATIENCE);
  }

  private KeyspaceWatch beginBase(Reason reason) throws IOException, InterruptedException {
    captureThread.interrupt();
    captureThread.join();
    StatusResponse status = chooseMember();
    long armed = status.getHeader().getRevision();
    long epoch = observations.beginBase();
    toldCompaction = -1;
    authChanged = false;
    side.followAuth(epoch);
    KeyspaceWatch watch = watchAfter(armed);
    try {
      assembler.restartAfter(armed);
      Origin origin =
          new Origin(
              status.getHeader().getClusterId(),
              status.getHeader().getMemberId(),
              status.getVersion());
      beginCapture(new PendingBase(reason, origin, armed, epoch, new CompletableFuture<>()));
    } catch (IOException | RuntimeException e) {
      watch.close();
      throw e;
    }
    baseDue = Optional.empty();
    return watch;
  }

  private void beginCapture(PendingBase base) throws IOException {
    spool.appendBase(base);
    baseAttempts++;
    SnapshotDownload download =
        new SnapshotDownload(connection, member(), options.progress(), clock);
    Path file = directory.resolve("base-" + files++ + ".db");
    BaseCapture begun = new BaseCapture(base, download, file, baseAttempts >= BASE_ATTEMPTS);
    capture = Optional.of(begun);
    captureThread = new Thread(begun, Thread.currentThread().getName() + "-snapshot");
    captureThread.setDaemon(true);
    captureThread.start();
    log.atInfo()
        .addKeyValue("reason", base.reason())
        .addKeyValue("member", member())
        .addKeyValue("revision", base.armedRevision())
        .log("taking a base");
  }

  /**
   * A voter that is not the leader, which has enough to do; otherwise the leader; otherwise a
   * learner, since a replica calls itself one and, unlike etcd's, serves watches and snapshots.
   */
  private StatusResponse chooseMember() {
    Optional<StatusResponse> fallback = Optional.empty();
    Optional<LodestoneException> failure = Optional.empty();
    int fallbackMember = member;
    for (int i = 0; i < connection.endpoints().size(); i++) {
      int candidate = (member + i) % connection.endpoints().size();
      try {
        StatusResponse status = connection.status(connection.endpoints().get(candidate));
        if (status.getLeader() == 0) {
          continue;
        }
        boolean leads = status.getLeader() == status.getHeader().getMemberId();
        if (!leads && !status.getIsLearner()) {
          member = candidate;
          return status;
        }
        if (leads || fallback.isEmpty()) {
          fallback = Optional.of(status);
          fallbackMember = candidate;
        }
      } catch (UnavailableException e) {
        failure = Optional.of(e);
      }
    }
    member = fallbackMember;
    Optional<LodestoneException> unreachable = failure;
    return fallback.orElseThrow(() -> unreachable.orElseGet(TailReader::noLeader));
  }

  private static LodestoneException noLeader() {
    return new UnavailableException(
        "no member that was asked has a leader",
        "check that the cluster has its quorum",
        true,
        null);
  }

  private void step(KeyspaceWatch watch) throws IOException, InterruptedException {
    Optional<WatchResponse> response = watch.poll(TICK);
    if (response.isPresent()) {
      take(response.get());
    }
    if (assembler.atBoundary() && observations.any()) {
      report(observations.take(assembler.complete()));
    }
    checkCapture();
    checkStall();
  }

  private void take(WatchResponse response) throws IOException {
    if (response.getCanceled()) {
      log.atWarn()
          .addKeyValue("position", assembler.complete())
          .addKeyValue("compactRevision", response.getCompactRevision())
          .log("the cluster compacted revisions that were still to be read");
      throw new BaseNeeded(Reason.COMPACTED);
    }
    if (response.getEventsCount() > 0) {
      proveStart();
      behindSince = Optional.empty();
      attempts.succeeded();
    }
    assembler.accept(response, clock.instant());
    observations.marked();
    gaps = assembler.atBoundary() && response.getEventsCount() > 0 ? 0 : gaps;
  }

  /**
   * A watch that starts exactly at the compact revision is accepted, but lacks the deletions of
   * that revision on servers before 3.4.34 and 3.5.16. So the start must be above the compact
   * revision, read after the first event arrived.
   */
  private void proveStart() {
    if (unproved.isEmpty()) {
      return;
    }
    long before = unproved.get() - 1;
    if (before > 0 && compactions.isCompactedPast(member(), before)) {
      throw new BaseNeeded(Reason.COMPACTED);
    }
    unproved = Optional.empty();
  }

  private void report(Observations.Seen seen) throws IOException {
    for (SideState lease : seen.leases()) {
      spool.append(lease);
    }
    if (seen.compacted() > toldCompaction) {
      toldCompaction = seen.compacted();
      spool.append(new Compaction(seen.compacted(), Compaction.NEVER.finished()));
    }
    spool.publish();
    authChanged |= seen.authChanged();
    if (seen.head().isPresent()) {
      compareWith(seen.head().get());
    }
  }

  private void compareWith(Observations.Head head) throws IOException {
    if (head.revision() > assembler.complete()) {
      behindSince = behindSince.or(() -> Optional.of(System.nanoTime()));
    } else {
      behindSince = Optional.empty();
    }
    if (head.revision() == assembler.complete() && head.at().isAfter(assembler.lastMark())) {
      assembler.mark(head.at());
      observations.marked();
      attempts.upToDate();
    }
  }

  private void checkCapture() {
    if (capture.isEmpty() || capture.get().isRunning()) {
      return;
    }
    if (capture.get().isAbandoned()) {
      Reason reason = capture.get().base().reason();
      capture = Optional.empty();
      member = (member + 1) % connection.endpoints().size();
      throw new BaseNeeded(reason);
    }
    baseAttempts = 0;
    if (authChanged) {
      throw new BaseNeeded(Reason.AUTH_CHANGED);
    }
  }

  private void checkStall() {
    long limit = options.stallTimeout().toNanos();
    if (behindSince.isPresent() && System.nanoTime() - behindSince.get() > limit) {
      throw new UnavailableException(
          "Watch on " + member() + " stands still while the cluster goes on",
          "the member is cut off or overloaded: check it",
          false,
          null);
    }
  }

  /** Makes ready for another attempt after a pause, or gives up by throwing {@code failure}. */
  private void recover(LodestoneException failure) throws InterruptedException {
    if (isStopped()) {
      return;
    }
    if (!mayTryAgain(failure)) {
      throw failure;
    }
    member = (member + 1) % connection.endpoints().size();
    awaitStop(attempts.next(assembler.complete(), failure));
  }

  private void awaitStop(long millis) throws InterruptedException {
    if (stopped.await(millis, TimeUnit.MILLISECONDS)) {
      log.atDebug().log("stopped while waiting to resume");
    }
  }

  private boolean mayTryAgain(LodestoneException failure) {
    if (failure instanceof RevisionAssembler.MissingRevision) {
      gaps++;
      baseDue = gaps >= GAP_ATTEMPTS ? Optional.of(Reason.DIVERGED) : baseDue;
      return true;
    }
    return attempts.mayCure(failure);
  }
}
