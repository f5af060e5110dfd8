package io.lodestone.mvcc.lease;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.LeaseId;
import io.lodestone.api.leasepb.Lease;
import io.lodestone.mvcc.Leases;
import io.lodestone.mvcc.rocks.Cursor;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.mvcc.rocks.Rows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Every lease there is, with its deadline where this member is the leader. Thread-safe.
 *
 * <p>Deadlines are memory only: a new leader, or a restarted one, gives every lease its
 * checkpointed remaining TTL, or its whole TTL, again.
 */
public final class LeaseTable {
  /** How long an expired lease is left alone after it was told, before it is told again. */
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(3);

  private final LongSupplier nanoClock;
  private final long origin;
  private final Map<Long, Timed> leases = new ConcurrentHashMap<>();
  private final Object deadlinesLock = new Object();

  /** One for each lease; where a renewal has moved it since, it is put right when it comes up. */
  @GuardedBy("deadlinesLock")
  private final PriorityQueue<Deadline> deadlines =
      new PriorityQueue<>(Comparator.comparingLong(Deadline::nanos));

  private volatile boolean leader;

  public LeaseTable(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.origin = nanoClock.getAsLong();
  }

  /** Becomes what is stored; a lease that stays keeps its deadline. */
  public void load(Rows rows) {
    Set<Long> stored = new HashSet<>();
    try (Cursor cursor = rows.from(Family.LEASE, ByteString.EMPTY)) {
      while (cursor.next()) {
        Lease lease = Lease.parseFrom(cursor.value());
        stored.add(lease.getID());
        put(lease);
      }
      leases.keySet().retainAll(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new CorruptDataException(
          "a stored lease cannot be read",
          "check the disk; restore this data directory from a backup",
          e);
    }
  }

  public boolean exists(long id) {
    return leases.containsKey(id);
  }

  public Optional<Lease> get(long id) {
    return Optional.ofNullable(leases.get(id)).map(Timed::lease);
  }

  public Collection<Lease> all() {
    return leases.values().stream().map(Timed::lease).toList();
  }

  public int size() {
    return leases.size();
  }

  /** Adds or replaces it; a lease that is there keeps its deadline. Apply thread. */
  public void put(Lease lease) {
    Timed known = leases.get(lease.getID());
    if (known != null) {
      leases.put(lease.getID(), new Timed(lease, known.deadlineNanos));
    } else {
      schedule(lease, Duration.ZERO);
    }
  }

  /** Apply thread. */
  public void remove(long id) {
    leases.remove(id);
  }

  /** Gives it its whole TTL again and returns that; empty where it does not exist. */
  public Optional<Long> renew(long id) {
    Timed renewed =
        leases.computeIfPresent(
            id, (key, known) -> new Timed(known.lease, deadline(known.lease.getTTL())));
    return Optional.ofNullable(renewed).map(timed -> timed.lease.getTTL());
  }

  /** The time it has left, below zero where it has expired; the whole TTL on a follower. */
  public Optional<Duration> remaining(long id) {
    return Optional.ofNullable(leases.get(id)).map(this::remaining);
  }

  private Duration remaining(Timed timed) {
    return leader
        ? Duration.ofNanos(timed.deadlineNanos - now())
        : Duration.ofSeconds(left(timed.lease));
  }

  /** In ascending order of the time they have left. */
  public List<LeaseId> byRemaining() {
    return leases.values().stream()
        .sorted(Comparator.comparing(this::remaining))
        .map(timed -> new LeaseId(timed.lease.getID()))
        .toList();
  }

  /** Of those that have not expired; see {@link Leases#forgettable}. */
  public List<Remainder> forgettable(Duration drift, int limit) {
    return leader
        ? leases.values().stream()
            .filter(timed -> isForgettable(timed, drift))
            .limit(limit)
            .map(timed -> new Remainder(new LeaseId(timed.lease.getID()), secondsLeft(timed)))
            .toList()
        : List.of();
  }

  private boolean isForgettable(Timed timed, Duration drift) {
    Duration remaining = remaining(timed);
    Duration known = Duration.ofSeconds(left(timed.lease));
    return !remaining.isNegative()
        && !remaining.isZero()
        && known.minus(remaining).compareTo(drift) >= 0;
  }

  private long secondsLeft(Timed timed) {
    return remaining(timed).plusSeconds(1).minusNanos(1).toSeconds();
  }

  public void promote(Duration extend) {
    demote();
    leader = true;
    leases.values().forEach(timed -> schedule(timed.lease, extend));
  }

  public void demote() {
    leader = false;
    synchronized (deadlinesLock) {
      deadlines.clear();
    }
  }

  /**
   * Leases whose time has run out, at most {@code limit}; each is told again after a while, in case
   * its revocation got lost.
   */
  public List<LeaseId> expired(int limit) {
    long now = now();
    List<LeaseId> expired = new ArrayList<>();
    synchronized (deadlinesLock) {
      while (leader && expired.size() < limit && !deadlines.isEmpty()) {
        if (deadlines.peek().nanos > now) {
          break;
        }
        Deadline due = deadlines.poll();
        Timed timed = leases.get(due.id);
        if (timed != null && timed.deadlineNanos > now) {
          deadlines.add(new Deadline(due.id, timed.deadlineNanos));
        } else if (timed != null) {
          expired.add(new LeaseId(due.id));
          deadlines.add(new Deadline(due.id, now + RETRY_NANOS));
        }
      }
    }
    return expired;
  }

  private void schedule(Lease lease, Duration extend) {
    long due = deadline(left(lease)) + extend.toNanos();
    leases.put(lease.getID(), new Timed(lease, due));
    watch(lease.getID(), due);
  }

  private void watch(long id, long due) {
    if (leader) {
      synchronized (deadlinesLock) {
        deadlines.add(new Deadline(id, due));
      }
    }
  }

  private long deadline(long seconds) {
    return now() + TimeUnit.SECONDS.toNanos(seconds);
  }

  /** Since the table was made, so that the longest TTL fits behind it. */
  private long now() {
    return nanoClock.getAsLong() - origin;
  }

  private static long left(Lease lease) {
    return lease.getRemainingTTL() > 0 ? lease.getRemainingTTL() : lease.getTTL();
  }

  private record Timed(Lease lease, long deadlineNanos) {}

  private record Deadline(long id, long nanos) {}
}
