package io.lodestone.server.kv;

import io.grpc.stub.StreamObserver;
import io.lodestone.api.etcdserverpb.CompactionRequest;
import io.lodestone.api.etcdserverpb.CompactionResponse;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.DeleteRangeResponse;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.PutResponse;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.TxnResponse;
import io.lodestone.server.call.Access;
import io.lodestone.server.call.Answers;
import io.lodestone.server.call.ResponseHeaders;
import io.lodestone.server.proposal.Submissions;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;

/** etcd's KV service. Thread-safe; never blocks. */
public final class KvService extends KVGrpc.KVImplBase {
  private final Submissions submissions;
  private final Reads reads;
  private final Quota quota;
  private final Access access;
  private final ResponseHeaders headers;
  private final int maxTxnOps;
  private final LongFunction<CompletableFuture<Void>> compacted;

  /**
   * @param maxTxnOps {@code --max-txn-ops}
   * @param compacted completes once a compaction up to a revision has ended
   */
  public KvService(
      Submissions submissions,
      Reads reads,
      Quota quota,
      Access access,
      ResponseHeaders headers,
      int maxTxnOps,
      LongFunction<CompletableFuture<Void>> compacted) {
    this.submissions = submissions;
    this.reads = reads;
    this.quota = quota;
    this.access = access;
    this.headers = headers;
    this.maxTxnOps = maxTxnOps;
    this.compacted = compacted;
  }

  @Override
  public void range(RangeRequest request, StreamObserver<RangeResponse> out) {
    Answers.sendFrom(
        out,
        () -> {
          RequestChecks.check(request);
          return reads.range(request);
        });
  }

  @Override
  public void put(PutRequest request, StreamObserver<PutResponse> out) {
    Answers.sendFrom(
        out,
        () -> {
          quota.require(request.getKey().size() + request.getValue().size());
          RequestChecks.check(request);
          return submissions.submit(
              InternalRaftRequest.newBuilder().setPut(request),
              PutResponse.class,
              (response, revision) -> response.toBuilder().setHeader(headers.at(revision)).build());
        });
  }

  @Override
  public void deleteRange(DeleteRangeRequest request, StreamObserver<DeleteRangeResponse> out) {
    Answers.sendFrom(
        out,
        () -> {
          RequestChecks.check(request);
          return submissions.submit(
              InternalRaftRequest.newBuilder().setDeleteRange(request),
              DeleteRangeResponse.class,
              (response, revision) -> response.toBuilder().setHeader(headers.at(revision)).build());
        });
  }

  @Override
  public void txn(TxnRequest request, StreamObserver<TxnResponse> out) {
    Answers.sendFrom(
        out,
        () -> {
          quota.require(request);
          RequestChecks.check(request, maxTxnOps);
          if (ReadOnly.isReadOnly(request)) {
            return reads.txn(request);
          }
          return submissions.submit(
              InternalRaftRequest.newBuilder().setTxn(request),
              TxnResponse.class,
              (response, revision) -> response.toBuilder().setHeader(headers.at(revision)).build());
        });
  }

  /** A physical compaction is answered once the old versions are gone from the disk. */
  private CompletableFuture<CompactionResponse> whenRemoved(
      CompactionRequest request, CompactionResponse response) {
    return request.getPhysical()
        ? compacted.apply(request.getRevision()).thenApply(done -> response)
        : CompletableFuture.completedFuture(response);
  }

  @Override
  public void compact(CompactionRequest request, StreamObserver<CompactionResponse> out) {
    Answers.sendFrom(
        out,
        () -> {
          access.requireAdmin();
          return submissions
              .submit(
                  InternalRaftRequest.newBuilder().setCompaction(request),
                  CompactionResponse.class,
                  (response, revision) ->
                      response.toBuilder().setHeader(headers.at(revision)).build())
              .thenCompose(response -> whenRemoved(request, response));
        });
  }
}
