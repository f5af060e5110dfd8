package io.lodestone.raft.ratis;

import io.lodestone.raft.ConsensusException.Reason;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Who waits for the answer to which command, among those proposed here in this run. Thread-safe.
 */
final class Answers<R> {
  private final long session = new SecureRandom().nextLong();
  private final AtomicLong sequence = new AtomicLong();
  private final Map<Long, Proposed<R>> waiting = new ConcurrentHashMap<>();

  /** A proposal of {@code content}, which waits from now on. */
  Proposed<R> expect(ByteBuffer content, long deadlineNanos, Consumer<Proposed<R>> again) {
    Command command = new Command(session, sequence.incrementAndGet(), content);
    Proposed<R> proposed = new Proposed<>(command, deadlineNanos, again);
    waiting.put(proposed.sequence(), proposed);
    return proposed;
  }

  /** Answers those of {@code commands} that were proposed here; results in the same order. */
  void applied(List<Command> commands, List<R> results) {
    for (int i = 0; i < commands.size(); i++) {
      Proposed<R> proposed = find(commands.get(i));
      if (proposed != null) {
        proposed.complete(results.get(i));
      }
    }
  }

  /** These were applied here before, by way of a checkpoint; what came of them is not known. */
  void lost(List<Command> commands) {
    for (Command command : commands) {
      Proposed<R> proposed = find(command);
      if (proposed != null) {
        proposed.fail(Reason.TIMED_OUT, "applied, but the answer is not known here");
      }
    }
  }

  private Proposed<R> find(Command command) {
    return command.session() == session ? waiting.remove(command.sequence()) : null;
  }

  /** Of no effect on one that is answered. */
  void fail(Proposed<R> proposed, Reason reason, String message) {
    waiting.remove(proposed.sequence());
    proposed.fail(reason, message);
  }

  /** Fails those whose time is up. */
  void sweep(long nowNanos) {
    List<Proposed<R>> over =
        waiting.values().stream().filter(proposed -> proposed.isOver(nowNanos)).toList();
    for (Proposed<R> proposed : over) {
      waiting.remove(proposed.sequence());
      proposed.timeOut();
    }
  }

  void failAll(Reason reason, String message) {
    List.copyOf(waiting.values()).forEach(proposed -> fail(proposed, reason, message));
  }

  int count() {
    return waiting.size();
  }
}
