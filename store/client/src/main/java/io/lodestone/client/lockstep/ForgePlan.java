package io.lodestone.client.lockstep;

import com.google.protobuf.ByteString;
import io.lodestone.api.LeaseId;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.LeaseState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What has to happen between the revision at which a destination is and the horizon, so that every
 * key then has the create revision, version and place in its revision that a base says. The horizon
 * is the base's compact revision: the history behind it is complete and is repeated, the one before
 * it has been forgotten, and any history will do that ends alike.
 *
 * <p>A key that was changed {@code v} times needs a first put at its create revision, {@code v - 2}
 * more at any revisions before its last, and its last one as it was. What the destination has too
 * many is deleted. The plan follows from the base and from what the destination holds now, so that
 * a forging which was broken off goes on with a new plan. Memory grows with the keys, not with
 * their values. Immutable.
 */
final class ForgePlan {
  /** Beyond it the changes of one revision do not fit into one transaction. */
  private static final long LAST_PLACE = 60_000;

  private final long start;
  private final long compacted;
  private final long target;
  private final Map<LeaseId, Long> leases;
  private final Map<ByteString, Last> last;
  private final boolean onlyLive;
  private final PadKeys pads;
  private final List<Growth> growths;
  private final List<Deletion> deletions;
  private final ForgeCost cost;
  private final long horizon;

  /** Where a key stands at the horizon. */
  private record Last(long create, long main, long sub, long version) {
    static Last of(RevisionRecord row) {
      KeyValue value = row.keyValue();
      return new Last(
          value.getCreateRevision(), row.main(), row.revision().sub(), value.getVersion());
    }
  }

  /**
   * Puts that bring a key's version to one less than its last.
   *
   * @param create where the key is put first; 0 where the destination has it already
   * @param from the first revision at which it may be put again
   * @param last where it is put for the last time
   * @param fillings how many puts there are between, at most one for each revision
   */
  record Growth(ByteString key, long create, long from, long last, long fillings) {
    /** From here on there is no revision to spare. */
    long latestStart() {
      return last - fillings;
    }
  }

  /** A key that has to be gone at {@code deadline}, the latest. */
  record Deletion(ByteString key, long deadline) {}

  private ForgePlan(Reader reader, Collection<KeyValue> present) {
    start = reader.start;
    horizon = reader.horizon;
    compacted = reader.compacted;
    target = reader.target;
    leases = Map.copyOf(reader.leases);
    last = reader.last;
    onlyLive = reader.onlyLive;
    pads = PadKeys.unlike(reader.padLike, present);
    growths = reader.growths;
    deletions = reader.deletions;
    reader.compare(present, pads);
    growths.sort(Comparator.comparingLong(Growth::from));
    deletions.sort(
        Comparator.comparingLong(Deletion::deadline)
            .thenComparing(Deletion::key, ByteString.unsignedLexicographicalComparator()));
    cost = reader.cost(deletions.size());
  }

  /**
   * Reads {@code base} to its end; fails where no history of the destination can end in it.
   *
   * @param start the destination's revision
   * @param present its live keys, without values
   */
  static ForgePlan of(RevisionStream base, long start, Collection<KeyValue> present)
      throws IOException, InterruptedException {
    Map<ByteString, KeyValue> found = new HashMap<>();
    present.forEach(key -> found.put(key.getKey(), key));
    Reader reader = new Reader(start, found);
    reader.read(base);
    return new ForgePlan(reader, present);
  }

  /** Up to here the history is made up, behind it repeated. */
  long horizon() {
    return horizon;
  }

  /** The base's compact revision, -1 for none. */
  long compacted() {
    return compacted;
  }

  /** The base's revision. */
  long target() {
    return target;
  }

  /** With their granted TTLs, in seconds. */
  Map<LeaseId, Long> leases() {
    return leases;
  }

  PadKeys pads() {
    return pads;
  }

  /** By the first revision at which they may be put again. */
  List<Growth> growths() {
    return growths;
  }

  /** By their deadlines. */
  List<Deletion> deletions() {
    return deletions;
  }

  ForgeCost cost() {
    return cost;
  }

  /** Whether {@code row}, of the base, is to be put as it is, to be its key's last. */
  boolean isLast(RevisionRecord row) {
    if (row.tombstone() || row.main() <= start || row.main() > horizon) {
      return false;
    }
    Last of = last.get(row.key());
    return of == null ? onlyLive : of.main() == row.main() && of.sub() == row.revision().sub();
  }

