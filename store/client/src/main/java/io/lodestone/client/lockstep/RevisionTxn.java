package io.lodestone.client.lockstep;

import com.google.common.collect.Lists;
import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.Compare;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.revisions.RevisionRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The one transaction that repeats a revision: the same changes in the same order, since the place
 * inside the revision is part of what {@code HashKV} hashes.
 *
 * <p>A key stands at most twice in a revision, put and then deleted, which etcd takes only from two
 * transactions nested side by side. A level of a transaction has at most 128 operations, and what
 * is nested in it only those that its parent left over: 64 times 64 on two levels, 43 times 42
 * times 43 on three. Any destination with etcd's default limit can so repeat 77,658 changes.
 */
final class RevisionTxn {
  private static final int FLAT = 128;
  private static final int OF_TWO = 64;
  private static final int OUTER_OF_THREE = 43;
  private static final int MIDDLE_OF_THREE = 42;
  private static final int INNER_OF_THREE = 43;

  private RevisionTxn() {}

  /**
   * @param records all changes of the revision
   * @param operations the same as operations
   */
  static TxnRequest of(long revision, List<RevisionRecord> records, List<Operation> operations) {
    return TxnRequest.newBuilder()
        .addCompare(guard(revision, records))
        .addAllSuccess(nested(revision, segments(operations)))
        .build();
  }

  /** Puts of keys without a value or a lease, {@code first} before {@code others}. */
  static List<RequestOp> puts(long revision, ByteString first, List<ByteString> others) {
    List<Operation> operations = new ArrayList<>();
    operations.add(Operation.emptyPut(first));
    others.forEach(key -> operations.add(Operation.emptyPut(key)));
    return nested(revision, segments(operations));
  }

  /**
   * Holds before the revision and not after it, so that the transaction counts once even if it
   * arrives twice. A key that is put and deleted would look alike before and after.
   */
  private static Compare guard(long revision, List<RevisionRecord> records) {
    Map<ByteString, Integer> uses = new HashMap<>();
    records.forEach(record -> uses.merge(record.key(), 1, Integer::sum));
    RevisionRecord chosen =
        records.stream()
            .filter(record -> uses.get(record.key()) == 1)
            .findFirst()
            .orElse(records.get(0));
    Compare.Builder compare =
        Compare.newBuilder().setTarget(Compare.CompareTarget.MOD).setKey(chosen.key());
    return chosen.tombstone()
        ? compare.setResult(Compare.CompareResult.GREATER).setModRevision(0).build()
        : compare.setResult(Compare.CompareResult.LESS).setModRevision(revision).build();
  }

  /** Consecutive pieces in which no key stands twice. */
  private static List<List<RequestOp>> segments(List<Operation> operations) {
    List<List<RequestOp>> segments = new ArrayList<>();
    List<RequestOp> segment = new ArrayList<>();
    Set<ByteString> keys = new HashSet<>();
    for (Operation operation : operations) {
      if (!keys.add(operation.key())) {
        segments.add(segment);
        segment = new ArrayList<>();
        keys.clear();
        keys.add(operation.key());
      }
      segment.add(operation.request());
    }
    segments.add(segment);
    return segments;
  }

  private static List<RequestOp> nested(long revision, List<List<RequestOp>> segments) {
    if (segments.size() == 1 && segments.get(0).size() <= FLAT) {
      return segments.get(0);
    }
    List<RequestOp> two = nest(segments, OF_TWO);
    if (two.size() <= OF_TWO) {
      return two;
    }
    List<RequestOp> three = nest(List.of(nest(segments, INNER_OF_THREE)), MIDDLE_OF_THREE);
    if (three.size() <= OUTER_OF_THREE) {
      return three;
    }
    throw new LodestoneException(
        "revision " + revision + " has more changes than one transaction can repeat",
        "seed the destination anew behind this revision");
  }

  private static List<RequestOp> nest(List<List<RequestOp>> segments, int size) {
    List<RequestOp> nested = new ArrayList<>();
    for (List<RequestOp> segment : segments) {
      for (List<RequestOp> piece : Lists.partition(segment, size)) {
        nested.add(
            RequestOp.newBuilder()
                .setRequestTxn(TxnRequest.newBuilder().addAllSuccess(piece))
                .build());
      }
    }
    return nested;
  }
}
