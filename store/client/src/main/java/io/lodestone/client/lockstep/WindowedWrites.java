package io.lodestone.client.lockstep;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.TxnResponse;
import io.lodestone.client.EtcdConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the revisions of {@link RevisionWindow}s by requests that are under way at the same time:
 * those of two windows, so that a member always has something to do. Where any of them went wrong,
 * it waits for all, looks how far the destination is, and makes the others one by one. Confined to
 * the replaying thread.
 */
final class WindowedWrites {
  private static final Logger log = LoggerFactory.getLogger(WindowedWrites.class);
  private static final long DEADLINE_SECONDS = 5;

  private final EtcdConnection destination;
  private final PatientCalls calls;
  private final OrderedWrites writes;

  WindowedWrites(EtcdConnection destination, PatientCalls calls, OrderedWrites writes) {
    this.destination = destination;
    this.calls = calls;
    this.writes = writes;
  }

  /** A window whose requests are under way. */
  private static final class Sent {
    private final RevisionWindow window;
    private final List<ListenableFuture<TxnResponse>> answers = new ArrayList<>();
    private final CountDownLatch anyAnswer = new CountDownLatch(1);

    Sent(RevisionWindow window) {
      this.window = window;
    }

    /** The revisions that were made, as far as answers told; empty where one was lost. */
    Optional<Set<Long>> await() throws InterruptedException {
      Set<Long> made = new TreeSet<>();
      boolean failed = false;
      for (ListenableFuture<TxnResponse> answer : answers) {
        try {
          TxnResponse response = answer.get();
          if (isMade(response) && !made.add(response.getHeader().getRevision())) {
            throw OrderedWrites.diverged(window.to(), response.getHeader().getRevision());
          }
        } catch (ExecutionException e) {
          log.atDebug().addKeyValue("reason", e.getMessage()).log("a request of several failed");
          failed = true;
        }
      }
      return failed ? Optional.empty() : Optional.of(made);
    }

    /** Whether any of the chained transactions was the one. */
    private static boolean isMade(TxnResponse answer) {
      TxnResponse level = answer;
      while (!level.getSucceeded()) {
        if (level.getResponsesCount() == 0) {
          return false;
        }
        level = level.getResponses(0).getResponseTxn();
      }
      return true;
    }
  }

  /**
   * When this returns, the destination is at the last revision of {@code first} or of a window
   * behind it.
   *
   * @param behind what is to follow a window, if that can be said before it is made
   * @param reached told of each revision, in order, once the destination has it; also where this
   *     fails
   */
  void apply(
      RevisionWindow first,
      Function<RevisionWindow, Optional<RevisionWindow>> behind,
      LongConsumer reached)
      throws InterruptedException {
    Sent older = send(first, first.size());
    older.anyAnswer.await(); // by then the others are in the destination's log, or close to it
    Optional<Sent> newer = behind.apply(first).map(window -> send(window, window.size()));
    while (makes(older)) {
      tell(older.window, reached);
      if (newer.isEmpty()) {
        return;
      }
      older = newer.get();
      newer = behind.apply(older.window).map(window -> send(window, window.size()));
    }
    makeOneByOne(older.window, newer, reached);
  }

  private Sent send(RevisionWindow window, int requests) {
    TxnRequest txn = window.next();
    KVGrpc.KVFutureStub stub = KVGrpc.newFutureStub(destination.channel(writes.leader()));
    Sent sent = new Sent(window);
    for (int i = 0; i < requests; i++) {
      ListenableFuture<TxnResponse> answer =
          stub.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS).txn(txn);
      answer.addListener(sent.anyAnswer::countDown, MoreExecutors.directExecutor());
      sent.answers.add(answer);
    }
    return sent;
  }

  /**
   * Whether every request was answered; then the whole window is made. Requests that came too early
   * made nothing, and are sent again. Fails where they made something else.
   */
  private boolean makes(Sent sent) throws InterruptedException {
    RevisionWindow window = sent.window;
    Set<Long> made = new TreeSet<>();
    Sent round = sent;
    while (true) {
      Optional<Set<Long>> more = round.await();
      if (more.isEmpty()) {
        return false;
      }
      made.addAll(more.get());
      boolean within = made.stream().allMatch(at -> at >= window.from() && at <= window.to());
      if (within && made.size() == window.size()) {
        return true;
      }
      boolean early = window.awaitsItsTurn() && round == sent;
      if (!within || (more.get().isEmpty() && !early)) {
        throw OrderedWrites.diverged(window.to(), calls.insist(destination::revision));
      }
      round = send(window, window.size() - made.size());
    }
  }

  private static void tell(RevisionWindow window, LongConsumer reached) {
    for (long revision = window.from(); revision <= window.to(); revision++) {
      reached.accept(revision);
    }
  }

  private void makeOneByOne(RevisionWindow older, Optional<Sent> newer, LongConsumer reached)
      throws InterruptedException {
    if (newer.isPresent()) {
      Optional<Set<Long>> unused = newer.get().await();
    }
    writes.forgetLeader();
    long last = newer.map(sent -> sent.window).orElse(older).to();
    long known = calls.insist(destination::revision);
    if (known < older.from() - 1 || known > last) {
      throw OrderedWrites.diverged(last, known);
    }
    for (long revision = older.from(); revision <= last; revision++) {
      if (revision > known) {
        RevisionWindow window = revision <= older.to() ? older : newer.orElseThrow().window;
        writes.applyPerhapsAgain(revision, window.only(revision), last);
      }
      reached.accept(revision);
    }
  }
}
