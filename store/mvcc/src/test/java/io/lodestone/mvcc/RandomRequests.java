package io.lodestone.mvcc;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.Compare;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.mvcc.keyspace.Head;
import java.util.Random;

/** Requests to the keyspace, over few keys, so that they meet. The seed decides everything. */
public final class RandomRequests {
  private static final int KEYS = 40;
  private static final String LONG = "x".repeat(Head.LONG_VALUE_BYTES);
  private static final int LEASES = 4;

  private final Random random;
  private final boolean behindServer;

  private RandomRequests(Random random, boolean behindServer) {
    this.random = random;
    this.behindServer = behindServer;
  }

  /** Some of their transactions hold a key twice, which a server refuses. */
  public static RandomRequests forServer(Random random) {
    return new RandomRequests(random, false);
  }

  /** None of them needs a key that its own transaction may have deleted. */
  public static RandomRequests forEngine(Random random) {
    return new RandomRequests(random, true);
  }

  public ByteString key() {
    return ByteString.copyFromUtf8(keyText());
  }

  private String keyText() {
    String key = "k" + (char) ('a' + random.nextInt(4)) + random.nextInt(KEYS / 4);
    return random.nextInt(10) == 0 ? key + "\0" : key;
  }

  private ByteString end() {
    return switch (random.nextInt(6)) {
      case 0 -> ByteString.copyFrom(new byte[1]);
      case 1 -> ByteString.copyFromUtf8("k" + (char) ('a' + random.nextInt(4)));
      case 2 -> key();
      case 3 -> ByteString.copyFromUtf8("l");
      default -> ByteString.EMPTY;
    };
  }

  /** One of the lease ids in use, or 0. */
  public long lease() {
    return random.nextInt(4) == 0 ? 1000 + random.nextInt(LEASES) : 0;
  }

  public PutRequest.Builder put() {
    PutRequest.Builder put = PutRequest.newBuilder().setKey(key());
    put.setPrevKv(random.nextInt(4) == 0);
    if (random.nextInt(10) == 0) {
      put.setIgnoreValue(true);
    } else {
      put.setValue(ByteString.copyFromUtf8(value()));
    }
    if (random.nextInt(10) == 0) {
      put.setIgnoreLease(true);
    } else {
      put.setLease(lease());
    }
    return put;
  }

  private String value() {
    String value = random.nextInt(5) == 0 ? "" : "v" + random.nextInt(12);
    return random.nextInt(8) == 0 ? value + LONG : value;
  }

  public DeleteRangeRequest.Builder delete() {
    ByteString key = key();
    DeleteRangeRequest.Builder delete = DeleteRangeRequest.newBuilder().setKey(key);
    if (random.nextInt(4) == 0) {
      delete.setRangeEnd(narrow(key));
    }
    return delete.setPrevKv(random.nextInt(2) == 0);
  }

  /** So that not every deletion empties the keyspace. */
  private ByteString narrow(ByteString key) {
    return random.nextInt(30) == 0 ? end() : key.concat(ByteString.copyFrom(new byte[] {50}));
  }

  /**
   * A read with any options.
   *
   * @param head the store's revision; reads go a little beyond it
   */
  public RangeRequest.Builder range(long head) {
    ByteString key = key();
    RangeRequest.Builder range = RangeRequest.newBuilder().setKey(key).setRangeEnd(end());
    if (random.nextInt(3) == 0) {
      range.setRevision(random.nextInt((int) head + 2) - (random.nextInt(50) == 0 ? head : 0));
    }
    if (random.nextInt(3) == 0) {
      range.setLimit(random.nextInt(20));
    }
    range.setSortOrderValue(random.nextInt(3)).setSortTargetValue(random.nextInt(5));
    range.setKeysOnly(random.nextInt(5) == 0).setCountOnly(random.nextInt(8) == 0);
    if (random.nextInt(4) == 0) {
      filter(range, head);
    }
    return range;
  }

  private void filter(RangeRequest.Builder range, long head) {
    long revision = random.nextInt((int) head + 1);
    switch (random.nextInt(4)) {
      case 0 -> range.setMinModRevision(revision);
      case 1 -> range.setMaxModRevision(revision);
      case 2 -> range.setMinCreateRevision(revision);
      default -> range.setMaxCreateRevision(revision);
    }
  }

  /** A transaction, with at most two levels of others within it. */
  public TxnRequest.Builder txn(long head) {
    return txn(head, 2);
  }

  private TxnRequest.Builder txn(long head, int depth) {
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    for (int i = random.nextInt(3); i > 0; i--) {
      txn.addCompare(compare(head));
    }
    for (int i = random.nextInt(5); i > 0; i--) {
      txn.addSuccess(operation(head, depth));
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      txn.addFailure(operation(head, depth));
    }
    return txn;
  }

  private RequestOp operation(long head, int depth) {
    int dice = random.nextInt(10);
    if (dice < 4) {
      PutRequest.Builder put = put();
      return Requests.op(behindServer ? put.clearIgnoreValue().clearIgnoreLease() : put);
    }
    if (dice < 6) {
      return Requests.op(delete());
    }
    if (dice < 8 || depth == 0) {
      return Requests.op(range(head));
    }
    return Requests.op(txn(head, depth - 1));
  }

  private Compare compare(long head) {
    ByteString key = key();
    Compare.Builder compare = Compare.newBuilder().setKey(key).setResultValue(random.nextInt(4));
    if (random.nextInt(4) == 0) {
      compare.setRangeEnd(end());
    }
    long revision = random.nextInt((int) head + 2);
    switch (random.nextInt(5)) {
      case 0 -> compare.setTargetValue(0).setVersion(random.nextInt(4));
      case 1 -> compare.setTargetValue(1).setCreateRevision(revision);
      case 2 -> compare.setTargetValue(2).setModRevision(revision);
      case 3 -> compare.setTargetValue(3).setValue(ByteString.copyFromUtf8(value()));
      default -> compare.setTargetValue(4).setLease(lease());
    }
    return compare.build();
  }
}
