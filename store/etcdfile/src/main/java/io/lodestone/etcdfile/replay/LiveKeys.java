package io.lodestone.etcdfile.replay;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.auth.KeyRanges;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RowScan;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The live keys that {@link TouchedKeys} names, with their state. Memory: those keys, their values
 * only where asked for. Confined to one thread.
 */
final class LiveKeys {
  private final TouchedKeys touched;
  private final NavigableMap<ByteString, KeyState> live =
      new TreeMap<>(ByteString.unsignedLexicographicalComparator());

  LiveKeys(TouchedKeys touched) {
    this.touched = touched;
  }

  /** Reads the state of the touched keys out of all rows. */
  void load(RowScan rows) throws IOException {
    rows.scan(
        row -> {
          accept(row);
          return true;
        });
  }

  private void accept(RevisionRecord row) {
    ByteString key = row.key();
    if (row.tombstone()) {
      live.remove(key);
    } else if (live.containsKey(key) || touched.isKey(key) || isOfTouchedLease(row)) {
      put(key, row.keyValue());
    }
  }

  private boolean isOfTouchedLease(RevisionRecord row) {
    return touched.anyLease() && touched.isLease(row.keyValue().getLease());
  }

  Optional<KeyState> get(ByteString key) {
    return Optional.ofNullable(live.get(key));
  }

  void put(ByteString key, KeyValue keyValue) {
    live.put(key, KeyState.of(keyValue, touched.isValue(key)));
  }

  void delete(ByteString key) {
    live.remove(key);
  }

  /** A view, in key order. */
  NavigableMap<ByteString, KeyState> in(KeyRange range) {
    Optional<ByteString> end = KeyRanges.end(range);
    if (end.isEmpty()) {
      return live.tailMap(range.start(), true);
    }
    if (ByteString.unsignedLexicographicalComparator().compare(range.start(), end.get()) >= 0) {
      return Collections.emptyNavigableMap();
    }
    return live.subMap(range.start(), true, end.get(), false);
  }

  /** The keys attached to a lease, in key order. */
  List<ByteString> ofLease(long lease) {
    return live.entrySet().stream()
        .filter(entry -> entry.getValue().lease() == lease)
        .map(Map.Entry::getKey)
        .toList();
  }
}
