package io.lodestone.migrate;

import io.lodestone.api.LodestoneException;
import io.lodestone.client.CompactionProbe;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.FollowOptions;
import io.lodestone.client.LivingCluster;
import io.lodestone.client.lockstep.ForgeOptions;
import io.lodestone.client.lockstep.LockstepSink;
import io.lodestone.etcdfile.db.SnapshotFileSource;
import io.lodestone.migrate.compare.ClusterComparison;
import io.lodestone.migrate.journal.JournalEntry.Event;
import io.lodestone.migrate.journal.Phase;
import io.lodestone.migrate.journal.Standing;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of a migration, from where the journal stands to the end. Used once. */
final class MigrationRun {
  private static final Logger log = LoggerFactory.getLogger(MigrationRun.class);
  private static final Duration USERS_INTERVAL = Duration.ofSeconds(10);
  private static final Duration LEASE_REFRESH = Duration.ofHours(1);
  private static final long POLL_MILLIS = 100;

  /** What a shell does at once: the first command takes longer than those behind it. */
  private static final String NOTHING = ":";

  private final MigrationOptions options;
  private final MigrationDirectory directory;
  private final EtcdConnection source;
  private final EtcdConnection destination;
  private final Fence fence;
  private final HookRunner hooks;
  private final boolean cutoverAtOnce;
  private final Course course;

  MigrationRun(
      MigrationOptions options,
      MigrationDirectory directory,
      EtcdConnection source,
      EtcdConnection destination,
      Fence fence,
      HookRunner hooks,
      boolean cutoverAtOnce,
      Course course) {
    this.options = options;
    this.directory = directory;
    this.source = source;
    this.destination = destination;
    this.fence = fence;
    this.hooks = hooks;
    this.cutoverAtOnce = cutoverAtOnce;
    this.course = course;
  }

  /** When this returns, the clients have moved, and the way back is not needed or was taken. */
  void advance() throws IOException, InterruptedException {
    Standing standing = course.journal().standing();
    if (standing.opened()) {
      finish();
    } else if (seedsLate(standing)) {
      seedLate(options.seed().get(), Map.of());
    } else {
      seedEarly(standing);
    }
  }

  /** What was seeded late, and is still fenced, needs nothing but to be gone on with. */
  private boolean seedsLate(Standing standing) {
    boolean wanted = options.lateSeed() || (standing.late() && options.seed().isPresent());
    return wanted && !(standing.late() && standing.fenced() && standing.seeded().isPresent());
  }

  private void seedEarly(Standing standing) throws IOException, InterruptedException {
    try {
      if (standing.seeded().isPresent()) {
        goOn(standing);
      } else if (options.seed().isPresent()) {
        seed(options.seed().get());
      } else {
        forge(standing);
      }
    } catch (OutrunException e) {
      log.atWarn()
          .addKeyValue("writtenPerSecond", e.writtenPerSecond())
          .addKeyValue("replayedPerSecond", e.replayedPerSecond())
          .log("the source is too fast for the destination, which is seeded anew, and late");
      Map<String, String> rates =
          Map.of(
              "writtenPerSecond",
              Long.toString(e.writtenPerSecond()),
              "replayedPerSecond",
              Long.toString(e.replayedPerSecond()));
      seedLate(options.seed().orElseThrow(), rates);
    }
  }

  private void seedLate(Seed seed, Map<String, String> rates)
      throws IOException, InterruptedException {
    Standing standing = course.journal().standing();
    boolean atOnce = cutoverAtOnce || standing.fenced() || course.isAsked(Request.CUTOVER);
    LateSeeding late = new LateSeeding(source, destination, fence, course);
    late.begin(rates);
    Seeding seeding = new Seeding(seed, course);
    if (standing.phase().filter(phase -> phase.compareTo(Phase.SEED) >= 0).isPresent()) {
      late.stopDestination(hooks, options.hooks().stop());
      seeding.discard();
    }
    preflight(Optional.empty());
    course.enter(Phase.WATCH_SOURCE);
    try (RevisionStream stream =
            living(source, MigrationDirectory.SPOOL).openAtBase(Reason.INITIAL);
        Draft draft = seeding.draft()) {
      long last = late.follow(stream, draft, atOnce);
      course.enter(Phase.LATE_SEED);
      draft.finish();
      start();
      try (LockstepSink sink = sink()) {
        requireAt(sink.revision(), last);
        sink.limitPatience(Halt.PATIENCE);
        Handover handover = handover(sink);
        handover.requireSameUsers(
            "leave them alone while writers wait, then ask for the cutover again");
        handover.prove(last);
        cutOver(sink);
      }
    }
  }

