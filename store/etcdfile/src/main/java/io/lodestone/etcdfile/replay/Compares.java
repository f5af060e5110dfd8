package io.lodestone.etcdfile.replay;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.Compare;
import io.lodestone.api.etcdserverpb.TxnRequest;
import java.util.Collection;

/** Evaluates a transaction's compares. Confined to one thread. */
final class Compares {
  private final LiveKeys keys;

  Compares(LiveKeys keys) {
    this.keys = keys;
  }

  boolean hold(TxnRequest txn) {
    return txn.getCompareList().stream().allMatch(this::holds);
  }

  /** Over a range every key must satisfy; no key is like an absent one, which has no value. */
  private boolean holds(Compare compare) {
    Collection<KeyState> states = keys.in(Requests.range(compare)).values();
    if (states.isEmpty()) {
      return compare.getTarget() != Compare.CompareTarget.VALUE && holds(compare, KeyState.ABSENT);
    }
    return states.stream().allMatch(state -> holds(compare, state));
  }

  private static boolean holds(Compare compare, KeyState state) {
    int order =
        switch (compare.getTarget()) {
          case VERSION -> Long.compare(state.version(), compare.getVersion());
          case CREATE -> Long.compare(state.createRevision(), compare.getCreateRevision());
          case MOD -> Long.compare(state.modRevision(), compare.getModRevision());
          case LEASE -> Long.compare(state.lease(), compare.getLease());
          case VALUE ->
              ByteString.unsignedLexicographicalComparator()
                  .compare(state.value(), compare.getValue());
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
