package io.lodestone.mvcc.watch;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.revisions.RevisionRecord;
import java.util.Set;

/**
 * What a watcher wants. Immutable.
 *
 * @param startRevision the first revision it wants; 0 for the next; may lie in the future
 * @param previous whether events carry the key-value pair that they replaced
 */
public record WatchRequest(
    KeyRange range, long startRevision, Set<WatchFilter> filters, boolean previous) {
  public WatchRequest {
    filters = Set.copyOf(filters);
  }

  /** Whether no key can be in the range, which etcd refuses to watch. */
  public boolean isEmpty() {
    return !range.isSingle()
        && !range.isFromKey()
        && ByteString.unsignedLexicographicalComparator().compare(range.start(), range.end()) >= 0;
  }

  boolean wants(RevisionRecord record) {
    return !filters.contains(record.tombstone() ? WatchFilter.NO_DELETE : WatchFilter.NO_PUT);
  }
}
