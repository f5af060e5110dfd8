package io.lodestone.mvcc.apply;

import io.lodestone.api.etcdserverpb.Compare;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.mvcc.keyspace.Bounds;
import io.lodestone.mvcc.keyspace.Head;
import io.lodestone.mvcc.keyspace.Keys;

/** Evaluates the compares of transactions. */
final class Compares {
  private Compares() {}

  /** Over a range every key must satisfy; no key is like an absent one, which has no value. */
  static boolean holds(Compare compare, Keys keys) {
    if (compare.getRangeEnd().isEmpty()) {
      return keys.get(compare.getKey())
          .map(head -> holds(compare, head))
          .orElseGet(() -> holdsForNothing(compare));
    }
    boolean[] all = {true};
    long count =
        keys.scan(
            Bounds.of(compare.getKey(), compare.getRangeEnd()),
            Long.MAX_VALUE,
            head -> all[0] = all[0] && holds(compare, head));
    return count == 0 ? holdsForNothing(compare) : all[0];
  }

  private static boolean holds(Compare compare, Head head) {
    boolean ofValue = compare.getTarget() == Compare.CompareTarget.VALUE;
    return holds(compare, ofValue ? head.keyValue() : head.metadata());
  }

  private static boolean holdsForNothing(Compare compare) {
    return compare.getTarget() != Compare.CompareTarget.VALUE
        && holds(compare, KeyValue.getDefaultInstance());
  }

  private static boolean holds(Compare compare, KeyValue kv) {
    int order =
        switch (compare.getTarget()) {
          case VERSION -> Long.compare(kv.getVersion(), compare.getVersion());
          case CREATE -> Long.compare(kv.getCreateRevision(), compare.getCreateRevision());
          case MOD -> Long.compare(kv.getModRevision(), compare.getModRevision());
          case LEASE -> Long.compare(kv.getLease(), compare.getLease());
          case VALUE -> Bounds.ORDER.compare(kv.getValue(), compare.getValue());
          case UNRECOGNIZED -> 0;
        };
    return switch (compare.getResult()) {
      case EQUAL -> order == 0;
      case NOT_EQUAL -> order != 0;
      case GREATER -> order > 0;
      case LESS -> order < 0;
      case UNRECOGNIZED -> true;
    };
  }
}
