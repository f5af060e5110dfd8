package io.lodestone.backup.daemon;

import com.google.protobuf.ByteString;
import io.lodestone.api.mvccpb.Event;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.revisions.RevisionRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** What a client has seen of a cluster, revision by revision. Immutable. */
final class RecordedHistory {
  private final NavigableMap<Long, List<Change>> revisions = new TreeMap<>();

  /** One change of one key; of a deletion only the key and the revision are told. */
  record Change(boolean deletion, KeyValue keyValue) {
    static Change of(Event event) {
      return of(event.getType() == Event.EventType.DELETE, event.getKv());
    }

    static Change of(RevisionRecord record) {
      KeyValue keyValue = record.keyValue();
      return of(
          record.tombstone(),
          keyValue.toBuilder().setModRevision(record.revision().main()).build());
    }

    private static Change of(boolean deletion, KeyValue keyValue) {
      return new Change(
          deletion,
          deletion
              ? KeyValue.newBuilder()
                  .setKey(keyValue.getKey())
                  .setModRevision(keyValue.getModRevision())
                  .build()
              : keyValue);
    }

    void applyTo(Map<ByteString, KeyValue> state) {
      if (deletion) {
        state.remove(keyValue.getKey());
      } else {
        state.put(keyValue.getKey(), keyValue);
      }
    }
  }

  /**
   * @param events of all keys since the first revision, in order
   */
  RecordedHistory(List<Event> events) {
    for (Event event : events) {
      revisions
          .computeIfAbsent(event.getKv().getModRevision(), revision -> new ArrayList<>())
          .add(Change.of(event));
    }
  }

  /** What was changed behind {@code from} and up to {@code to}, by revision. */
  Map<Long, List<Change>> changes(long from, long to) {
    return revisions.subMap(from, false, to, true);
  }

  Map<ByteString, KeyValue> stateAt(long revision) {
    Map<ByteString, KeyValue> state = new HashMap<>();
    revisions
        .headMap(revision, true)
        .values()
        .forEach(changes -> changes.forEach(change -> change.applyTo(state)));
    return state;
  }
}
