package io.lodestone.server.concurrency;

import com.google.protobuf.ByteString;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.auth.Identity;
import java.util.concurrent.CompletableFuture;

/**
 * Everybody who wants the same thing: the keys under one prefix, in the order of their creation.
 * Thread-safe.
 */
public final class Queue {
  private final StoreCalls store;
  private final Deletions deletions;

  public Queue(StoreCalls store, Deletions deletions) {
    this.store = store;
    this.deletions = deletions;
  }

  /** The prefix of all who want {@code name}. */
  static ByteString prefix(ByteString name) {
    return name.concat(ByteString.copyFromUtf8("/"));
  }

  /** The key of one of them. */
  static ByteString place(ByteString name, long lease) {
    return prefix(name).concat(ByteString.copyFromUtf8(hex(lease)));
  }

  /** As Go prints a signed number in hex. */
  private static String hex(long lease) {
    return lease < 0 ? "-" + Long.toHexString(-lease) : Long.toHexString(lease);
  }

  /**
   * Completes when no key under {@code prefix} is left that was created at {@code revision} or
   * before. Fails with CANCELED once {@code gaveUp} completes.
   */
  CompletableFuture<Void> awaitTurn(
      Identity user, ByteString prefix, long revision, CompletableFuture<Void> gaveUp) {
    return store
        .get(user, StoreCalls.youngestUpTo(prefix, revision))
        .thenCompose(
            before ->
                before.getKvsCount() == 0
                    ? CompletableFuture.completedFuture(null)
                    : awaitDeletion(user, before.getKvs(0).getKey(), gaveUp)
                        .thenCompose(deleted -> awaitTurn(user, prefix, revision, gaveUp)));
  }

  /** Looks again after it has begun to listen, so that no deletion is missed. */
  private CompletableFuture<Void> awaitDeletion(
      Identity user, ByteString key, CompletableFuture<Void> gaveUp) {
    CompletableFuture<Void> deleted = deletions.of(key);
    return store
        .get(user, RangeRequest.newBuilder().setKey(key).setCountOnly(true))
        .thenCompose(
            now ->
                now.getCount() == 0
                    ? CompletableFuture.completedFuture(null)
                    : CompletableFuture.anyOf(deleted, gaveUp))
        .whenComplete((done, failure) -> deleted.cancel(false))
        .thenAccept(
            done -> {
              if (gaveUp.isDone()) {
                throw new StoreException(ErrorCode.CANCELED);
              }
            });
  }
}
