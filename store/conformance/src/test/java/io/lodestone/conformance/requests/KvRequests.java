package io.lodestone.conformance.requests;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;

/** Single operations of the KV service. */
final class KvRequests {
  private static final int SORT_ORDERS = 3;
  private static final int SORT_TARGETS = 5;

  private final Vocabulary words;
  private final Dice dice;

  KvRequests(Vocabulary words) {
    this.words = words;
    this.dice = words.dice();
  }

  RangeRequest range(long revision) {
    ByteString key = words.key();
    RangeRequest.Builder range =
        RangeRequest.newBuilder()
            .setKey(key)
            .setRangeEnd(words.rangeEnd(key))
            .setRevision(words.revision(revision))
            .setSerializable(dice.oneIn(4));
    if (dice.coin()) {
      range.setSortOrderValue(dice.enumNumber(SORT_ORDERS));
      // An unknown target would crash etcd 3.5.
      range.setSortTargetValue(dice.below(SORT_TARGETS));
    }
    if (dice.oneIn(3)) {
      range.setLimit(dice.oneIn(10) ? -1 : dice.below(6));
    }
    range.setKeysOnly(dice.oneIn(8)).setCountOnly(dice.oneIn(8));
    return dice.oneIn(5) ? withBounds(range, revision) : range.build();
  }

  private RangeRequest withBounds(RangeRequest.Builder range, long revision) {
    switch (dice.below(4)) {
      case 0 -> range.setMinModRevision(words.revision(revision));
      case 1 -> range.setMaxModRevision(words.revision(revision));
      case 2 -> range.setMinCreateRevision(words.revision(revision));
      default -> range.setMaxCreateRevision(words.revision(revision));
    }
    return range.build();
  }

  PutRequest put() {
    return put(words.key());
  }

  PutRequest put(ByteString key) {
    PutRequest.Builder put =
        PutRequest.newBuilder()
            .setKey(key)
            .setValue(words.value())
            .setLease(words.lease())
            .setPrevKv(dice.oneIn(4));
    if (dice.oneIn(12)) {
      put.setIgnoreValue(true);
      if (!dice.oneIn(5)) {
        put.clearValue();
      }
    }
    if (dice.oneIn(12)) {
      put.setIgnoreLease(true);
      if (!dice.oneIn(5)) {
        put.clearLease();
      }
    }
    return put.build();
  }

  DeleteRangeRequest delete() {
    return delete(words.key());
  }

  DeleteRangeRequest delete(ByteString key) {
    return DeleteRangeRequest.newBuilder()
        .setKey(key)
        .setRangeEnd(dice.oneIn(3) ? words.rangeEnd(key) : ByteString.EMPTY)
        .setPrevKv(dice.oneIn(3))
        .build();
  }
}
