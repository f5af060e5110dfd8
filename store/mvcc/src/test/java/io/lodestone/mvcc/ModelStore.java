package io.lodestone.mvcc;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.Revision;
import io.lodestone.api.etcdserverpb.Compare;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RowScan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What an engine must hold, the plainest way: a map of all rows, from which every state is worked
 * out anew.
 */
final class ModelStore {
  private final TreeMap<Revision, RevisionRecord> rows = new TreeMap<>();
  private final NavigableMap<ByteString, KeyValue> live = newMap();
  private final Set<Long> leases = new TreeSet<>();
  private long revision = 1;
  private long compacted = -1;
  private long sub;

  private static <T> NavigableMap<ByteString, T> newMap() {
    return new TreeMap<>(ByteString.unsignedLexicographicalComparator());
  }

  long revision() {
    return revision;
  }

  long compacted() {
    return compacted;
  }

  RowScan rows() {
    List<RevisionRecord> all = List.copyOf(rows.values());
    return visitor -> {
      for (RevisionRecord row : all) {
        if (!visitor.row(row)) {
          return;
        }
      }
    };
  }

  List<RevisionRecord> allRows() {
    return List.copyOf(rows.values());
  }

  /** The keys of a range as they were at a revision. */
  List<KeyValue> at(long at, RangeRequest range) {
    NavigableMap<ByteString, KeyValue> state = newMap();
    rows.headMap(new Revision(at + 1, 0))
        .values()
        .forEach(
            row -> {
              if (row.tombstone()) {
                state.remove(row.key());
              } else {
                state.put(row.key(), row.keyValue());
              }
            });
    return List.copyOf(within(state, range.getKey(), range.getRangeEnd()).values());
  }

  private static <T> Map<ByteString, T> within(
      NavigableMap<ByteString, T> state, ByteString key, ByteString end) {
    Map<ByteString, T> found = newMap();
    KeyRange range = new KeyRange(key, end);
    state.forEach(
        (candidate, value) -> {
          if (range.contains(candidate)) {
            found.put(candidate, value);
          }
        });
    return found;
  }

  /** Applies a request; false where it is refused. */
  boolean apply(InternalRaftRequest request) {
    sub = 0;
    if (request.hasLeaseGrant()) {
      return request.getLeaseGrant().getID() != 0 && leases.add(request.getLeaseGrant().getID());
    }
    boolean done = change(request);
    revision += done && sub > 0 ? 1 : 0;
    return done;
  }

  private boolean change(InternalRaftRequest request) {
    if (request.hasPut()) {
      return possible(request.getPut()) && put(request.getPut());
    }
    if (request.hasDeleteRange()) {
      return delete(request.getDeleteRange());
    }
    if (request.hasTxn()) {
      List<RequestOp> plan = new ArrayList<>();
      flatten(request.getTxn(), plan);
      return plan.stream().allMatch(this::possible) && plan.stream().allMatch(this::run);
    }
    return request.hasLeaseRevoke()
        ? revoke(request.getLeaseRevoke().getID())
        : compact(request.getCompaction().getRevision());
  }

  private boolean possible(PutRequest put) {
    boolean needsKey = put.getIgnoreLease() || put.getIgnoreValue();
    return (!needsKey || live.containsKey(put.getKey()))
        && (put.getLease() == 0 || leases.contains(put.getLease()));
  }

  private boolean possible(RequestOp operation) {
    if (operation.hasRequestPut()) {
      return possible(operation.getRequestPut());
    }
    long at = operation.getRequestRange().getRevision();
    return !operation.hasRequestRange() || at == 0 || (at <= revision && at >= compacted);
  }

  private boolean run(RequestOp operation) {
    return switch (operation.getRequestCase()) {
      case REQUEST_PUT -> put(operation.getRequestPut());
      case REQUEST_DELETE_RANGE -> delete(operation.getRequestDeleteRange());
      default -> true;
    };
  }

  private void flatten(TxnRequest txn, List<RequestOp> plan) {
    boolean holds = txn.getCompareList().stream().allMatch(this::holds);
    for (RequestOp operation : holds ? txn.getSuccessList() : txn.getFailureList()) {
      if (operation.hasRequestTxn()) {
        flatten(operation.getRequestTxn(), plan);
      } else {
        plan.add(operation);
      }
    }
  }

  private boolean holds(Compare compare) {
    Map<ByteString, KeyValue> found = within(live, compare.getKey(), compare.getRangeEnd());
    if (found.isEmpty()) {
      return compare.getTarget() != Compare.CompareTarget.VALUE
          && holds(compare, KeyValue.getDefaultInstance());
    }
    return found.values().stream().allMatch(kv -> holds(compare, kv));
  }

  private static boolean holds(Compare compare, KeyValue kv) {
    int order =
        switch (compare.getTarget()) {
          case VERSION -> Long.compare(kv.getVersion(), compare.getVersion());
          case CREATE -> Long.compare(kv.getCreateRevision(), compare.getCreateRevision());
          case MOD -> Long.compare(kv.getModRevision(), compare.getModRevision());
          case LEASE -> Long.compare(kv.getLease(), compare.getLease());
          default ->
              ByteString.unsignedLexicographicalComparator()
                  .compare(kv.getValue(), compare.getValue());
        };
    return switch (compare.getResult()) {
      case EQUAL -> order == 0;
      case NOT_EQUAL -> order != 0;
      case GREATER -> order > 0;
      default -> order < 0;
    };
  }

  private boolean put(PutRequest put) {
    KeyValue before = live.getOrDefault(put.getKey(), KeyValue.getDefaultInstance());
    long main = revision + 1;
    KeyValue next =
        KeyValue.newBuilder()
            .setKey(put.getKey())
            .setValue(put.getIgnoreValue() ? before.getValue() : put.getValue())
            .setLease(put.getIgnoreLease() ? before.getLease() : put.getLease())
            .setModRevision(main)
            .setCreateRevision(before.getCreateRevision() == 0 ? main : before.getCreateRevision())
            .setVersion(before.getVersion() + 1)
            .build();
    live.put(put.getKey(), next);
    add(RevisionRecord.put(new Revision(main, sub), next));
    return true;
  }

  private boolean delete(DeleteRangeRequest delete) {
    within(live, delete.getKey(), delete.getRangeEnd()).keySet().forEach(this::delete);
    return true;
  }

  private void delete(ByteString key) {
    live.remove(key);
    add(RevisionRecord.delete(new Revision(revision + 1, sub), key));
  }

  private void add(RevisionRecord row) {
    rows.put(row.revision(), row);
    sub++;
  }

  private boolean revoke(long lease) {
    if (!leases.remove(lease)) {
      return false;
    }
    List<KeyValue> all = List.copyOf(live.values());
    all.stream().filter(kv -> kv.getLease() == lease).forEach(kv -> delete(kv.getKey()));
    return true;
  }

  /** Of each key the newest row up to {@code at} stays, and a deletion only at exactly it. */
  private boolean compact(long at) {
    if (at <= compacted || at > revision) {
      return false;
    }
    compacted = at;
    Map<ByteString, Revision> last = new HashMap<>();
    rows.headMap(new Revision(at + 1, 0))
        .values()
        .forEach(row -> last.put(row.key(), row.revision()));
    rows.values()
        .removeIf(
            row ->
                row.main() <= at
                    && (!row.revision().equals(last.get(row.key()))
                        || (row.tombstone() && row.main() < at)));
    return true;
  }
}
