package io.lodestone.client.lockstep;

import com.google.protobuf.ByteString;
import io.lodestone.api.Revision;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RowScan;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Complete;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A history written by hand behind revision 1: changes, then {@link #commit}, and again. */
final class MadeHistory {
  private final List<RevisionRecord> rows = new ArrayList<>();
  private final Map<String, KeyValue> live = new HashMap<>();
  private List<StreamItem> open = new ArrayList<>();
  private long revision = 1;

  MadeHistory put(String key, ByteString value, long lease) {
    KeyValue before = live.getOrDefault(key, KeyValue.getDefaultInstance());
    boolean created = before.getVersion() == 0;
    KeyValue after =
        KeyValue.newBuilder()
            .setKey(ByteString.copyFromUtf8(key))
            .setValue(value)
            .setLease(lease)
            .setCreateRevision(created ? revision + 1 : before.getCreateRevision())
            .setModRevision(revision + 1)
            .setVersion(before.getVersion() + 1)
            .build();
    live.put(key, after);
    return add(RevisionRecord.put(next(), after));
  }

  MadeHistory put(String key, String value) {
    return put(key, ByteString.copyFromUtf8(value), 0);
  }

  MadeHistory delete(String key) {
    live.remove(key);
    return add(RevisionRecord.delete(next(), ByteString.copyFromUtf8(key)));
  }

  private Revision next() {
    return new Revision(revision + 1, open.size());
  }

  private MadeHistory add(RevisionRecord row) {
    rows.add(row);
    open.add(row);
    return this;
  }

  /** The items of the revision that ends here. */
  List<StreamItem> commit() {
    revision++;
    open.add(new Complete(revision, Instant.EPOCH));
    List<StreamItem> whole = open;
    open = new ArrayList<>();
    return whole;
  }

  /** The rows that a compaction leaves; -1 for none. */
  List<RevisionRecord> survivors(long compacted) {
    Map<ByteString, Revision> last = new HashMap<>();
    rows.stream()
        .filter(row -> row.main() <= compacted)
        .forEach(row -> last.put(row.key(), row.revision()));
    return rows.stream()
        .filter(
            row ->
                row.main() > compacted
                    || (!row.tombstone() && row.revision().equals(last.get(row.key()))))
        .toList();
  }

  long revision() {
    return revision;
  }

  RowScan rows() {
    return visitor -> {
      for (RevisionRecord row : rows) {
        if (!visitor.row(row)) {
          return;
        }
      }
    };
  }
}
