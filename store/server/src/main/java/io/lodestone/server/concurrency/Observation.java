package io.lodestone.server.concurrency;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.api.v3electionpb.LeaderResponse;
import io.lodestone.auth.Identity;
import io.lodestone.mvcc.log.Change;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.server.call.Answers;
import io.lodestone.server.call.ResponseHeaders;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Executor;

/**
 * One client that watches an election: it is told who leads now, and every word of the leader from
 * then on. Changes wait in a bounded queue; a client that does not keep up misses the older ones
 * and is told the newest state. Thread-safe; one task at a time talks to the client.
 */
final class Observation {
  private static final int MOST_WAITING = 1000;

  private final StoreCalls store;
  private final Identity user;
  private final ByteString prefix;
  private final ResponseHeaders headers;
  private final ServerCallStreamObserver<LeaderResponse> out;
  private final Executor executor;
  private final Queue<RevisionRecord> waiting = new ArrayDeque<>();
  private boolean running;

  /** Something was missed, or nothing is known yet: the store has to be asked. */
  private boolean lost = true;

  private Optional<KeyValue> leader = Optional.empty();
  private long seen;

  Observation(
      StoreCalls store,
      Identity user,
      ByteString prefix,
      ResponseHeaders headers,
      ServerCallStreamObserver<LeaderResponse> out,
      Executor executor) {
    this.store = store;
    this.user = user;
    this.prefix = prefix;
    this.headers = headers;
    this.out = out;
    this.executor = executor;
  }

  /** On the apply thread. */
  void changed(List<Change> changes) {
    boolean any = false;
    for (Change change : changes) {
      if (change.record().key().startsWith(prefix)) {
        add(change.record());
        any = true;
      }
    }
    if (any) {
      wake();
    }
  }

  private synchronized void add(RevisionRecord record) {
    if (waiting.size() >= MOST_WAITING) {
      waiting.clear();
      lost = true;
    }
    waiting.add(record);
  }

  synchronized void wake() {
    if (!running && out.isReady() && (lost || !waiting.isEmpty())) {
      running = true;
      executor.execute(this::run);
    }
  }

  private void run() {
    if (takeLost()) {
      var unused = store.get(user, StoreCalls.oldest(prefix)).whenComplete(this::found);
      return;
    }
    Optional<RevisionRecord> next = take();
    while (next.isPresent()) {
      next.ifPresent(this::tell);
      next = take();
    }
    rest();
  }

  private synchronized boolean takeLost() {
    boolean was = lost;
    lost = false;
    return was;
  }

  /** Nothing more while the store has to be asked first. */
  private synchronized Optional<RevisionRecord> take() {
    return lost || !out.isReady() ? Optional.empty() : Optional.ofNullable(waiting.poll());
  }

  private synchronized void rest() {
    running = false;
    wake();
  }

  private void found(RangeResponse oldest, Throwable failure) {
    if (failure != null) {
      Answers.fail(out, failure);
      return;
    }
    seen = oldest.getHeader().getRevision();
    leader = oldest.getKvsList().stream().findFirst();
    leader.ifPresent(kv -> send(kv, seen));
    rest();
  }

  /** Only the leader's own key matters, or the first one that is put while nobody leads. */
  private void tell(RevisionRecord record) {
    if (record.main() <= seen) {
      return;
    }
    boolean ofLeader = leader.isPresent() && leader.get().getKey().equals(record.key());
    if (record.tombstone()) {
      if (ofLeader) {
        loseLeader();
      }
    } else if (ofLeader || leader.isEmpty()) {
      leader = Optional.of(record.keyValue());
      send(record.keyValue(), record.main());
    }
  }

  /** Whoever comes next may stand in the store already. */
  private synchronized void loseLeader() {
    leader = Optional.empty();
    lost = true;
  }

  private void send(KeyValue kv, long revision) {
    out.onNext(LeaderResponse.newBuilder().setHeader(headers.at(revision)).setKv(kv).build());
  }
}
