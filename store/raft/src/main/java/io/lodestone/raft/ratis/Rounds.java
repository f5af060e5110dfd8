package io.lodestone.raft.ratis;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * One question at a time, for all who want its answer: who joins gets the answer of a round that
 * began afterwards. Thread-safe.
 */
final class Rounds<T> {
  private final Supplier<CompletableFuture<T>> question;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private List<CompletableFuture<T>> waiting = new ArrayList<>();

  @GuardedBy("lock")
  private boolean underWay;

  Rounds(Supplier<CompletableFuture<T>> question) {
    this.question = question;
  }

  CompletableFuture<T> join() {
    CompletableFuture<T> answer = new CompletableFuture<>();
    synchronized (lock) {
      waiting.add(answer);
      if (underWay) {
        return answer;
      }
      underWay = true;
    }
    begin();
    return answer;
  }

  private void begin() {
    while (true) {
      List<CompletableFuture<T>> served = next();
      if (served.isEmpty()) {
        return;
      }
      CompletableFuture<T> answer = question.get();
      if (!answer.isDone()) {
        var unused =
            answer.whenComplete(
                (value, failure) -> {
                  served.forEach(one -> tell(one, value, failure));
                  begin();
                });
        return;
      }
      var unused =
          answer.whenComplete((value, failure) -> served.forEach(one -> tell(one, value, failure)));
    }
  }

  /** Whom the next round is for; with nobody there, it is not to begin. */
  private List<CompletableFuture<T>> next() {
    synchronized (lock) {
      List<CompletableFuture<T>> served = waiting;
      waiting = new ArrayList<>();
      underWay = !served.isEmpty();
      return served;
    }
  }

  private static <T> void tell(CompletableFuture<T> one, T answer, Throwable failure) {
    if (failure != null) {
      one.completeExceptionally(failure);
    } else {
      one.complete(answer);
    }
  }
}
