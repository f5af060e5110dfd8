package io.lodestone.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lodestone.revisions.StreamItem.SideState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the side thread saw beside the keyspace, until the tail thread finds a boundary to put it
 * into the stream. Thread-safe.
 */
final class Observations {

  /** At {@code at} the cluster's newest revision was {@code revision}. */
  record Head(long revision, Instant at) {}

  /**
   * @param compacted the newest compact revision that may be told by now, -1 if none
   * @param leases lease items in the order they were seen
   */
  record Seen(long compacted, List<SideState> leases, Optional<Head> head, boolean authChanged) {}

  private final Object lock = new Object();

  @GuardedBy("lock")
  private long compacted = -1;

  /** Where the cluster stood when {@link #compacted} was seen. */
  @GuardedBy("lock")
  private long compactedHead = -1;

  @GuardedBy("lock")
  private List<SideState> leases = new ArrayList<>();

  @GuardedBy("lock")
  private Optional<Head> head = Optional.empty();

  @GuardedBy("lock")
  private boolean authChanged;

  @GuardedBy("lock")
  private long epoch;

  private volatile boolean any;
  private volatile long markedNanos = System.nanoTime();

  boolean any() {
    return any;
  }

  /** Tail thread: the stream has just said where it stands. */
  void marked() {
    markedNanos = System.nanoTime();
  }

  Duration sinceMark() {
    return Duration.ofNanos(System.nanoTime() - markedNanos);
  }

  /** Tail thread: a base begins, and what was seen before it is void. Returns the new epoch. */
  long beginBase() {
    synchronized (lock) {
      leases = new ArrayList<>();
      compacted = -1;
      compactedHead = -1;
      head = Optional.empty();
      authChanged = false;
      return ++epoch;
    }
  }

  long epoch() {
    synchronized (lock) {
      return epoch;
    }
  }

  long compacted() {
    synchronized (lock) {
      return compacted;
    }
  }

  /**
   * The compact revision is {@code revision} now, and the cluster's newest revision is {@code
   * newest}: up to there the stream goes as it was before the compaction, so that a state of then
   * is never compacted further than it was.
   */
  void compacted(long seenInEpoch, long revision, long newest) {
    synchronized (lock) {
      if (seenInEpoch == epoch) {
        compacted = Math.max(compacted, revision);
        compactedHead = newest;
        any = true;
      }
    }
  }

  /** Keeps {@code items} unless a base began since {@code seenInEpoch}. */
  void leases(long seenInEpoch, List<? extends SideState> items) {
    synchronized (lock) {
      if (seenInEpoch == epoch && !items.isEmpty()) {
        leases.addAll(items);
        any = true;
      }
    }
  }

  void head(Head seen) {
    synchronized (lock) {
      head = Optional.of(seen);
      any = true;
    }
  }

  void authChanged(long seenInEpoch) {
    synchronized (lock) {
      if (seenInEpoch == epoch) {
        authChanged = true;
        any = true;
      }
    }
  }

  /** Everything new since the last call that may stand behind revision {@code complete}. */
  Seen take(long complete) {
    synchronized (lock) {
      boolean waits = compactedHead > complete;
      Seen seen = new Seen(waits ? -1 : compacted, leases, head, authChanged);
      leases = new ArrayList<>();
      head = Optional.empty();
      authChanged = false;
      any = waits;
      return seen;
    }
  }
}
