package io.lodestone.etcdfile.member;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.lodestone.api.etcdserverpb.Compare;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseRevokeRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import java.util.Random;

/**
 * Random transactions that lean on everything apply decides by: compares of all targets over keys
 * and ranges, nested ones, kept values and leases, leases that do not exist, reads of the future.
 */
final class ConditionalWrites {
  private final Random random;
  private final KVGrpc.KVBlockingStub kv;
  private final LeaseGrpc.LeaseBlockingStub leases;
  private boolean readingTheFuture;

  /** etcd panics where a transaction keeps the value of a key that it has deleted itself. */
  private boolean keeping;

  ConditionalWrites(long seed, Channel channel) {
    this.random = new Random(seed);
    this.kv = KVGrpc.newBlockingStub(channel);
    this.leases = LeaseGrpc.newBlockingStub(channel);
  }

  /** Lets some transactions fail in a read of a revision that is not there yet. */
  ConditionalWrites readingTheFuture() {
    readingTheFuture = true;
    return this;
  }

  /** Requests that etcd refuses are as welcome as others: some of them are in its log too. */
  int run(int count) {
    int refused = 0;
    for (int i = 0; i < count; i++) {
      try {
        step();
      } catch (StatusRuntimeException e) {
        refused++;
      }
    }
    return refused;
  }

  private void step() {
    keeping = random.nextBoolean();
    int dice = random.nextInt(20);
    if (dice == 0) {
      leases.leaseGrant(LeaseGrantRequest.newBuilder().setID(lease()).setTTL(1000).build());
    } else if (dice == 1) {
      leases.leaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease()).build());
    } else if (dice < 5) {
      kv.put(put());
    } else if (dice == 5) {
      kv.deleteRange(delete());
    } else {
      kv.txn(txn(0));
    }
  }

  private TxnRequest txn(int depth) {
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    for (int i = random.nextInt(3); i > 0; i--) {
      txn.addCompare(compare());
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      txn.addSuccess(operation(depth));
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      txn.addFailure(operation(depth));
    }
    return txn.build();
  }

  private RequestOp operation(int depth) {
    RequestOp.Builder operation = RequestOp.newBuilder();
    int dice = random.nextInt(10);
    if (dice < 5) {
      operation.setRequestPut(put());
    } else if (dice < 7 && !keeping) {
      operation.setRequestDeleteRange(delete());
    } else if (dice < 8 || depth > 2) {
      RangeRequest.Builder range = RangeRequest.newBuilder().setKey(key());
      range.setRevision(readingTheFuture && random.nextInt(20) == 0 ? 1_000_000 : 0);
      operation.setRequestRange(range);
    } else {
      operation.setRequestTxn(txn(depth + 1));
    }
    return operation.build();
  }

  private PutRequest put() {
    PutRequest.Builder put = PutRequest.newBuilder().setKey(key());
    if (keeping && random.nextInt(6) == 0) {
      put.setIgnoreValue(true);
    } else {
      put.setValue(value());
    }
    int dice = random.nextInt(6);
    if (keeping && dice == 0) {
      put.setIgnoreLease(true);
    } else if (dice < 3) {
      put.setLease(lease());
    }
    return put.build();
  }

  private DeleteRangeRequest delete() {
    DeleteRangeRequest.Builder delete = DeleteRangeRequest.newBuilder().setKey(key());
    if (random.nextInt(4) == 0) {
      delete.setRangeEnd(random.nextInt(10) == 0 ? ByteString.copyFrom(new byte[1]) : key());
    }
    return delete.build();
  }

  private Compare compare() {
    Compare.Builder compare = Compare.newBuilder().setKey(key()).setResultValue(random.nextInt(4));
    if (random.nextInt(4) == 0) {
      compare.setRangeEnd(random.nextBoolean() ? ByteString.copyFrom(new byte[1]) : key());
    }
    switch (random.nextInt(5)) {
      case 0 -> compare.setTarget(Compare.CompareTarget.VERSION).setVersion(random.nextInt(4));
      case 1 ->
          compare.setTarget(Compare.CompareTarget.CREATE).setCreateRevision(random.nextInt(300));
      case 2 -> compare.setTarget(Compare.CompareTarget.MOD).setModRevision(random.nextInt(300));
      case 3 -> compare.setTarget(Compare.CompareTarget.VALUE).setValue(value());
      default -> compare.setTarget(Compare.CompareTarget.LEASE).setLease(lease());
    }
    return compare.build();
  }

  private ByteString key() {
    return ByteString.copyFromUtf8("c/" + random.nextInt(25));
  }

  private ByteString value() {
    return ByteString.copyFromUtf8("v" + random.nextInt(3));
  }

  private long lease() {
    return 7_000L + random.nextInt(8);
  }
}
