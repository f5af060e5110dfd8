package io.lodestone.etcdfile.wal;

import io.lodestone.api.etcdserverpb.Metadata;
import io.lodestone.api.raftpb.Entry;
import io.lodestone.api.raftpb.HardState;
import io.lodestone.api.walpb.Snapshot;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What one pass over the log tells: whose it is, what is committed, which entries count. Confined
 * to one thread.
 *
 * <p>An entry whose index was written before replaces it and everything behind it, as a new leader
 * demands. Only the latest such cut at each height matters; they are kept as a stack.
 */
final class LogSurvey {
  private final Set<SnapshotId> wanted;
  private final Set<SnapshotId> snapshots = new HashSet<>();
  private final Deque<Cut> cuts = new ArrayDeque<>();
  private Optional<Metadata> metadata = Optional.empty();
  private HardState state = HardState.getDefaultInstance();
  private long lastIndex;
  private long unbrokenFrom;

  /** Term and index of a raft snapshot. */
  record SnapshotId(long term, long index) {}

  /**
   * From record {@code ordinal} on, entries at or above {@code index} that came before are void.
   */
  private record Cut(long ordinal, long index) {}

  /**
   * @param wanted the snapshots that exist as files; others are not remembered
   */
  LogSurvey(Set<SnapshotId> wanted) {
    this.wanted = wanted;
  }

  void accept(WalRecord record) {
    if (record.type() == RecordType.METADATA) {
      metadata(record);
    } else if (record.type() == RecordType.ENTRY) {
      entry(record);
    } else if (record.type() == RecordType.STATE) {
      state = record.parse(HardState.parser());
    } else if (record.type() == RecordType.SNAPSHOT) {
      Snapshot snapshot = record.parse(Snapshot.parser());
      SnapshotId id = new SnapshotId(snapshot.getTerm(), snapshot.getIndex());
      if (wanted.contains(id)) {
        snapshots.add(id);
      }
    } else {
      throw record.corrupt("has the unknown type " + record.type());
    }
  }

  private void metadata(WalRecord record) {
    Metadata found = record.parse(Metadata.parser());
    if (metadata.isPresent() && !metadata.get().equals(found)) {
      throw record.corrupt(
          "belongs to member "
              + Long.toHexString(found.getNodeID())
              + ", the log before it to member "
              + Long.toHexString(metadata.get().getNodeID()));
    }
    metadata = Optional.of(found);
  }

  private void entry(WalRecord record) {
    long index = record.parse(Entry.parser()).getIndex();
    if (index <= 0) {
      throw record.corrupt("is an entry with index " + index);
    }
    if (index <= lastIndex) {
      while (!cuts.isEmpty() && cuts.peekLast().index >= index) {
        cuts.removeLast();
      }
      cuts.addLast(new Cut(record.ordinal(), index));
      unbrokenFrom = Math.min(unbrokenFrom, index);
    } else if (index > lastIndex + 1 || lastIndex == 0) {
      unbrokenFrom = index;
    }
    lastIndex = index;
  }

  Optional<Metadata> metadata() {
    return metadata;
  }

  long commit() {
    return state.getCommit();
  }

  /** The index of the last entry; 0 without any. */
  long lastIndex() {
    return lastIndex;
  }

  /** Entries from this index to the last have no gap; 0 without any. */
  long unbrokenFrom() {
    return unbrokenFrom;
  }

  /** Whether the log tells of this snapshot, and had committed all it covers. */
  boolean confirms(SnapshotId snapshot) {
    return snapshots.contains(snapshot) && snapshot.index() <= commit();
  }

  /** Whether the entry in record {@code ordinal} was not replaced later. */
  boolean stands(long ordinal, long index) {
    return cuts.stream().noneMatch(cut -> ordinal < cut.ordinal && cut.index <= index);
  }
}
