package io.lodestone.client.lockstep;

import com.google.common.util.concurrent.ListenableFuture;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.TxnResponse;
import io.lodestone.client.EtcdConnection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the revisions of a {@link RevisionWindow} by requests that are under way at the same time.
 * Where any of them went wrong, it waits for all, looks how far the destination is, and makes the
 * others one by one. Confined to the replaying thread.
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

  /**
   * When this returns, the destination is at the window's last revision.
   *
   * @param reached told of each revision, in order, once the destination has it; also where this
   *     fails
   */
  void apply(RevisionWindow window, LongConsumer reached) throws InterruptedException {
    long known = window.last();
    if (!send(window)) {
      known = calls.insist(destination::revision);
      if (known < window.first() - 1 || known > window.last()) {
        throw OrderedWrites.diverged(window.last(), known);
      }
    }
    for (long revision = window.first(); revision <= window.last(); revision++) {
      if (revision > known) {
        writes.applyPerhapsAgain(revision, window.only(revision));
      }
      reached.accept(revision);
    }
  }

  /**
   * Whether every request was answered. Fails where they were, and did not make one revision each.
   */
  private boolean send(RevisionWindow window) throws InterruptedException {
    TxnRequest txn = window.next();
    KVGrpc.KVFutureStub stub = KVGrpc.newFutureStub(destination.channel(writes.leader()));
    List<ListenableFuture<TxnResponse>> answers = new ArrayList<>();
    for (int i = 0; i < window.size(); i++) {
      answers.add(stub.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS).txn(txn));
    }
    Set<Long> made = new TreeSet<>();
    boolean failed = false;
    for (ListenableFuture<TxnResponse> answer : answers) {
      try {
        made.add(answer.get().getHeader().getRevision());
      } catch (ExecutionException e) {
        log.atDebug().addKeyValue("reason", e.getMessage()).log("a request of several failed");
        failed = true;
      }
    }
    if (failed) {
      writes.forgetLeader();
    } else if (!isWhole(made, window)) {
      throw OrderedWrites.diverged(window.last(), Collections.max(made));
    }
    return !failed;
  }

  private static boolean isWhole(Set<Long> made, RevisionWindow window) {
    return made.size() == window.size()
        && Collections.min(made) == window.first()
        && Collections.max(made) == window.last();
  }
}
