package io.lodestone.server.concurrency;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.etcdserverpb.Compare;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.DeleteRangeResponse;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrantResponse;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeRequest.SortOrder;
import io.lodestone.api.etcdserverpb.RangeRequest.SortTarget;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.TxnResponse;
import io.lodestone.auth.Identity;
import io.lodestone.server.call.ResponseHeaders;
import io.lodestone.server.kv.RequestChecks;
import io.lodestone.server.proposal.RequestIds;
import io.lodestone.server.proposal.Submissions;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

/**
 * What locks and elections ask of the store, in the name of whoever called. Thread-safe; never
 * blocks.
 */
public final class StoreCalls {
  private static final long SESSION_TTL_SECONDS = 60;

  private static final int MOST_OPERATIONS = 2;

  private final Submissions submissions;
  private final BiFunction<Identity, RangeRequest, CompletableFuture<RangeResponse>> reads;
  private final RequestIds ids;
  private final ResponseHeaders headers;

  /** {@code reads} answers linearizable ranges. */
  public StoreCalls(
      Submissions submissions,
      BiFunction<Identity, RangeRequest, CompletableFuture<RangeResponse>> reads,
      RequestIds ids,
      ResponseHeaders headers) {
    this.submissions = submissions;
    this.reads = reads;
    this.ids = ids;
    this.headers = headers;
  }

  /** The caller's lease, or a new one of a minute where it has none. */
  CompletableFuture<Long> session(Identity user, long lease) {
    if (lease != 0) {
      return CompletableFuture.completedFuture(lease);
    }
    var grant = LeaseGrantRequest.newBuilder().setTTL(SESSION_TTL_SECONDS).setID(ids.nextLeaseId());
    return submissions.submitAs(
        user,
        InternalRaftRequest.newBuilder().setLeaseGrant(grant),
        LeaseGrantResponse.class,
        (response, revision) -> response.getID());
  }

  CompletableFuture<TxnResponse> txn(Identity user, TxnRequest.Builder txn) {
    RequestChecks.check(txn.build(), MOST_OPERATIONS);
    return submissions.submitAs(
        user,
        InternalRaftRequest.newBuilder().setTxn(txn),
        TxnResponse.class,
        (response, revision) -> response.toBuilder().setHeader(headers.at(revision)).build());
  }

  CompletableFuture<DeleteRangeResponse> delete(Identity user, ByteString key) {
    DeleteRangeRequest request = DeleteRangeRequest.newBuilder().setKey(key).build();
    RequestChecks.check(request);
    return submissions.submitAs(
        user,
        InternalRaftRequest.newBuilder().setDeleteRange(request),
        DeleteRangeResponse.class,
        (response, revision) -> response.toBuilder().setHeader(headers.at(revision)).build());
  }

  CompletableFuture<RangeResponse> get(Identity user, RangeRequest.Builder range) {
    return reads.apply(user, range.build());
  }

  /** The oldest key under {@code prefix}. */
  static RangeRequest.Builder oldest(ByteString prefix) {
    return under(prefix).setSortOrder(SortOrder.ASCEND);
  }

  /** The youngest key under {@code prefix} that was created at {@code revision} or before. */
  static RangeRequest.Builder youngestUpTo(ByteString prefix, long revision) {
    return under(prefix).setSortOrder(SortOrder.DESCEND).setMaxCreateRevision(revision);
  }

  private static RangeRequest.Builder under(ByteString prefix) {
    KeyRange range = KeyRange.prefix(prefix);
    return RangeRequest.newBuilder()
        .setKey(range.start())
        .setRangeEnd(range.end())
        .setSortTarget(SortTarget.CREATE)
        .setLimit(1);
  }

  /** 0 means that the key does not exist. */
  static Compare createdAt(ByteString key, long revision) {
    return Compare.newBuilder()
        .setKey(key)
        .setTarget(Compare.CompareTarget.CREATE)
        .setResult(Compare.CompareResult.EQUAL)
        .setCreateRevision(revision)
        .build();
  }

  static RequestOp put(ByteString key, ByteString value, long lease) {
    return RequestOp.newBuilder()
        .setRequestPut(PutRequest.newBuilder().setKey(key).setValue(value).setLease(lease))
        .build();
  }

  static RequestOp read(RangeRequest.Builder range) {
    return RequestOp.newBuilder().setRequestRange(range).build();
  }
}
