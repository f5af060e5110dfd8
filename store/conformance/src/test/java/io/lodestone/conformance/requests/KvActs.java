package io.lodestone.conformance.requests;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.CompactionRequest;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import java.util.ArrayList;
import java.util.List;

/** Turns on the KV service. */
final class KvActs {
  /** As key and as end of a range: every key there is. */
  private static final ByteString ALL = ByteString.copyFrom(new byte[] {0});

  private static final ByteString OVER_REQUEST_LIMIT = ByteString.copyFrom(new byte[1_600_000]);
  private static final ByteString OVER_MESSAGE_LIMIT = ByteString.copyFrom(new byte[2_200_000]);

  private final Vocabulary words;
  private final KvRequests single;
  private final TxnRequests txns;
  private final Dice dice;

  KvActs(Vocabulary words, TxnRequests txns) {
    this.words = words;
    this.single = new KvRequests(words);
    this.txns = txns;
    this.dice = words.dice();
  }

  void put(Duel duel) {
    duel.call("KV/Put", single.put());
  }

  void delete(Duel duel) {
    duel.call("KV/DeleteRange", single.delete());
  }

  void txn(Duel duel) {
    duel.call("KV/Txn", txns.txn(duel.revision()));
  }

  /** Reads that go out together. */
  void ranges(Duel duel) {
    List<Call> reads = new ArrayList<>();
    for (int i = dice.below(12); i >= 0; i--) {
      reads.add(new Call("KV/Range", single.range(duel.revision())));
    }
    duel.together(reads);
  }

  /**
   * Compacts for good, so that later hashes do not depend on how far a compaction in the background
   * has come.
   */
  void compact(Duel duel) {
    long upTo = Math.max(words.revision(duel.revision()), 0);
    if (upTo == 0) {
      upTo = Math.max(1, duel.revision() - dice.below(40));
    }
    duel.call(
        "KV/Compact",
        CompactionRequest.newBuilder()
            .setRevision(dice.oneIn(12) ? -upTo : upTo)
            .setPhysical(true)
            .build());
  }

  void oversized(Duel duel) {
    ByteString value = dice.pick(OVER_REQUEST_LIMIT, OVER_MESSAGE_LIMIT);
    duel.call("KV/Put", PutRequest.newBuilder().setKey(words.key()).setValue(value).build());
  }

  /** Makes the keyspace small again. */
  void clear(Duel duel) {
    duel.call(
        "KV/DeleteRange", DeleteRangeRequest.newBuilder().setKey(ALL).setRangeEnd(ALL).build());
    everything(duel);
  }

  void everything(Duel duel) {
    duel.call("KV/Range", RangeRequest.newBuilder().setKey(ALL).setRangeEnd(ALL).build());
  }
}
