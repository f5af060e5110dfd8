package io.lodestone.replica;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineView;
import io.lodestone.replica.peer.PeerAnswers;
import io.lodestone.revisions.RowScan;
import io.lodestone.revisions.digest.HashKv;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The engine that is followed, as other members may ask about it, in front of whoever else serves
 * it. An engine is let go of before the next one takes its place: a hash under way ends first.
 * Thread-safe; told of engines by one thread.
 */
final class PeerCopy implements Follower.Audience, PeerAnswers, AutoCloseable {
  private final Follower.Audience next;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition idle = lock.newCondition();

  @GuardedBy("lock")
  private Optional<Engine> engine = Optional.empty();

  @GuardedBy("lock")
  private int uses;

  private volatile boolean withdrawn;

  /** {@code next} is told the same, and stays the caller's to close, after this. */
  PeerCopy(Follower.Audience next) {
    this.next = next;
  }

  @Override
  public void replaced(Engine newest) throws IOException {
    close();
    next.replaced(newest);
    lock.lock();
    try {
      engine = Optional.of(newest);
      withdrawn = false;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void reached(long revision) {
    next.reached(revision);
  }

  @Override
  public void current(Instant moment) {
    next.current(moment);
  }

  @Override
  public List<Member> members() {
    lock.lock();
    try {
      return engine.map(known -> known.members().all()).orElse(List.of());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Not at a compacted revision, nor where the compaction was at a deletion: releases of etcd
   * differ in how they hash these.
   */
  @Override
  public Hashed hash(long revision) throws IOException {
    Engine hashed = use();
    try (EngineView view = hashed.view()) {
      long at = revision == 0 ? view.revision() : revision;
      if (at > view.revision()) {
        throw new StoreException(ErrorCode.FUTURE_REVISION);
      }
      if (at <= view.compactRevision() || isCompactedAtADeletion(view)) {
        throw new StoreException(ErrorCode.COMPACTED);
      }
      HashKv hash = HashKv.of(guarded(view.rows()), view.compactRevision(), at);
      if (withdrawn) {
        throw new StoreException(ErrorCode.STOPPED);
      }
      return new Hashed(hash, view.revision());
    } finally {
      letGo();
    }
  }

  private Engine use() {
    lock.lock();
    try {
      Engine present = engine.orElseThrow(() -> new StoreException(ErrorCode.STOPPED));
      uses++;
      return present;
    } finally {
      lock.unlock();
    }
  }

  private void letGo() {
    lock.lock();
    try {
      uses--;
      idle.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static boolean isCompactedAtADeletion(EngineView view) throws IOException {
    long compacted = view.compactRevision();
    boolean[] found = new boolean[1];
    view.rowsFrom(Math.max(0, compacted))
        .scan(
            row -> {
              found[0] = row.main() == compacted && row.tombstone();
              return row.main() == compacted && !found[0];
            });
    return found[0];
  }

  private RowScan guarded(RowScan rows) {
    return visitor -> rows.scan(row -> !withdrawn && visitor.row(row));
  }

  /** Answers nothing more about the present engine, and waits for what is under way. */
  @Override
  public void close() {
    withdrawn = true;
    lock.lock();
    try {
      engine = Optional.empty();
      while (uses > 0) {
        idle.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }
}
