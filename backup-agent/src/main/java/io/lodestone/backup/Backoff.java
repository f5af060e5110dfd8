package io.lodestone.backup;

import java.time.Duration;

/** Pauses between attempts, each twice as long as the one before. Confined to one thread. */
public final class Backoff {
  private final Duration first;
  private final Duration longest;
  private Duration next;

  public Backoff(Duration first, Duration longest) {
    this.first = first;
    this.longest = longest;
    this.next = first;
  }

  /** The pause to make now. */
  public Duration next() {
    Duration pause = next;
    Duration doubled = pause.multipliedBy(2);
    next = doubled.compareTo(longest) < 0 ? doubled : longest;
    return pause;
  }

  /** Something has succeeded since: the next pause is the first one again. */
  public void reset() {
    next = first;
  }
}