  private void preflight(Optional<String> forging) throws IOException, InterruptedException {
    course.enter(Phase.PREFLIGHT);
    course.heedRequests();
    Preflight.requireNoProblem(new Preflight(source, destination, options, forging).run());
  }

  /** A destination that runs gets its base through its API. */
  private void forge(Standing standing) throws IOException, InterruptedException {
    preflight(standing.forging());
    course.enter(Phase.WATCH_SOURCE);
    try (RevisionStream stream =
            living(source, MigrationDirectory.SPOOL).openAtBase(Reason.INITIAL);
        LockstepSink sink = sink()) {
      course.enter(Phase.SEED);
      long seeded = new Pursuit(stream, new Replay(sink), source::revision, course).takeBase();
      course.journal().record(Event.SEEDED, Map.of("revision", Long.toString(seeded)));
      follow(stream, sink, cutoverAtOnce);
    }
  }

  private void seed(Seed seed) throws IOException, InterruptedException {
    Seeding seeding = new Seeding(seed, course);
    if (course.journal().standing().phase().filter(MigrationRun::hasTouchedTargets).isPresent()) {
      seeding.discard();
    }
    preflight(Optional.empty());
    course.enter(Phase.WATCH_SOURCE);
    try (RevisionStream stream =
        living(source, MigrationDirectory.SPOOL).openAtBase(Reason.INITIAL)) {
      course.enter(Phase.SEED);
      seeding.write(stream);
      start();
      long seeded = course.journal().standing().seeded().orElseThrow();
      try (LockstepSink sink = sink()) {
        requireAt(sink.revision(), seeded);
        follow(stream, sink, cutoverAtOnce);
      }
    }
  }

  /** Whether an earlier run may have left directories behind that are its own. */
  private static boolean hasTouchedTargets(Phase phase) {
    return phase == Phase.SEED;
  }

