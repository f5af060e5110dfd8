package io.lodestone.conformance.requests;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.Compare;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import java.util.List;

/** Transactions: nested, with every compare there is, sometimes too large or malformed. */
final class TxnRequests {
  private static final int RESULTS = 4;
  private static final int TARGETS = 5;
  private static final int DEEPEST = 3;
  private static final int MORE_THAN_ALLOWED = 130;

  private final Vocabulary words;
  private final KvRequests single;
  private final Dice dice;
  private final boolean replayable;

  /**
   * Whether the transaction being made may delete. Then its puts take nothing over from a value or
   * lease before: etcd 3.5 dies where the same transaction has deleted that.
   */
  private boolean deleting;

  TxnRequests(Vocabulary words) {
    this(words, false);
  }

  private TxnRequests(Vocabulary words, boolean replayable) {
    this.words = words;
    this.replayable = replayable;
    this.single = new KvRequests(words);
    this.dice = words.dice();
  }

  /**
   * Without reads of a past revision. etcd refuses a transaction with such a read when the revision
   * is compacted, but leaves the read out when it applies its log again after a crash, and then
   * writes what it had refused (etcd-io/etcd issue 18667).
   */
  static TxnRequests replayable(Vocabulary words) {
    return new TxnRequests(words, true);
  }

  TxnRequest txn(long revision) {
    return dice.oneIn(150) ? huge() : txn(revision, 1);
  }

  private TxnRequest txn(long revision, int depth) {
    if (depth == 1) {
      deleting = dice.coin();
    }
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    for (int i = dice.below(3); i > 0; i--) {
      txn.addCompare(compare(revision));
    }
    addOps(txn, revision, depth);
    return txn.build();
  }

  private void addOps(TxnRequest.Builder txn, long revision, int depth) {
    // Different keys most of the time: a key that is put twice makes etcd refuse the whole.
    List<ByteString> keys = words.keys(12);
    for (int i = 0, ops = dice.below(5); i < ops; i++) {
      txn.addSuccess(op(keys.get(i), revision, depth));
    }
    for (int i = 0, ops = dice.below(4); i < ops; i++) {
      txn.addFailure(op(keys.get(i + 6), revision, depth));
    }
  }

  private RequestOp op(ByteString key, long revision, int depth) {
    ByteString target = dice.oneIn(10) ? words.key() : key;
    RequestOp.Builder op = RequestOp.newBuilder();
    return switch (dice.below(10)) {
      case 0, 1, 2 -> op.setRequestRange(range(revision)).build();
      case 3, 4, 5, 6 -> op.setRequestPut(put(target)).build();
      case 7 ->
          deleting
              ? op.setRequestDeleteRange(single.delete(target)).build()
              : op.setRequestRange(range(revision)).build();
      case 8 ->
          depth < DEEPEST
              ? op.setRequestTxn(txn(revision, depth + 1)).build()
              : op.setRequestPut(put(target)).build();
      default -> dice.oneIn(10) ? op.build() : op.setRequestPut(put(target)).build();
    };
  }

  private RangeRequest range(long revision) {
    RangeRequest range = single.range(revision);
    return replayable ? range.toBuilder().clearRevision().build() : range;
  }

  private PutRequest put(ByteString key) {
    PutRequest put = single.put(key);
    return deleting ? put.toBuilder().clearIgnoreValue().clearIgnoreLease().build() : put;
  }

  private Compare compare(long revision) {
    ByteString key = words.key();
    Compare.Builder compare =
        Compare.newBuilder()
            .setKey(key)
            .setResultValue(dice.enumNumber(RESULTS))
            .setTargetValue(dice.enumNumber(TARGETS));
    if (dice.oneIn(4)) {
      compare.setRangeEnd(words.rangeEnd(key));
    }
    return dice.oneIn(25) ? compare.build() : withOperand(compare, revision);
  }

  /** The operand of the compare's target; now and then that of another one. */
  private Compare withOperand(Compare.Builder compare, long revision) {
    int target = dice.oneIn(25) ? dice.below(TARGETS) : compare.getTargetValue();
    return switch (target) {
      case Compare.CompareTarget.VERSION_VALUE -> compare.setVersion(dice.below(4)).build();
      case Compare.CompareTarget.CREATE_VALUE ->
          compare.setCreateRevision(words.revision(revision)).build();
      case Compare.CompareTarget.MOD_VALUE ->
          compare.setModRevision(words.revision(revision)).build();
      case Compare.CompareTarget.VALUE_VALUE -> compare.setValue(words.value()).build();
      default -> compare.setLease(words.lease()).build();
    };
  }

  private TxnRequest huge() {
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    for (int i = 0, ops = MORE_THAN_ALLOWED - dice.below(4); i < ops; i++) {
      txn.addSuccess(RequestOp.newBuilder().setRequestPut(single.put(Vocabulary.utf8("h/" + i))));
    }
    return txn.build();
  }
}
