package io.lodestone.mvcc;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.CompactionRequest;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseRevokeRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import java.util.List;

/** Requests as tests write them. */
public final class Requests {
  private Requests() {}

  public static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  public static PutRequest.Builder put(String key, String value) {
    return PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes(value));
  }

  public static DeleteRangeRequest.Builder delete(String key) {
    return DeleteRangeRequest.newBuilder().setKey(bytes(key));
  }

  public static RangeRequest.Builder range(String key) {
    return RangeRequest.newBuilder().setKey(bytes(key));
  }

  public static RangeRequest.Builder range(String key, String end) {
    return range(key).setRangeEnd(bytes(end));
  }

  public static RangeRequest.Builder everything() {
    return range("\0", "\0");
  }

  public static RequestOp op(PutRequest.Builder put) {
    return RequestOp.newBuilder().setRequestPut(put).build();
  }

  public static RequestOp op(DeleteRangeRequest.Builder delete) {
    return RequestOp.newBuilder().setRequestDeleteRange(delete).build();
  }

  public static RequestOp op(RangeRequest.Builder range) {
    return RequestOp.newBuilder().setRequestRange(range).build();
  }

  public static RequestOp op(TxnRequest.Builder txn) {
    return RequestOp.newBuilder().setRequestTxn(txn).build();
  }

  public static TxnRequest.Builder txn(RequestOp... operations) {
    return TxnRequest.newBuilder().addAllSuccess(List.of(operations));
  }

  public static InternalRaftRequest request(PutRequest.Builder put) {
    return InternalRaftRequest.newBuilder().setPut(put).build();
  }

  public static InternalRaftRequest request(DeleteRangeRequest.Builder delete) {
    return InternalRaftRequest.newBuilder().setDeleteRange(delete).build();
  }

  public static InternalRaftRequest request(TxnRequest.Builder txn) {
    return InternalRaftRequest.newBuilder().setTxn(txn).build();
  }

  public static InternalRaftRequest request(RangeRequest.Builder range) {
    return InternalRaftRequest.newBuilder().setRange(range).build();
  }

  public static InternalRaftRequest compact(long revision) {
    return InternalRaftRequest.newBuilder()
        .setCompaction(CompactionRequest.newBuilder().setRevision(revision))
        .build();
  }

  public static InternalRaftRequest grant(long id, long ttlSeconds) {
    return InternalRaftRequest.newBuilder()
        .setLeaseGrant(LeaseGrantRequest.newBuilder().setID(id).setTTL(ttlSeconds))
        .build();
  }

  public static InternalRaftRequest revoke(long id) {
    return InternalRaftRequest.newBuilder()
        .setLeaseRevoke(LeaseRevokeRequest.newBuilder().setID(id))
        .build();
  }
}
