package io.lodestone.migrate;

import io.lodestone.api.LodestoneException;
import io.lodestone.client.CompactionProbe;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.FollowOptions;
import io.lodestone.client.LivingCluster;
import io.lodestone.client.lockstep.LockstepSink;
import io.lodestone.etcdfile.db.SnapshotFileSource;
import io.lodestone.migrate.MigrationDirectory.Hold;
import io.lodestone.migrate.compare.ClusterComparison;
import io.lodestone.migrate.journal.Journal;
import io.lodestone.migrate.journal.JournalEntry.Event;
import io.lodestone.migrate.journal.Outcome;
import io.lodestone.migrate.journal.Phase;
import io.lodestone.migrate.journal.Standing;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One migration: a state machine whose memory is a journal. A run that was killed in any phase is
 * continued by the next; a run that fails leaves the source taking writes. One process at a time
 * runs it; {@link #cutOver} and {@link #abort} of another one are requests to that process.
 */
public final class Migration {
  private static final Duration USERS_INTERVAL = Duration.ofSeconds(10);
  private static final Duration LEASE_REFRESH = Duration.ofHours(1);
  private static final long POLL_MILLIS = 100;

  private final MigrationOptions options;
  private final MigrationListener listener;
  private final MigrationDirectory directory;
  private volatile Optional<Course> running = Optional.empty();
  private volatile boolean stopped;

  public Migration(MigrationOptions options, MigrationListener listener) {
    this.options = options;
    this.listener = listener;
    this.directory = new MigrationDirectory(options.directory());
  }

  /** Looks whether the migration can succeed. Changes nothing. */
  public List<Check> plan() throws IOException, InterruptedException {
    try (EtcdConnection source = EtcdConnection.open(options.source());
        EtcdConnection destination = EtcdConnection.open(options.destination())) {
      return new Preflight(source, destination, options.seed(), options.directory()).run();
    }
  }

  /**
   * Begins, or goes on where the last run ended, until the clients are at the destination. Fails
   * with what a person must see; then the source takes writes, unless the cutover had begun.
   */
  public void run() throws IOException, InterruptedException {
    run(options.cutoverWhenSteady());
  }

  /** Makes {@link #run} end soon, so that another run can go on. From any thread. */
  public void stop() {
    stopped = true;
    running.ifPresent(Course::stop);
  }

  /** Goes on to the cutover: asks the process that runs the migration, or runs it here. */
  public void cutOver() throws IOException, InterruptedException {
    if (!askAndWait(Request.CUTOVER)) {
      run(true);
    }
  }

  /** Gives up; when this returns, the source takes writes. Refused once the cutover has begun. */
  public void abort() throws IOException, InterruptedException {
    askAndWait(Request.ABORT);
    try (Hold hold = directory.hold();
        Journal journal = hold.journal();
        EtcdConnection source = EtcdConnection.open(options.source())) {
      Standing standing = journal.standing();
      if (standing.outcome().equals(Optional.of(Outcome.ABORTED))) {
        return;
      }
      requireNotOver(standing);
      if (standing.opened()) {
        throw new LodestoneException(
            "the cutover has begun: clients may write to the destination already",
            "go on with lodestone migrate run, or take the move back with lodestone migrate"
                + " rollback");
      }
      giveUp(journal, standing, fence(source));
    }
  }

  private void giveUp(Journal journal, Standing standing, Fence fence)
      throws IOException, InterruptedException {
    if (standing.fenced()) {
      fence.lower();
      journal.record(Event.UNFENCED, Map.of());
    }
    journal.record(Event.ENDED, Map.of("outcome", Outcome.ABORTED.name()));
  }

  /**
   * Takes a cutover back: when this returns, the source takes writes and the destination does not.
   * Where a process keeps the way back open, it repeats on the source what the destination has
   * done. Where none does, this is refused once the destination has been written to.
   */
  public void rollback() throws IOException, InterruptedException {
    requireCutover(Journal.standing(directory.entries()));
    if (askAndWait(Request.ROLLBACK) && isRolledBack()) {
      hooks().run("rollback", options.hooks().rollback());
      return;
    }
    try (Hold hold = directory.hold();
        Journal journal = hold.journal();
        EtcdConnection source = EtcdConnection.open(options.source());
        EtcdConnection destination = EtcdConnection.open(options.destination())) {
      Standing standing = journal.standing();
      requireCutover(standing);
      Fence ofDestination = new AlarmFence(destination);
      ofDestination.raise();
      long last = standing.finalRevision().orElseThrow();
      long reached = destination.revision();
      if (reached != last) {
        ofDestination.lower();
        throw new LodestoneException(
            "the destination has made "
                + (reached - last)
                + " revisions since the cutover, which the source does not have",
            "stay with the destination, or migrate it to a new cluster");
      }
      fence(source).lower();
      journal.record(Event.UNFENCED, Map.of());
      hooks().run("rollback", options.hooks().rollback());
      journal.record(Event.ENDED, Map.of("outcome", Outcome.ROLLED_BACK.name()));
    }
  }

  private static void requireCutover(Standing standing) {
    if (!standing.opened() || standing.outcome().equals(Optional.of(Outcome.ROLLED_BACK))) {
      throw new LodestoneException(
          "there is no cutover to take back", "see lodestone migrate status");
    }
  }

  private boolean isRolledBack() throws IOException {
    return Journal.standing(directory.entries()).outcome().equals(Optional.of(Outcome.ROLLED_BACK));
  }

  /** The way back is not needed any more: asks the process that keeps it open to end. */
  public void finish() throws IOException, InterruptedException {
    if (!askAndWait(Request.FINISH)) {
      throw new LodestoneException(
          "no process keeps a way back open", "see lodestone migrate status");
    }
  }

  /** False where no process runs the migration; otherwise waits until that process has ended. */
  private boolean askAndWait(Request request) throws IOException, InterruptedException {
    Optional<Hold> free = directory.tryHold();
    if (free.isPresent()) {
      free.get().close();
      return false;
    }
    directory.ask(request);
    while (free.isEmpty()) {
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      free = directory.tryHold();
    }
    free.get().close();
    MigrationReport.of(directory.entries())
        .lastFailure()
        .ifPresent(
            message -> {
              throw new LodestoneException(
                  message, "the process that ran the migration says more; mend it and run again");
            });
    return true;
  }

  private void run(boolean cutoverAtOnce) throws IOException, InterruptedException {
    try (Hold hold = directory.hold();
        Journal journal = hold.journal();
        EtcdConnection source = EtcdConnection.open(options.source());
        EtcdConnection destination = EtcdConnection.open(options.destination())) {
      requireNotOver(journal.standing());
      directory.forgetRequests();
      Course course = new Course(journal, directory, listener);
      running = Optional.of(course);
      if (stopped) {
        course.stop();
      }
      Sides sides = new Sides(source, destination);
      try {
        advance(sides, course, cutoverAtOnce);
        if (journal.standing().outcome().isEmpty()) {
          course.enter(Phase.DONE);
          journal.record(Event.ENDED, Map.of("outcome", Outcome.DONE.name()));
        }
      } catch (AbortedException e) {
        giveUp(journal, journal.standing(), fence(source));
        throw e;
      } catch (LodestoneException | IOException | InterruptedException e) {
        reopen(journal, source);
        journal.record(Event.FAILED, Map.of("message", String.valueOf(e.getMessage())));
        throw e;
      }
    }
  }

  private record Sides(EtcdConnection source, EtcdConnection destination) {}

  private static void requireNotOver(Standing standing) {
    standing
        .outcome()
        .ifPresent(
            outcome -> {
              throw new LodestoneException(
                  "this migration is over: " + outcome, "begin another one with another --dir");
            });
  }

  /** Whatever failed, writers must not wait for the next run. */
  private void reopen(Journal journal, EtcdConnection source)
      throws IOException, InterruptedException {
    Standing standing = journal.standing();
    if (standing.fenced() && !standing.opened()) {
      fence(source).lower();
      journal.record(Event.UNFENCED, Map.of());
    }
  }

  private void advance(Sides sides, Course course, boolean cutoverAtOnce)
      throws IOException, InterruptedException {
    Standing standing = begin(sides, course);
    if (standing.opened()) {
      finish(sides, course);
    } else if (standing.seeded().isPresent()) {
      goOn(sides, course, standing, cutoverAtOnce);
    } else {
      seed(sides, course, cutoverAtOnce);
    }
  }

  private void cutOver(Sides sides, Course course, LockstepSink sink)
      throws IOException, InterruptedException {
    Cutover cutover = new Cutover(sink, hooks(), options, course);
    if (!options.keepWayBack()) {
      cutover.run();
      return;
    }
    try (WayBack wayBack = wayBack(sides, course)) {
      cutover.run();
      sink.close(); // from here on, leases at the destination are their clients' business
      keep(wayBack, course);
    }
  }

  private static void keep(WayBack wayBack, Course course)
      throws IOException, InterruptedException {
    course.enter(Phase.REVERSE_SYNC);
    while (!course.isAsked(Request.FINISH)) {
      course.heedStop();
      if (course.isAsked(Request.ROLLBACK)) {
        wayBack.take();
        return;
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }

  private WayBack wayBack(Sides sides, Course course) throws IOException, InterruptedException {
    long last = course.journal().standing().finalRevision().orElseThrow();
    LockstepSink sink =
        LockstepSink.open(
            sides.source(), sides.destination()::grantedTtlSeconds, options.patience());
    try {
      return new WayBack(
          sides.source(),
          sides.destination(),
          fence(sides.source()),
          living(sides.destination(), "spool-back").openAfter(last),
          sink,
          comparison(sides),
          course);
    } catch (IOException | RuntimeException e) {
      sink.close();
      throw e;
    }
  }

  private Standing begin(Sides sides, Course course) throws IOException {
    String source = Long.toHexString(sides.source().clusterId());
    Optional<String> begunWith = course.journal().standing().source();
    if (begunWith.isEmpty()) {
      course.journal().begin(source);
    } else if (!begunWith.get().equals(source)) {
      throw new LodestoneException(
          "the migration in "
              + directory
              + " moves cluster "
              + begunWith.get()
              + ", the endpoints are of cluster "
              + source,
          "name the endpoints it was begun with, or another --dir");
    }
    return course.journal().standing();
  }

  private void seed(Sides sides, Course course, boolean cutoverAtOnce)
      throws IOException, InterruptedException {
    Seeding seeding = new Seeding(options.seed(), course);
    if (course.journal().standing().phase().filter(Migration::hasTouchedTargets).isPresent()) {
      seeding.discard();
    }
    course.enter(Phase.PREFLIGHT);
    course.heedRequests();
    Preflight.requireNoProblem(
        new Preflight(sides.source(), sides.destination(), options.seed(), options.directory())
            .run());
    course.enter(Phase.WATCH_SOURCE);
    try (RevisionStream stream = living(sides.source(), "spool").openAtBase(Reason.INITIAL)) {
      course.enter(Phase.SEED);
      seeding.write(stream);
      start(sides, course);
      long seeded = course.journal().standing().seeded().orElseThrow();
      try (LockstepSink sink = sink(sides)) {
        requireAt(sink.revision(), seeded);
        follow(sides, course, stream, sink, cutoverAtOnce);
      }
    }
  }

  /** Whether an earlier run may have left directories behind that are its own. */
  private static boolean hasTouchedTargets(Phase phase) {
    return phase == Phase.SEED;
  }

  private void start(Sides sides, Course course) throws IOException, InterruptedException {
    if (!Seeding.answers(sides.destination(), sides.destination().endpoints().get(0))) {
      hooks().run("start", options.hooks().start());
    }
    new Seeding(options.seed(), course).awaitStart(sides.destination(), options.patience());
    if (sides.destination().clusterId() == sides.source().clusterId()) {
      throw new LodestoneException(
          "the destination's endpoints are the source's own cluster",
          "name the endpoints of the cluster that was started on the new data");
    }
  }

  private static void requireAt(long found, long seeded) {
    if (found != seeded) {
      throw new LodestoneException(
          "the destination was seeded at revision " + seeded + " but is at " + found,
          "start it on the directories that were written, and let nobody else write to it");
    }
  }

  private void goOn(Sides sides, Course course, Standing standing, boolean cutoverAtOnce)
      throws IOException, InterruptedException {
    start(sides, course);
    try (LockstepSink sink = sink(sides)) {
      requireSameHistory(sides, sink, standing.seeded().getAsLong());
      try (RevisionStream stream = living(sides.source(), "spool").openAfter(sink.revision())) {
        follow(sides, course, stream, sink, cutoverAtOnce || standing.fenced());
      }
    }
  }

  /** Nobody may have written while no run was looking, and no lease may have expired. */
  private void requireSameHistory(Sides sides, LockstepSink sink, long seeded)
      throws IOException, InterruptedException {
    long reached = sink.revision();
    if (reached < seeded || reached > sides.source().revision()) {
      requireAt(reached, seeded);
    }
    long compacted =
        new CompactionProbe(sides.source())
            .newerThan(sides.source().endpoints().get(0), -1)
            .orElse(-1L);
    if (compacted >= reached) {
      return; // the source cannot say any more; following it will ask for a new base
    }
    sink.compact(compacted);
    if (!comparison(sides).keysAt(reached).equal()) {
      throw new LodestoneException(
          "the destination has another revision "
              + reached
              + " than the source: while no run kept its leases, one expired, or somebody else"
              + " wrote to it",
          "abort, and begin again with another --dir and fresh directories");
    }
  }

  private void follow(
      Sides sides, Course course, RevisionStream stream, LockstepSink sink, boolean cutoverAtOnce)
      throws IOException, InterruptedException {
    Pursuit pursuit = new Pursuit(stream, sink, sides.source()::revision, course);
    course.enter(Phase.CATCH_UP);
    pursuit.catchUp();
    course.enter(Phase.STEADY);
    pursuit.followUntilCutover(cutoverAtOnce);
    new Handover(sides.source(), fence(sides.source()), pursuit, sink, comparison(sides), course)
        .run();
    cutOver(sides, course, sink);
  }

  /** The cutover had begun. */
  private void finish(Sides sides, Course course) throws IOException, InterruptedException {
    try (LockstepSink sink = sink(sides)) {
      cutOver(sides, course, sink);
    }
  }

  private LivingCluster living(EtcdConnection cluster, String spool) throws IOException {
    FollowOptions follow =
        FollowOptions.in(directory.fresh(spool))
            .withIntervals(options.lookInterval(), USERS_INTERVAL, LEASE_REFRESH);
    return new LivingCluster(cluster, SnapshotFileSource::new, follow, Clock.systemUTC());
  }

  private LockstepSink sink(Sides sides) throws InterruptedException {
    return LockstepSink.open(
        sides.destination(), sides.source()::grantedTtlSeconds, options.patience());
  }

  private ClusterComparison comparison(Sides sides) throws IOException {
    return new ClusterComparison(sides.source(), sides.destination(), directory.fresh("work"));
  }

  private Fence fence(EtcdConnection source) {
    MigrationOptions.Hooks hooks = options.hooks();
    return switch (options.fence()) {
      case ALARM -> new AlarmFence(source);
      case HOOK -> new HookFence(source, hooks(), hooks.fence(), hooks.unfence());
      case NONE -> new HookFence(source, hooks(), Optional.empty(), Optional.empty());
    };
  }

  private HookRunner hooks() {
    return new HookRunner(directory.hooksLog(), Map.of(), options.patience());
  }
}
