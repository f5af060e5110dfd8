package io.lodestone.raft.ratis;

import io.lodestone.raft.ConsensusException;
import io.lodestone.raft.ConsensusException.Reason;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * A command that was proposed here and waits for its answer, which comes from applying it here, or
 * when its time is up. Thread-safe.
 */
final class Proposed<R> implements Parcel {
  private enum Stage {
    WAITS,
    TAKEN,
    ANSWERED
  }

  private final long sequence;
  private final byte[] commands;
  private final long deadlineNanos;
  private final Consumer<Proposed<R>> again;
  private final CompletableFuture<R> answer = new CompletableFuture<>();
  private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.WAITS);

  /** {@code again} puts it back into the outbox. */
  Proposed(Command command, long deadlineNanos, Consumer<Proposed<R>> again) {
    this.sequence = command.sequence();
    this.commands = command.encoded();
    this.deadlineNanos = deadlineNanos;
    this.again = again;
  }

  long sequence() {
    return sequence;
  }

  CompletableFuture<R> answer() {
    return answer;
  }

  boolean isOver(long nowNanos) {
    return nowNanos - deadlineNanos >= 0;
  }

  @Override
  public byte[] commands() {
    return commands;
  }

  @Override
  public boolean stays() {
    return false;
  }

  @Override
  public boolean take() {
    return stage.compareAndSet(Stage.WAITS, Stage.TAKEN);
  }

  @Override
  public void refused() {
    if (stage.compareAndSet(Stage.TAKEN, Stage.WAITS)) {
      again.accept(this);
    }
  }

  @Override
  public void proposed() {}

  void complete(R result) {
    stage.set(Stage.ANSWERED);
    answer.complete(result);
  }

  /** As one whose time is up. */
  void timeOut() {
    boolean waited = stage.getAndSet(Stage.ANSWERED) == Stage.WAITS;
    answer.completeExceptionally(
        waited
            ? new ConsensusException(Reason.NO_LEADER, "no leader took the proposal")
            : new ConsensusException(
                Reason.TIMED_OUT, "the proposal has no answer; it may have been applied"));
  }

  void fail(Reason reason, String message) {
    stage.set(Stage.ANSWERED);
    answer.completeExceptionally(new ConsensusException(reason, message));
  }
}
