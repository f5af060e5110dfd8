package io.lodestone.client.lockstep;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.revisions.RevisionRecord;

/** One operation of a transaction and the first key it changes. Immutable. */
record Operation(ByteString key, RequestOp request) {
  private static final ByteString ZERO = ByteString.copyFrom(new byte[] {0});

  static Operation of(RevisionRecord record) {
    return record.tombstone() ? delete(record.key()) : put(record.keyValue());
  }

  static Operation emptyPut(ByteString key) {
    return put(KeyValue.newBuilder().setKey(key).build());
  }

  private static Operation put(KeyValue row) {
    PutRequest put =
        PutRequest.newBuilder()
            .setKey(row.getKey())
            .setValue(row.getValue())
            .setLease(row.getLease())
            .build();
    return new Operation(row.getKey(), RequestOp.newBuilder().setRequestPut(put).build());
  }

  private static Operation delete(ByteString key) {
    return delete(DeleteRangeRequest.newBuilder().setKey(key).build());
  }

  /** Deletes every live key from {@code first} to {@code last}, both included. */
  static Operation deleteAll(ByteString first, ByteString last) {
    return delete(DeleteRangeRequest.newBuilder().setKey(first).setRangeEnd(behind(last)).build());
  }

  private static Operation delete(DeleteRangeRequest request) {
    return new Operation(
        request.getKey(), RequestOp.newBuilder().setRequestDeleteRange(request).build());
  }

  /** The smallest key above {@code key}. */
  static ByteString behind(ByteString key) {
    return key.concat(ZERO);
  }
}
