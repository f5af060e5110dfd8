package io.lodestone.server.kv;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.TxnResponse;
import io.lodestone.auth.Identity;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineView;
import io.lodestone.server.call.Access;
import io.lodestone.server.call.Caller;
import io.lodestone.server.call.ResponseHeaders;
import io.lodestone.server.metrics.KeyspaceMetrics;
import io.lodestone.server.proposal.Proposals;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Answers reads from the engine's view. One key is read on the thread that asks; everything larger
 * goes to {@code pool}, and when that is full the answer is TOO_MANY_REQUESTS. Thread-safe.
 */
public final class Reads {
  private final Engine engine;
  private final Proposals proposals;
  private final Access access;
  private final ResponseHeaders headers;
  private final KeyspaceMetrics metrics;
  private final Executor pool;

  public Reads(
      Engine engine,
      Proposals proposals,
      Access access,
      ResponseHeaders headers,
      KeyspaceMetrics metrics,
      Executor pool) {
    this.engine = engine;
    this.proposals = proposals;
    this.access = access;
    this.headers = headers;
    this.metrics = metrics;
    this.pool = pool;
  }

  /** Who asks is found out when all is there that a linearizable read has to see, users as well. */
  CompletableFuture<RangeResponse> range(RangeRequest request) {
    Caller caller = Caller.current();
    return range(() -> access.user(caller), request);
  }

  /** The same in the name of {@code user}. */
  public CompletableFuture<RangeResponse> range(Identity user, RangeRequest request) {
    return range(() -> user, request);
  }

  private CompletableFuture<RangeResponse> range(Supplier<Identity> who, RangeRequest request) {
    Supplier<RangeResponse> read =
        () -> {
          Identity user = who.get();
          access.checkRange(user, request.getKey(), request.getRangeEnd());
          RangeResponse response = inView(view -> range(view, request));
          access.checkStillValid(user);
          return response;
        };
    CompletableFuture<Void> ready = readyFor(request.getSerializable());
    return timed(
        request.getRangeEnd().isEmpty()
            ? ready.thenApply(done -> read.get())
            : pooled(ready, read));
  }

  private <T> CompletableFuture<T> timed(CompletableFuture<T> answer) {
    if (answer.isDone()) {
      return answer;
    }
    long began = System.nanoTime();
    return answer.whenComplete((done, failure) -> metrics.took(System.nanoTime() - began));
  }

  private RangeResponse range(EngineView view, RangeRequest request) {
    metrics.ranged();
    return view.range(request).toBuilder().setHeader(headers.at(view.revision())).build();
  }

  CompletableFuture<TxnResponse> txn(TxnRequest request) {
    Caller caller = Caller.current();
    return timed(
        pooled(
            readyFor(ReadOnly.isSerializable(request)),
            () -> {
              Identity user = access.user(caller);
              access.checkTxn(user, request);
              TxnResponse response = inView(view -> txn(view, request));
              access.checkStillValid(user);
              return response;
            }));
  }

  private TxnResponse txn(EngineView view, TxnRequest request) {
    TxnResponse response = view.readOnly(request);
    metrics.transacted(request, response);
    return response.toBuilder().setHeader(headers.at(view.revision())).build();
  }

  private <T> T inView(Function<EngineView, T> read) {
    try (EngineView view = engine.view()) {
      return read.apply(view);
    }
  }

  private CompletableFuture<Void> readyFor(boolean serializable) {
    return serializable ? CompletableFuture.completedFuture(null) : barrier();
  }

  private CompletableFuture<Void> barrier() {
    CompletableFuture<Void> barrier = proposals.readBarrier();
    if (barrier.isDone() && !barrier.isCompletedExceptionally()) {
      return barrier;
    }
    return barrier.whenComplete(
        (done, failure) -> {
          if (failure != null) {
            metrics.readIndexFailed();
          }
          if (isTimeout(failure)) {
            metrics.readIndexSlow();
          }
        });
  }

  private static boolean isTimeout(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof StoreException known && known.code() == ErrorCode.TIMEOUT;
  }

  private <T> CompletableFuture<T> pooled(CompletableFuture<Void> ready, Supplier<T> read) {
    return ready
        .thenApplyAsync(done -> read.get(), pool)
        .exceptionally(
            failure -> {
              throw failure.getCause() instanceof RejectedExecutionException
                  ? new StoreException(ErrorCode.TOO_MANY_REQUESTS)
                  : new CompletionException(failure);
            });
  }
}
