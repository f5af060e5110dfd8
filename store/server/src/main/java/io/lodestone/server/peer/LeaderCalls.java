package io.lodestone.server.peer;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Status;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.mvcc.log.Applied;
import io.lodestone.raft.Consensus;
import io.lodestone.raft.ConsensusException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Asks whoever leads, be it this member; while nobody does, or the leader changes meanwhile, again
 * and again until the time is up. Thread-safe; never blocks.
 */
public final class LeaderCalls {
  private static final Executor LATER =
      CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS);

  private final Supplier<Optional<Consensus<Applied>>> consensus;
  private final Duration timeout;

  /** {@code consensus} is empty before the member takes part; {@code timeout} is a request's. */
  public LeaderCalls(Supplier<Optional<Consensus<Applied>>> consensus, Duration timeout) {
    this.consensus = consensus;
    this.timeout = timeout;
  }

  /** Fails in etcd's words: those of the leader, or TIMEOUT. */
  CompletableFuture<ByteString> ask(Question question) {
    return ask(question, System.nanoTime() + timeout.toNanos());
  }

  private CompletableFuture<ByteString> ask(Question question, long deadlineNanos) {
    return askOnce(question)
        .exceptionallyCompose(
            failure -> {
              RuntimeException told = told(failure);
              boolean over = System.nanoTime() - deadlineNanos >= 0;
              return over || !isOfNoLeader(told)
                  ? CompletableFuture.failedFuture(over ? timedOut(told) : told)
                  : CompletableFuture.supplyAsync(() -> question, LATER)
                      .thenCompose(again -> ask(again, deadlineNanos));
            });
  }

  private CompletableFuture<ByteString> askOnce(Question question) {
    Optional<Consensus<Applied>> log = consensus.get();
    long leader = log.map(Consensus::leader).orElse(0L);
    return leader == 0
        ? CompletableFuture.failedFuture(new StoreException(ErrorCode.NO_LEADER))
        : log.get().ask(leader, question.encoded()).thenApply(ByteString::copyFrom);
  }

  /** Nothing was done: whoever was asked does not lead, or nobody does. */
  private static boolean isOfNoLeader(RuntimeException failure) {
    return failure instanceof StoreException known
        && (known.code() == ErrorCode.NO_LEADER || known.code() == ErrorCode.NOT_LEADER);
  }

  private static RuntimeException timedOut(RuntimeException last) {
    return isOfNoLeader(last) ? new StoreException(ErrorCode.TIMEOUT) : last;
  }

  private static RuntimeException told(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (!(cause instanceof ConsensusException known)) {
      return cause instanceof RuntimeException unchecked
          ? unchecked
          : new CompletionException(cause);
    }
    return switch (known.reason()) {
      case REFUSED -> refused(String.valueOf(known.getMessage()));
      case NO_LEADER -> new StoreException(ErrorCode.NO_LEADER);
      case STOPPED -> new StoreException(ErrorCode.STOPPED);
      case TOO_MANY_REQUESTS -> new StoreException(ErrorCode.TOO_MANY_REQUESTS);
      case TIMED_OUT, CHANGE_IN_PROGRESS, NO_PROGRESS -> new StoreException(ErrorCode.TIMEOUT);
    };
  }

  /** What has no code of etcd's is told in the leader's own words. */
  private static RuntimeException refused(String words) {
    boolean unmapped = words.equals(ErrorCode.NOT_ENOUGH_STARTED_MEMBERS.text());
    return ErrorCode.ofText(words)
        .filter(code -> !unmapped)
        .<RuntimeException>map(StoreException::new)
        .orElseGet(() -> Status.UNKNOWN.withDescription(words).asRuntimeException());
  }

  /** A message that another member has sent. */
  interface Parser<T> {
    T parse(ByteString body) throws InvalidProtocolBufferException;
  }

  <T> CompletableFuture<T> ask(Question question, Parser<T> parser) {
    return ask(question)
        .thenApply(
            body -> {
              try {
                return parser.parse(body);
              } catch (InvalidProtocolBufferException e) {
                throw new CompletionException(e);
              }
            });
  }
}
