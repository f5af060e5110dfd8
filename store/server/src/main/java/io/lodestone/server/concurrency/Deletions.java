package io.lodestone.server.concurrency;

import com.google.protobuf.ByteString;
import io.lodestone.mvcc.ChangeListener;
import io.lodestone.mvcc.log.Change;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;

/** Tells when a key is deleted the next time. Thread-safe. */
public final class Deletions implements ChangeListener {
  private final Map<ByteString, List<CompletableFuture<Void>>> waiting = new ConcurrentHashMap<>();
  private final Executor executor;

  /** Who waits is told on {@code executor}, which must take a task for each of them. */
  public Deletions(Executor executor) {
    this.executor = executor;
  }

  /**
   * Completes with the next deletion of {@code key} that becomes visible. Whoever does not care any
   * more cancels it.
   */
  CompletableFuture<Void> of(ByteString key) {
    CompletableFuture<Void> deleted = new CompletableFuture<>();
    waiting.compute(
        key,
        (same, others) -> {
          List<CompletableFuture<Void>> all =
              others == null ? new CopyOnWriteArrayList<>() : others;
          all.add(deleted);
          return all;
        });
    var unused = deleted.whenComplete((done, failure) -> forget(key, deleted));
    return deleted;
  }

  private void forget(ByteString key, CompletableFuture<Void> deleted) {
    waiting.computeIfPresent(
        key,
        (same, all) -> {
          all.removeIf(other -> other == deleted);
          return all.isEmpty() ? null : all;
        });
  }

  @Override
  public void changed(long head, List<Change> changes) {
    if (waiting.isEmpty()) {
      return;
    }
    for (Change change : changes) {
      if (change.record().tombstone()) {
        List<CompletableFuture<Void>> all = waiting.get(change.record().key());
        if (all != null) {
          all.forEach(deleted -> deleted.completeAsync(() -> null, executor));
        }
      }
    }
  }
}
