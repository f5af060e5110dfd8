package io.lodestone.migrate;

import com.google.common.base.Throwables;
import io.lodestone.client.EtcdConnection;
import io.lodestone.migrate.journal.JournalEntry.Event;
import io.lodestone.migrate.journal.Phase;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/**
 * Stops the source and takes its last revisions along. Where anything goes wrong on the way, the
 * caller lowers the fence again, at once.
 */
final class Halt {
  /** Writers do not wait longer than this for one side that is away. */
  static final Duration PATIENCE = Duration.ofSeconds(15);

  private static final Duration STEP = Duration.ofMillis(5);

  private final EtcdConnection source;
  private final Fence fence;
  private final Pursuit pursuit;
  private final Course course;

  Halt(EtcdConnection source, Fence fence, Pursuit pursuit, Course course) {
    this.source = source;
    this.fence = fence;
    this.pursuit = pursuit;
    this.course = course;
  }

  /**
   * When this returns, the source is fenced, and its last revision, which is returned, is there.
   */
  long run() throws IOException, InterruptedException {
    long last = fence();
    course.enter(Phase.DRAIN);
    pursuit.drainTo(last, PATIENCE);
    return last;
  }

  /** The pursuit goes on while the fence is raised, so that little is left to be done then. */
  private long fence() throws IOException, InterruptedException {
    course.enter(Phase.FENCE);
    course.journal().record(Event.FENCING, Map.of());
    FutureTask<Long> raising = new FutureTask<>(this::raise);
    Thread thread = new Thread(raising, "migrate-fence");
    thread.start();
    try {
      while (!raising.isDone()) {
        pursuit.carry(STEP);
      }
    } finally {
      thread.join(); // a fence that is still on its way up could not be lowered
    }
    long last = outcome(raising);
    course.journal().note(Event.FENCED, Map.of("revision", Long.toString(last)));
    return last;
  }

  private long raise() throws IOException, InterruptedException {
    fence.raise();
    return source.revision();
  }

  private static long outcome(Future<Long> raised) throws IOException, InterruptedException {
    try {
      return raised.get();
    } catch (ExecutionException e) {
      Throwables.throwIfInstanceOf(e.getCause(), IOException.class);
      Throwables.throwIfInstanceOf(e.getCause(), InterruptedException.class);
      Throwables.throwIfUnchecked(e.getCause());
      throw new IllegalStateException("the fence could not be raised", e.getCause());
    }
  }
}
