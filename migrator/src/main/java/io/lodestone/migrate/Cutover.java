package io.lodestone.migrate;

import io.lodestone.client.lockstep.LockstepSink;
import io.lodestone.migrate.journal.JournalEntry.Event;
import io.lodestone.migrate.journal.Phase;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Sends the clients to the destination. From its beginning on the fence of the source stays up,
 * whatever happens: nobody knows then which clients have moved. May be repeated where an earlier
 * run died in it.
 */
final class Cutover {
  private static final long TICK_MILLIS = 100;

  private final LockstepSink sink;
  private final HookRunner hooks;
  private final MigrationOptions options;
  private final Course course;

  Cutover(LockstepSink sink, HookRunner hooks, MigrationOptions options, Course course) {
    this.sink = sink;
    this.hooks = hooks;
    this.options = options;
    this.course = course;
  }

  void run() throws IOException, InterruptedException {
    course.enter(Phase.CUTOVER);
    boolean hookWasRun =
        course.journal().entries().stream().anyMatch(entry -> entry.event() == Event.OPENED);
    if (!hookWasRun) {
      hooks.run("cutover", options.hooks().cutover());
      course.journal().record(Event.OPENED, Map.of());
    }
    await(System.nanoTime() + options.leaseGrace().toNanos());
    sink.releaseLeases();
  }

  private void await(long end) throws InterruptedException {
    while (System.nanoTime() - end < 0) {
      course.heedStop();
      long leftMillis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      TimeUnit.MILLISECONDS.sleep(Math.max(1, Math.min(TICK_MILLIS, leftMillis)));
    }
  }
}
