package io.lodestone.conformance.cluster;

import java.util.Optional;

/**
 * A permission to read and write one key, which is given once and taken away once. Times are by
 * {@link System#nanoTime}; 0 where it has not come to that. One thread writes, any reads.
 */
final class Round {
  private final String key;
  private volatile long givingNanos;
  private volatile long givenNanos;
  private volatile long takingNanos;
  private volatile long takenNanos;
  private volatile boolean sure = true;

  Round(String key) {
    this.key = key;
  }

  /** A call that was let through, or was not. */
  record Call(Round round, String what, int member, long began, long ended, boolean permitted) {}

  String key() {
    return key;
  }

  void giving() {
    givingNanos = now();
  }

  void given() {
    givenNanos = now();
  }

  void taking() {
    takingNanos = now();
  }

  void taken() {
    takenNanos = now();
  }

  private static long now() {
    return System.nanoTime() | 1;
  }

  /** An attempt to give it has no answer, and may still come to something when it was taken. */
  void maybeGivenLater() {
    sure = false;
  }

  boolean isOver() {
    return takenNanos != 0;
  }

  /** What the call must have been told; empty where both would be right. */
  static Optional<Boolean> expected(Call call) {
    Round round = call.round();
    boolean given =
        round.givenNanos != 0
            && call.began() - round.givenNanos > 0
            && (round.takingNanos == 0 || call.ended() - round.takingNanos < 0);
    if (given) {
      return Optional.of(true);
    }
    boolean notYet = round.givingNanos == 0 || call.ended() - round.givingNanos < 0;
    boolean noMore = round.sure && round.takenNanos != 0 && call.began() - round.takenNanos > 0;
    return notYet || noMore ? Optional.of(false) : Optional.empty();
  }

  @Override
  public String toString() {
    return key
        + " given ["
        + givingNanos
        + ", "
        + givenNanos
        + "], taken ["
        + takingNanos
        + ", "
        + takenNanos
        + "]";
  }
}
