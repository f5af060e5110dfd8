package io.lodestone.client.lockstep;

import com.google.protobuf.ByteString;
import io.lodestone.revisions.RevisionRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * Turns the changes of a revision into operations, a long run of deletions into one range deletion
 * where that deletes the same keys in the same order: n single deletions can exceed the size limit
 * of a request although the source's one did not. Immutable.
 */
final class DeleteRuns {
  /** Shorter runs stay single deletions, which cost no question to the destination. */
  private static final int SHORTEST = 64;

  private static final Comparator<ByteString> ORDER =
      ByteString.unsignedLexicographicalComparator();

  private final LiveCount liveKeys;

  /** The destination's keys in {@code [from, to)} as they are before the revision. */
  interface LiveCount {
    long count(ByteString from, ByteString to) throws InterruptedException;
  }

  DeleteRuns(LiveCount liveKeys) {
    this.liveKeys = liveKeys;
  }

  List<Operation> operations(List<RevisionRecord> records) throws InterruptedException {
    List<Operation> operations = new ArrayList<>();
    for (int at = 0; at < records.size(); ) {
      int end = endOfRun(records, at);
      if (isRange(records, at, end)) {
        operations.add(Operation.deleteAll(records.get(at).key(), records.get(end - 1).key()));
      } else {
        records.subList(at, end).forEach(record -> operations.add(Operation.of(record)));
      }
      at = end;
    }
    return operations;
  }

  /** Behind the deletions in ascending order that begin at {@code start}; one for a put. */
  private static int endOfRun(List<RevisionRecord> records, int start) {
    int end = start + 1;
    while (records.get(start).tombstone()
        && end < records.size()
        && records.get(end).tombstone()
        && ORDER.compare(records.get(end - 1).key(), records.get(end).key()) < 0) {
      end++;
    }
    return end;
  }

  private boolean isRange(List<RevisionRecord> records, int start, int end)
      throws InterruptedException {
    if (end - start < SHORTEST) {
      return false;
    }
    ByteString first = records.get(start).key();
    ByteString behind = Operation.behind(records.get(end - 1).key());
    return !anyPut(records, first, behind) && liveKeys.count(first, behind) == end - start;
  }

  private static boolean anyPut(List<RevisionRecord> records, ByteString first, ByteString behind) {
    TreeSet<ByteString> puts = new TreeSet<>(ORDER);
    records.stream().filter(record -> !record.tombstone()).forEach(put -> puts.add(put.key()));
    return !puts.subSet(first, behind).isEmpty();
  }
}
