package io.lodestone.migrate;

import com.google.protobuf.ByteString;
import io.lodestone.api.LeaseId;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.TxnResponse;
import io.lodestone.client.EtcdConnection;
import java.util.Random;

/** Transactions of puts and deletes of a few keys, some with a lease that outlives any test. */
final class RandomWrites {
  private static final int KEYS = 90;
  private static final long TTL_SECONDS = 6_000;

  private RandomWrites() {}

  /** Writes until the cluster is at {@code revision}; returns the lease. */
  static LeaseId until(EtcdConnection cluster, long revision) {
    Random random = new Random(revision);
    LeaseGrantRequest grant = LeaseGrantRequest.newBuilder().setTTL(TTL_SECONDS).build();
    long lease = cluster.write(LeaseGrpc.getLeaseGrantMethod(), grant).getID();
    long reached = cluster.revision();
    while (reached < revision) {
      TxnRequest.Builder txn = TxnRequest.newBuilder();
      int first = random.nextInt(KEYS);
      int operations = random.nextInt(4) == 0 ? 1 + random.nextInt(12) : 1;
      for (int i = 0; i < operations; i++) {
        txn.addSuccess(operation(random, (first + 7 * i) % KEYS, lease));
      }
      TxnResponse answer = cluster.write(KVGrpc.getTxnMethod(), txn.build());
      reached = answer.getHeader().getRevision();
    }
    return new LeaseId(lease);
  }

  private static RequestOp operation(Random random, int number, long lease) {
    ByteString key = ByteString.copyFromUtf8("key/" + number);
    if (random.nextInt(5) == 0) {
      return RequestOp.newBuilder()
          .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key))
          .build();
    }
    PutRequest.Builder put =
        PutRequest.newBuilder()
            .setKey(key)
            .setValue(ByteString.copyFromUtf8(Integer.toString(random.nextInt())));
    return RequestOp.newBuilder()
        .setRequestPut(random.nextInt(4) == 0 ? put.setLease(lease) : put)
        .build();
  }
}
