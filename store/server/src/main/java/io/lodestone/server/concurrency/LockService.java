package io.lodestone.server.concurrency;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.etcdserverpb.ResponseHeader;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.TxnResponse;
import io.lodestone.api.v3lockpb.LockGrpc;
import io.lodestone.api.v3lockpb.LockRequest;
import io.lodestone.api.v3lockpb.LockResponse;
import io.lodestone.api.v3lockpb.UnlockRequest;
import io.lodestone.api.v3lockpb.UnlockResponse;
import io.lodestone.auth.Identity;
import io.lodestone.server.call.Access;
import java.util.concurrent.CompletableFuture;

/** etcd's Lock service. Thread-safe; never blocks. */
public final class LockService extends LockGrpc.LockImplBase {
  private final StoreCalls store;
  private final Queue queue;
  private final Access access;
  private final Sessions sessions;

  public LockService(StoreCalls store, Queue queue, Access access) {
    this.store = store;
    this.queue = queue;
    this.access = access;
    this.sessions = new Sessions(store, access);
  }

  @Override
  public void lock(LockRequest request, StreamObserver<LockResponse> out) {
    sessions.answer(
        out,
        request.getLease(),
        (user, lease, gaveUp) -> lock(user, request.getName(), lease, gaveUp));
  }

  @Override
  public void unlock(UnlockRequest request, StreamObserver<UnlockResponse> out) {
    Outcomes.sendFrom(
        out,
        () ->
            store
                .delete(access.user(), request.getKey())
                .thenApply(
                    deleted -> UnlockResponse.newBuilder().setHeader(deleted.getHeader()).build()));
  }

  private CompletableFuture<LockResponse> lock(
      Identity user, ByteString name, long lease, CompletableFuture<Void> gaveUp) {
    ByteString key = Queue.place(name, lease);
    RangeRequest.Builder owner = StoreCalls.oldest(Queue.prefix(name));
    TxnRequest.Builder txn =
        TxnRequest.newBuilder()
            .addCompare(StoreCalls.createdAt(key, 0))
            .addSuccess(StoreCalls.put(key, ByteString.EMPTY, lease))
            .addSuccess(StoreCalls.read(owner))
            .addFailure(StoreCalls.read(RangeRequest.newBuilder().setKey(key)))
            .addFailure(StoreCalls.read(owner));
    return store
        .txn(user, txn)
        .thenCompose(queued -> awaitOwnership(user, name, key, queued, gaveUp))
        .thenApply(header -> LockResponse.newBuilder().setHeader(header).setKey(key).build());
  }

  private CompletableFuture<ResponseHeader> awaitOwnership(
      Identity user,
      ByteString name,
      ByteString key,
      TxnResponse queued,
      CompletableFuture<Void> gaveUp) {
    long mine =
        queued.getSucceeded()
            ? queued.getHeader().getRevision()
            : queued.getResponses(0).getResponseRange().getKvs(0).getCreateRevision();
    RangeResponse owner = queued.getResponses(1).getResponseRange();
    if (owner.getKvsCount() == 0 || owner.getKvs(0).getCreateRevision() == mine) {
      return CompletableFuture.completedFuture(queued.getHeader());
    }
    return queue
        .awaitTurn(user, Queue.prefix(name), mine - 1, gaveUp)
        .thenCompose(turn -> store.get(user, RangeRequest.newBuilder().setKey(key)))
        .whenComplete((held, failure) -> leaveAfter(failure, user, key))
        .thenApply(LockService::stillHeld);
  }

  /** Who stops waiting must not keep others waiting. */
  private void leaveAfter(Throwable failure, Identity user, ByteString key) {
    if (failure != null) {
      var unused = store.delete(user, key);
    }
  }

  private static ResponseHeader stillHeld(RangeResponse place) {
    if (place.getKvsCount() == 0) {
      throw Outcomes.sessionExpired();
    }
    return place.getHeader();
  }
}
