package io.lodestone.server.concurrency;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.ResponseHeader;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.TxnResponse;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.api.v3electionpb.CampaignRequest;
import io.lodestone.api.v3electionpb.CampaignResponse;
import io.lodestone.api.v3electionpb.ElectionGrpc;
import io.lodestone.api.v3electionpb.LeaderKey;
import io.lodestone.api.v3electionpb.LeaderRequest;
import io.lodestone.api.v3electionpb.LeaderResponse;
import io.lodestone.api.v3electionpb.ProclaimRequest;
import io.lodestone.api.v3electionpb.ProclaimResponse;
import io.lodestone.api.v3electionpb.ResignRequest;
import io.lodestone.api.v3electionpb.ResignResponse;
import io.lodestone.auth.Identity;
import io.lodestone.server.call.Access;
import io.lodestone.server.call.Answers;
import java.util.concurrent.CompletableFuture;

/** etcd's Election service. Thread-safe; never blocks. */
public final class ElectionService extends ElectionGrpc.ElectionImplBase {
  private final StoreCalls store;
  private final Queue queue;
  private final Observations observations;
  private final Access access;
  private final Sessions sessions;

  public ElectionService(StoreCalls store, Queue queue, Observations observations, Access access) {
    this.store = store;
    this.queue = queue;
    this.observations = observations;
    this.access = access;
    this.sessions = new Sessions(store, access);
  }

  @Override
  public void campaign(CampaignRequest request, StreamObserver<CampaignResponse> out) {
    sessions.answer(
        out, request.getLease(), (user, lease, gaveUp) -> campaign(user, request, lease, gaveUp));
  }

  private CompletableFuture<CampaignResponse> campaign(
      Identity user, CampaignRequest request, long lease, CompletableFuture<Void> gaveUp) {
    ByteString key = Queue.place(request.getName(), lease);
    TxnRequest.Builder txn =
        TxnRequest.newBuilder()
            .addCompare(StoreCalls.createdAt(key, 0))
            .addSuccess(StoreCalls.put(key, request.getValue(), lease))
            .addFailure(StoreCalls.read(RangeRequest.newBuilder().setKey(key)));
    return store
        .txn(user, txn)
        .thenCompose(
            queued -> {
              LeaderKey place = place(request.getName(), key, lease, queued);
              return speakAnew(user, place, request.getValue(), queued)
                  .thenCompose(spoken -> awaitVictory(user, request.getName(), place, gaveUp))
                  .thenApply(
                      won ->
                          CampaignResponse.newBuilder()
                              .setHeader(queued.getHeader())
                              .setLeader(place)
                              .build());
            });
  }

  private static LeaderKey place(ByteString name, ByteString key, long lease, TxnResponse queued) {
    long revision =
        queued.getSucceeded()
            ? queued.getHeader().getRevision()
            : standing(queued).getCreateRevision();
    return LeaderKey.newBuilder()
        .setName(name)
        .setKey(key)
        .setRev(revision)
        .setLease(lease)
        .build();
  }

  private static KeyValue standing(TxnResponse queued) {
    return queued.getResponses(0).getResponseRange().getKvs(0);
  }

  /** Who stood for election before, under the same lease, may say something else now. */
  private CompletableFuture<Void> speakAnew(
      Identity user, LeaderKey place, ByteString value, TxnResponse queued) {
    if (queued.getSucceeded() || standing(queued).getValue().equals(value)) {
      return CompletableFuture.completedFuture(null);
    }
    return proclaim(user, place, value)
        .whenComplete((spoken, failure) -> resignAfter(failure, user, place))
        .thenAccept(spoken -> {});
  }

  private CompletableFuture<Void> awaitVictory(
      Identity user, ByteString name, LeaderKey place, CompletableFuture<Void> gaveUp) {
    return queue
        .awaitTurn(user, Queue.prefix(name), place.getRev() - 1, gaveUp)
        .whenComplete((won, failure) -> resignAfter(failure, user, place));
  }

  private void resignAfter(Throwable failure, Identity user, LeaderKey place) {
    if (failure != null) {
      var unused = resign(user, place);
    }
  }

  @Override
  public void proclaim(ProclaimRequest request, StreamObserver<ProclaimResponse> out) {
    Outcomes.sendFrom(
        out,
        () -> {
          requireLeader(request.hasLeader());
          Identity user = access.user();
          return store
              .session(user, request.getLeader().getLease())
              .thenCompose(
                  lease ->
                      proclaim(
                          user,
                          request.getLeader().toBuilder().setLease(lease).build(),
                          request.getValue()))
              .thenApply(header -> ProclaimResponse.newBuilder().setHeader(header).build());
        });
  }

  private CompletableFuture<ResponseHeader> proclaim(
      Identity user, LeaderKey place, ByteString value) {
    TxnRequest.Builder txn =
        TxnRequest.newBuilder()
            .addCompare(StoreCalls.createdAt(place.getKey(), place.getRev()))
            .addSuccess(StoreCalls.put(place.getKey(), value, place.getLease()));
    return store
        .txn(user, txn)
        .thenApply(
            done -> {
              if (!done.getSucceeded()) {
                throw Outcomes.notLeader();
              }
              return done.getHeader();
            });
  }

  @Override
  public void resign(ResignRequest request, StreamObserver<ResignResponse> out) {
    Outcomes.sendFrom(
        out,
        () -> {
          requireLeader(request.hasLeader());
          return resign(access.user(), request.getLeader())
              .thenApply(done -> ResignResponse.newBuilder().setHeader(done.getHeader()).build());
        });
  }

  private CompletableFuture<TxnResponse> resign(Identity user, LeaderKey place) {
    return store.txn(
        user,
        TxnRequest.newBuilder()
            .addCompare(StoreCalls.createdAt(place.getKey(), place.getRev()))
            .addSuccess(
                RequestOp.newBuilder()
                    .setRequestDeleteRange(
                        DeleteRangeRequest.newBuilder().setKey(place.getKey()))));
  }

  private static void requireLeader(boolean given) {
    if (!given) {
      throw Outcomes.leaderMissing();
    }
  }

  @Override
  public void leader(LeaderRequest request, StreamObserver<LeaderResponse> out) {
    Outcomes.sendFrom(
        out,
        () ->
            store
                .get(access.user(), StoreCalls.oldest(Queue.prefix(request.getName())))
                .thenApply(ElectionService::leaderOf));
  }

  private static LeaderResponse leaderOf(RangeResponse oldest) {
    if (oldest.getKvsCount() == 0) {
      throw Outcomes.noLeader();
    }
    return LeaderResponse.newBuilder()
        .setHeader(oldest.getHeader())
        .setKv(oldest.getKvs(0))
        .build();
  }

  @Override
  public void observe(LeaderRequest request, StreamObserver<LeaderResponse> out) {
    try {
      observations.begin(
          access.user(),
          Queue.prefix(request.getName()),
          (ServerCallStreamObserver<LeaderResponse>) out);
    } catch (RuntimeException e) {
      Answers.fail(out, e);
    }
  }
}
