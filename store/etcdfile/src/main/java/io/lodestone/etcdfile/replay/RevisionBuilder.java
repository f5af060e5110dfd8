package io.lodestone.etcdfile.replay;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.Revision;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.revisions.RevisionRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The changes of one main revision, in order. Confined to one thread. */
final class RevisionBuilder {
  private final LiveKeys keys;
  private final long main;
  private final List<RevisionRecord> records = new ArrayList<>();

  RevisionBuilder(LiveKeys keys, long main) {
    this.keys = keys;
    this.main = main;
  }

  void put(PutRequest request) {
    Optional<KeyState> before = keys.get(request.getKey());
    if (before.isEmpty() && (request.getIgnoreValue() || request.getIgnoreLease())) {
      return;
    }
    KeyState previous = before.orElse(KeyState.ABSENT);
    KeyValue keyValue =
        KeyValue.newBuilder()
            .setKey(request.getKey())
            .setCreateRevision(before.isPresent() ? previous.createRevision() : main)
            .setModRevision(main)
            .setVersion(previous.version() + 1)
            .setValue(request.getIgnoreValue() ? previous.value() : request.getValue())
            .setLease(request.getIgnoreLease() ? previous.lease() : request.getLease())
            .build();
    records.add(RevisionRecord.put(nextRevision(), keyValue));
    keys.put(request.getKey(), keyValue);
  }

  void delete(KeyRange range) {
    deleteAll(List.copyOf(keys.in(range).keySet()));
  }

  /** In the given order; every key must be live. */
  void deleteAll(List<ByteString> live) {
    for (ByteString key : live) {
      records.add(RevisionRecord.delete(nextRevision(), key));
      keys.delete(key);
    }
  }

  List<RevisionRecord> records() {
    return records;
  }

  private Revision nextRevision() {
    return new Revision(main, records.size());
  }
}
