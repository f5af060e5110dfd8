package io.lodestone.migrate;

import io.lodestone.api.LodestoneException;
import io.lodestone.api.authpb.Role;
import io.lodestone.client.Credentials;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.UnavailableException;
import io.lodestone.migrate.MigrationDirectory.Hold;
import io.lodestone.migrate.journal.Journal;
import io.lodestone.migrate.journal.JournalEntry.Event;
import io.lodestone.migrate.journal.Outcome;
import io.lodestone.migrate.journal.Phase;
import io.lodestone.migrate.journal.Standing;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One migration: a state machine whose memory is a journal. A run that was killed in any phase is
 * continued by the next; a run that fails leaves the source taking writes. One process at a time
 * runs it; {@link #cutOver} and {@link #abort} of another one are requests to that process.
 */
public final class Migration {
  private static final Logger log = LoggerFactory.getLogger(Migration.class);
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
      List<Check> checks =
          new ArrayList<>(new Preflight(source, destination, options, Optional.empty()).run());
      if (options.fence() == FenceKind.AUTH) {
        checks.add(explained(authFence(source)));
      }
      return List.copyOf(checks);
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
    if (isAborted(Standing.of(directory.entries()))) {
      return;
    }
    askAndWait(Request.ABORT);
    try (Hold hold = directory.hold();
        Journal journal = hold.journal();
        EtcdConnection source = EtcdConnection.open(options.source())) {
      if (!isAborted(journal.standing())) {
        requireSource(journal, source);
        giveUp(journal, fence(source));
      }
    }
  }

  /** Fails where it is too late to abort. */
  private static boolean isAborted(Standing standing) {
    if (standing.outcome().equals(Optional.of(Outcome.ABORTED))) {
      return true;
    }
    requireNotOver(standing);
    requireNotOpened(standing);
    return false;
  }

  private static void requireNotOpened(Standing standing) {
    if (standing.opened()) {
      throw new LodestoneException(
          "the cutover has begun: clients may write to the destination already",
          "go on with lodestone migrate run, or take the move back with lodestone migrate"
              + " rollback");
    }
  }

  private void giveUp(Journal journal, Fence fence) throws IOException, InterruptedException {
    reopen(journal, fence);
    journal.record(Event.ENDED, Map.of("outcome", Outcome.ABORTED.name()));
  }

  /**
   * Takes a cutover back: when this returns, the source takes writes and the destination does not.
   * Where a process keeps the way back open, it repeats on the source what the destination has
   * done. Where none does, this is refused once the destination has been written to.
   */
  public void rollback() throws IOException, InterruptedException {
    requireCutover(Standing.of(directory.entries()));
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
      requireSource(journal, source);
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
    return Standing.of(directory.entries()).outcome().equals(Optional.of(Outcome.ROLLED_BACK));
  }

  /** The way back is not needed any more: asks the process that keeps it open to end. */
  public void finish() throws IOException, InterruptedException {
    if (!askAndWait(Request.FINISH)) {
      throw new LodestoneException(
          "no process keeps a way back open", "see lodestone migrate status");
    }
  }

  /**
   * False where no process runs the migration; otherwise waits until that process has done it or
   * ended.
   */
  private boolean askAndWait(Request request) throws IOException, InterruptedException {
    Optional<Hold> free = directory.tryHold();
    if (free.isPresent()) {
      free.get().close();
      return false;
    }
    directory.ask(request);
    while (free.isEmpty() && !isDone(request)) {
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      free = directory.tryHold();
    }
    if (free.isPresent()) {
      free.get().close();
    }
    MigrationReport.of(directory.entries())
        .lastFailure()
        .ifPresent(
            message -> {
              throw new LodestoneException(
                  message, "the process that ran the migration says more; mend it and run again");
            });
    return true;
  }

  /** A process that keeps the way back open goes on behind the cutover. */
  private boolean isDone(Request request) throws IOException {
    return request == Request.CUTOVER
        && Standing.of(directory.entries()).phase().equals(Optional.of(Phase.REVERSE_SYNC));
  }

  private void run(boolean cutoverAtOnce) throws IOException, InterruptedException {
    try (Hold hold = directory.hold();
        Journal journal = hold.journal();
        EtcdConnection source = EtcdConnection.open(options.source());
        EtcdConnection destination = EtcdConnection.open(options.destination())) {
      requireNotOver(journal.standing());
      requireSource(journal, source);
      if (options.fence() == FenceKind.AUTH && !journal.standing().opened()) {
        List<Role> unused = authFence(source).requirePossible();
      }
      directory.forgetRequests();
      Course course = new Course(journal, directory, listener);
      running = Optional.of(course);
      if (stopped) {
        course.stop();
      }
      try {
        new MigrationRun(
                options,
                directory,
                source,
                destination,
                fence(source),
                hooks(),
                cutoverAtOnce,
                course)
            .advance();
        if (journal.standing().outcome().isEmpty()) {
          course.enter(Phase.DONE);
          journal.record(Event.ENDED, Map.of("outcome", Outcome.DONE.name()));
        }
      } catch (AbortedException e) {
        giveUp(journal, fence(source));
        throw e;
      } catch (IOException | InterruptedException | RuntimeException e) {
        endRun(journal, fence(source), e);
        throw e;
      }
    }
  }

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
  private void endRun(Journal journal, Fence fence, Exception failure)
      throws IOException, InterruptedException {
    try {
      reopen(journal, fence);
      journal.record(Event.FAILED, Map.of("message", String.valueOf(failure.getMessage())));
    } catch (LodestoneException e) {
      journal.record(Event.FAILED, Map.of("message", e.getMessage()));
      e.addSuppressed(failure);
      throw e;
    }
  }

  /** Where the source cannot be reached, tries again for as long as the options are patient. */
  private void reopen(Journal journal, Fence fence) throws IOException, InterruptedException {
    Standing standing = journal.standing();
    if (!standing.fenced() || standing.opened()) {
      return;
    }
    long giveUpAt = System.nanoTime() + options.patience().toNanos();
    while (!isLowered(fence, stopped || System.nanoTime() - giveUpAt > 0)) {
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    journal.record(Event.UNFENCED, Map.of());
  }

  private static boolean isLowered(Fence fence, boolean lastAttempt)
      throws IOException, InterruptedException {
    try {
      fence.lower();
      return true;
    } catch (LodestoneException e) {
      if (!UnavailableException.isAbsence(e)) {
        throw e;
      }
      if (lastAttempt) {
        throw new LodestoneException(
            "the source is still fenced and takes no writes, since it cannot be reached: "
                + e.getMessage(),
            "as soon as it can be: lodestone migrate abort",
            e);
      }
      log.atWarn()
          .addKeyValue("reason", e.getMessage())
          .log("the source, which is fenced, cannot be reached to be opened; trying again");
      return false;
    }
  }

  /** A journal is of one source: what it says of a fence must not be done to another. */
  private void requireSource(Journal journal, EtcdConnection cluster) throws IOException {
    String source = Long.toHexString(cluster.clusterId());
    Optional<String> begunWith = journal.standing().source();
    if (begunWith.isEmpty()) {
      journal.begin(source);
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
  }

  private Fence fence(EtcdConnection source) {
    MigrationOptions.Hooks hooks = options.hooks();
    return switch (options.fence()) {
      case ALARM -> new AlarmFence(source);
      case AUTH -> authFence(source);
      case HOOK -> new HookFence(source, hooks(), hooks.fence(), hooks.unfence());
      case NONE -> new HookFence(source, hooks(), Optional.empty(), Optional.empty());
    };
  }

  private static Check explained(AuthFence fence) {
    try {
      String roles =
          fence.requirePossible().stream()
              .map(role -> role.getName().toStringUtf8())
              .collect(Collectors.joining(", "));
      return Check.warning(
          "fence",
          "at the cutover these roles lose their permissions to write: " + roles,
          "keep root from writing then, and long-lived leases from expiring: neither can be fenced"
              + " by roles; an abort or a rollback gives the permissions back");
    } catch (LodestoneException e) {
      return Check.problem("fence", e.getMessage(), e.hint());
    }
  }

  private AuthFence authFence(EtcdConnection source) {
    String user = options.source().credentials().map(Credentials::user).orElse("");
    return new AuthFence(source, user, directory.revokedRoles());
  }

  private HookRunner hooks() {
    return new HookRunner(directory.hooksLog(), Map.of(), options.patience());
  }
}
