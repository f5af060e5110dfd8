package io.lodestone.replica;

import io.lodestone.api.LeaseId;
import io.lodestone.mvcc.Durability;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.Leases.LeaseStatus;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.AlarmState;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.LeaseGone;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.MemberState;
import io.lodestone.revisions.StreamItem.SideState;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A base that is taken for what a watch does not tell, above all users and roles: the engine that
 * is served has everything else, or all of it that is older, and stays. Revisions that it lacks are
 * taken from the base like a tail. Confined to one thread.
 *
 * <p>Not for a base that was compacted past the engine: revisions between the two are no longer
 * whole.
 */
final class BaseInPlace {
  private static final int MOST_ROWS = 1000;
  private static final int MOST_BYTES = 1 << 20;

  private final Engine engine;
  private final BaseStart start;
  private final long known;
  private final List<SideState> beside = new ArrayList<>();
  private final Set<LeaseId> leases = new HashSet<>();
  private final List<StreamItem> tail = new ArrayList<>();
  private long tailBytes;
  private long open;

  BaseInPlace(Engine engine, BaseStart start) {
    this.engine = engine;
    this.start = start;
    this.known = engine.revision();
    this.open = known;
  }

  /** What the base began with. */
  BaseStart start() {
    return start;
  }

  /** Whether a base with this compaction tells every revision that the engine lacks. */
  boolean fits(Compaction compaction) {
    return compaction.scheduled() <= known;
  }

  /** Takes the items of the base, but for its last. */
  void accept(StreamItem item) throws IOException {
    if (item instanceof RevisionRecord row) {
      take(row);
    } else if (item instanceof LeaseState lease) {
      take(lease);
    } else if (item instanceof SideState state && !isOfWholeBases(state)) {
      beside.add(state);
    }
  }

  /** Alarms and members stay those of the last base that was whole. */
  private static boolean isOfWholeBases(SideState state) {
    return state instanceof AlarmState || state instanceof MemberState;
  }

  /** Of a lease that is known, more is known than its base says. */
  private void take(LeaseState lease) {
    leases.add(lease.id());
    long granted =
        engine.leases().status(lease.id(), false).map(LeaseStatus::grantedTtlSeconds).orElse(0L);
    if (granted != lease.grantedTtlSeconds()) {
      beside.add(lease);
    }
  }

  private void take(RevisionRecord row) throws IOException {
    if (row.main() <= known) {
      return;
    }
    if (row.main() != open) {
      finishOpen();
      open = row.main();
    }
    tail.add(row);
    tailBytes += row.value().size();
  }

  private void finishOpen() throws IOException {
    if (open > engine.revision()) {
      tail.add(new Complete(open, Instant.EPOCH));
    }
    if (tail.size() >= MOST_ROWS || tailBytes >= MOST_BYTES) {
      engine.follow(List.copyOf(tail), Durability.BY_LOG);
      tail.clear();
      tailBytes = 0;
    }
  }

  /** When this returns, the engine shows what the base says. */
  void finish() throws IOException {
    finishOpen();
    for (LeaseId lease : engine.leases().list()) {
      if (!leases.contains(lease)) {
        tail.add(new LeaseGone(lease));
      }
    }
    tail.addAll(beside);
    engine.follow(List.copyOf(tail), Durability.BY_LOG);
  }
}