  /** One pass over a base. */
  private static final class Reader {
    private final long start;
    private final Map<ByteString, KeyValue> present;
    private final Map<LeaseId, Long> leases = new HashMap<>();
    private final Map<ByteString, Last> last = new HashMap<>();
    private final List<Growth> growths = new ArrayList<>();
    private final List<Deletion> deletions = new ArrayList<>();
    private final List<ByteString> padLike = new ArrayList<>();
    private long horizon;
    private long compacted;
    private long target;
    private long lastRevisions;
    private long repeatedRevisions;
    private long newest;

    /** Whether every put up to the horizon is its key's last: the compaction has been done. */
    private boolean onlyLive;

    Reader(long start, Map<ByteString, KeyValue> present) {
      this.start = start;
      this.present = present;
    }

    void read(RevisionStream base) throws IOException, InterruptedException {
      StreamItem item = base.next();
      while (!(item instanceof Complete)) {
        if (item instanceof Compaction compaction) {
          compacted = compaction.scheduled();
          horizon = Math.max(start, compacted);
          onlyLive = compaction.finished() == horizon;
        } else if (item instanceof LeaseState lease) {
          leases.put(lease.id(), lease.grantedTtlSeconds());
        } else if (item instanceof RevisionRecord row) {
          read(row);
        }
        item = base.next();
      }
      target = ((Complete) item).revision();
    }

    private void read(RevisionRecord row) {
      if (row.main() > start && row.main() > newest) {
        lastRevisions += row.main() <= horizon ? 1 : 0;
        repeatedRevisions += row.main() > horizon ? 1 : 0;
        newest = row.main();
      }
      if (row.main() > horizon) {
        return;
      }
      ByteString key = row.key();
      if (key.isEmpty()) {
        throw new ImpossibleForgeException(
            "its row at revision "
                + row.main()
                + " has no key: the source was once restored with a revision bump");
      }
      if (row.tombstone()) {
        last.remove(key);
        return;
      }
      if (row.main() > start && row.revision().sub() > LAST_PLACE) {
        throw new ImpossibleForgeException(
            "its revision " + row.main() + " has more than " + LAST_PLACE + " changes");
      }
      if (PadKeys.isAlike(key)) {
        padLike.add(copy(key));
      }
      if (isNeeded(row, key)) {
        last.put(copy(key), Last.of(row));
      }
    }

    /** A row's key is part of the row, and would keep all of it in memory. */
    private static ByteString copy(ByteString key) {
      return ByteString.copyFrom(key.toByteArray());
    }

    /** Others need nothing but to be put. */
    private boolean isNeeded(RevisionRecord row, ByteString key) {
      return !onlyLive
          || row.main() <= start
          || present.containsKey(key)
          || row.keyValue().getVersion() > 1;
    }

    void compare(Collection<KeyValue> found, PadKeys pads) {
      last.forEach(this::grow);
      for (KeyValue key : found) {
        Last wanted = last.get(key.getKey());
        boolean stays = wanted != null && wanted.create() == key.getCreateRevision();
        if (!stays && !pads.contains(key.getKey())) {
          delete(key, wanted == null ? horizon : wanted.create() - 1);
        }
      }
    }

    private void grow(ByteString key, Last wanted) {
      KeyValue found = present.get(key);
      boolean there = found != null && found.getCreateRevision() == wanted.create();
      if (wanted.main() <= start) {
        require(
            there
                && found.getModRevision() == wanted.main()
                && found.getVersion() == wanted.version(),
            key,
            wanted.main());
      } else if (wanted.create() <= start) {
        require(there, key, wanted.create());
        long fillings = wanted.version() - found.getVersion() - 1;
        require(fillings >= 0 && fillings < wanted.main() - start, key, wanted.main());
        growths.add(new Growth(key, 0, start + 1, wanted.main(), fillings));
      } else if (wanted.version() > 1) {
        growths.add(
            new Growth(
                key, wanted.create(), wanted.create() + 1, wanted.main(), wanted.version() - 2));
      }
    }

    private void require(boolean possible, ByteString key, long revision) {
      if (!possible) {
        throw new ImpossibleForgeException(
            "key "
                + key.toStringUtf8()
                + " was written at revision "
                + revision
                + ", which the destination has passed without it: it is at "
                + start);
      }
    }

    private void delete(KeyValue key, long deadline) {
      if (deadline <= start) {
        throw new ImpossibleForgeException(
            "the destination has key "
                + key.getKey().toStringUtf8()
                + " of revision "
                + key.getModRevision()
                + ", which the source does not have, and is at "
                + start
                + " already");
      }
      deletions.add(new Deletion(key.getKey(), deadline));
    }

    ForgeCost cost(int deleted) {
      long creations = growths.stream().filter(growth -> growth.create() > 0).count();
      long ordered = Math.min(lastRevisions + creations + deleted, horizon - start);
      return new ForgeCost(ordered + repeatedRevisions, horizon - start - ordered);
    }
  }
}
