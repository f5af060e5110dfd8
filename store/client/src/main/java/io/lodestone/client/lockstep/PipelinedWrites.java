package io.lodestone.client.lockstep;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.TxnResponse;
import io.lodestone.client.EtcdConnection;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the revisions of a {@link RevisionRun} by requests that are under way at the same time:
 * members write and send to each other together what comes together. Where any of them goes wrong,
 * it waits for all, looks how far the destination is, and makes what was asked for one by one.
 * Confined to the replaying thread.
 */
final class PipelinedWrites {
  private static final Logger log = LoggerFactory.getLogger(PipelinedWrites.class);
  private static final int MOST_UNDER_WAY = 16;
  private static final long DEADLINE_SECONDS = 5;

  private final EtcdConnection destination;
  private final PatientCalls calls;
  private final OrderedWrites writes;

  PipelinedWrites(EtcdConnection destination, PatientCalls calls, OrderedWrites writes) {
    this.destination = destination;
    this.calls = calls;
    this.writes = writes;
  }

  /**
   * When this returns, the destination has all revisions of {@code run}, or, where a request went
   * wrong, at least the first.
   *
   * @param reached told of each revision, in order, once the destination has it; also where this
   *     fails
   */
  void apply(RevisionRun run, LongConsumer reached) throws InterruptedException {
    Pipeline pipeline = new Pipeline(run, reached);
    while (!pipeline.isDone()) {
      pipeline.fill();
      if (!pipeline.takeAnswers()) {
        makeOneByOne(run, pipeline);
        return;
      }
    }
  }

  /** What became of a request; without an answer nobody knows. */
  private record Outcome(RevisionRun.Request request, Optional<TxnResponse> answer) {}

  /** The requests that are under way. Each makes one revision, or comes too late and makes none. */
  private final class Pipeline {
    private final RevisionRun run;
    private final LongConsumer reached;
    private final KVGrpc.KVFutureStub leader;

    /** Put by the threads that receive answers. */
    private final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();

    private int underWay;

    /** How many requests have made a revision. */
    private int made;

    /** How many, one after the other, have made none. */
    private int inVain;

    /** The newest revision that is known to be made, as are all before it. */
    private long newest;

    /** The last one that was asked for. */
    private long farthest;

    Pipeline(RevisionRun run, LongConsumer reached) {
      this.run = run;
      this.reached = reached;
      this.leader = KVGrpc.newFutureStub(destination.channel(writes.leader()));
      this.newest = run.from() - 1;
      this.farthest = newest;
    }

    boolean isDone() {
      return made == run.size() && underWay == 0;
    }

    /** Sends a request for each revision that no other is under way for, as far as they go. */
    void fill() throws InterruptedException {
      if (underWay == 0 && inVain >= MOST_UNDER_WAY) {
        throw OrderedWrites.diverged(newest + 1, calls.insist(destination::revision));
      }
      boolean room = inVain < MOST_UNDER_WAY;
      while (room && underWay < MOST_UNDER_WAY && made + underWay < run.size()) {
        Optional<RevisionRun.Request> request =
            run.request(newest + 1, run.from() + made + underWay);
        request.ifPresent(this::send);
        room = request.isPresent();
      }
    }

    private void send(RevisionRun.Request request) {
      FutureCallback<TxnResponse> answered =
          new FutureCallback<>() {
            @Override
            public void onSuccess(TxnResponse answer) {
              outcomes.add(new Outcome(request, Optional.of(answer)));
            }

            @Override
            public void onFailure(Throwable failure) {
              log.atDebug()
                  .addKeyValue("reason", failure.getMessage())
                  .log("a request of several failed");
              outcomes.add(new Outcome(request, Optional.empty()));
            }
          };
      Futures.addCallback(
          leader.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS).txn(request.txn()),
          answered,
          MoreExecutors.directExecutor());
      underWay++;
      farthest = Math.max(farthest, request.to());
    }

    /**
     * Waits for an answer, and takes those that are there besides; false where one was lost. Fails
     * where the destination goes another way.
     */
    boolean takeAnswers() throws InterruptedException {
      Queue<Outcome> taken = new ArrayDeque<>();
      taken.add(outcomes.take());
      outcomes.drainTo(taken);
      boolean whole = true;
      for (Outcome outcome : taken) {
        underWay--;
        outcome.answer().ifPresent(answer -> take(outcome.request(), answer));
        whole &= outcome.answer().isPresent();
      }
      return whole;
    }

    private void take(RevisionRun.Request request, TxnResponse answer) {
      OptionalLong asked = request.made(answer);
      if (asked.isEmpty()) {
        inVain++;
        return;
      }
      long found = answer.getHeader().getRevision();
      if (found != asked.getAsLong()) {
        throw OrderedWrites.diverged(asked.getAsLong(), found);
      }
      made++;
      inVain = 0;
      reach(found);
    }

    void reach(long revision) {
      while (newest < revision) {
        newest++;
        reached.accept(newest);
      }
    }

    void awaitAll() throws InterruptedException {
      while (underWay > 0) {
        boolean unused = takeAnswers();
      }
    }
  }

  private void makeOneByOne(RevisionRun run, Pipeline pipeline) throws InterruptedException {
    pipeline.awaitAll();
    writes.forgetLeader();
    long last = pipeline.farthest;
    long known = calls.insist(destination::revision);
    if (known < pipeline.newest || known > last) {
      throw OrderedWrites.diverged(last, known);
    }
    pipeline.reach(known);
    for (long revision = known + 1; revision <= last; revision++) {
      writes.applyPerhapsAgain(revision, run.only(revision), last);
      pipeline.reach(revision);
    }
  }
}