  private void start() throws IOException, InterruptedException {
    if (!Seeding.answers(destination, destination.endpoints().get(0))) {
      hooks.run("start", options.hooks().start());
    }
    Seeding.awaitStart(destination, options.patience(), course);
    if (destination.clusterId() == source.clusterId()) {
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

  private void goOn(Standing standing) throws IOException, InterruptedException {
    start();
    try (LockstepSink sink = sink()) {
      requireSameHistory(sink, standing.seeded().getAsLong());
      try (RevisionStream stream =
          living(source, MigrationDirectory.SPOOL).openAfter(sink.revision())) {
        follow(stream, sink, cutoverAtOnce || standing.fenced());
      }
    }
  }

  /** Nobody may have written while no run was looking, and no lease may have expired. */
  private void requireSameHistory(LockstepSink sink, long seeded)
      throws IOException, InterruptedException {
    long reached = sink.revision();
    if (reached < seeded) {
      requireAt(reached, seeded);
    }
    long head = source.revision();
    if (reached > head) {
      throw wentAnotherWay("the destination is at revision " + reached + ", the source at " + head);
    }
    long compacted = new CompactionProbe(source).compactRevision();
    if (compacted >= reached) {
      return; // the source cannot say any more; following it will ask for a new base
    }
    sink.compact(compacted);
    if (!comparison().keysAt(reached).equal()) {
      throw wentAnotherWay("the destination has another revision " + reached + " than the source");
    }
  }

  private static LodestoneException wentAnotherWay(String what) {
    return new LodestoneException(
        what + ": while no run kept its leases, one expired, or somebody else wrote to it",
        "abort, and begin again with another --dir and fresh directories");
  }

  private void follow(RevisionStream stream, LockstepSink sink, boolean atOnce)
      throws IOException, InterruptedException {
    Pursuit pursuit = new Pursuit(stream, new Replay(sink), source::revision, course);
    if (mayTurnLate()) {
      pursuit.endingWhenOutrun();
    }
    course.enter(Phase.CATCH_UP);
    pursuit.catchUp();
    course.enter(Phase.STEADY);
    pursuit.followUntilCutover(atOnce);
    Handover handover = handover(sink);
    if (!course.journal().standing().fenced()) {
      fence.prepare();
      handover.rehearse();
      if (options.seed().isPresent()) {
        handover.requireSameUsers(
            "make the same change on the destination, or begin again with another --dir and fresh"
                + " directories, which also brings passwords");
      }
      hooks.run("rehearsal", Optional.of(NOTHING));
      pursuit.closeUp();
    }
    sink.limitPatience(Halt.PATIENCE);
    handover.prove(new Halt(source, fence, pursuit, course).run());
    cutOver(sink);
  }

  /** Only where nobody has to be asked to stop the destination. */
  private boolean mayTurnLate() {
    return options.seed().isPresent()
        && options.hooks().stop().isPresent()
        && options.fence() != FenceKind.AUTH
        && !course.journal().standing().fenced();
  }

  private Handover handover(LockstepSink sink) throws IOException {
    return new Handover(source, destination, sink, comparison(), course);
  }

  /** The cutover had begun. */
  private void finish() throws IOException, InterruptedException {
    try (LockstepSink sink = sink()) {
      cutOver(sink);
    }
  }

  private void cutOver(LockstepSink sink) throws IOException, InterruptedException {
    Cutover cutover = new Cutover(sink, hooks, options, course);
    if (!options.keepWayBack()) {
      cutover.run();
      return;
    }
    try (WayBack wayBack = wayBack()) {
      cutover.run();
      sink.close(); // from here on, leases at the destination are their clients' business
      keep(wayBack);
    }
  }

  private void keep(WayBack wayBack) throws IOException, InterruptedException {
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

  private WayBack wayBack() throws IOException, InterruptedException {
    long last = course.journal().standing().finalRevision().orElseThrow();
    LockstepSink sink =
        LockstepSink.open(source, destination::grantedTtlSeconds, options.patience());
    try {
      return new WayBack(
          source,
          destination,
          fence,
          living(destination, "spool-back").openAfter(last),
          sink,
          comparison(),
          course);
    } catch (IOException | RuntimeException e) {
      sink.close();
      throw e;
    }
  }

  private LivingCluster living(EtcdConnection cluster, String spool) throws IOException {
    FollowOptions follow =
        FollowOptions.in(directory.fresh(spool))
            .withIntervals(options.lookInterval(), USERS_INTERVAL, LEASE_REFRESH)
            .withOwnAuthChanges(() -> cluster.equals(source) && fencesByRoles());
    return new LivingCluster(cluster, SnapshotFileSource::new, follow, Clock.systemUTC());
  }

  /** From any thread. */
  private boolean fencesByRoles() {
    return options.fence() == FenceKind.AUTH && course.phase().compareTo(Phase.FENCE) >= 0;
  }

  private LockstepSink sink() throws IOException, InterruptedException {
    Set<Reason> bases =
        options.seed().isPresent()
            ? EnumSet.of(Reason.COMPACTED)
            : EnumSet.of(Reason.INITIAL, Reason.COMPACTED, Reason.AUTH_CHANGED);
    ForgeOptions forge =
        new ForgeOptions(
            new SnapshotShelf(directory.fresh("base")),
            bases,
            new ForgeProgress(destination, options.seed().isEmpty(), course));
    return LockstepSink.forging(destination, source::grantedTtlSeconds, options.patience(), forge);
  }

  private ClusterComparison comparison() throws IOException {
    return new ClusterComparison(source, destination, directory.fresh("work"));
  }
}
