package io.lodestone.mvcc.direct;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.mvcc.Durability;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.log.Applied;
import io.lodestone.mvcc.log.LogEntry;
import io.lodestone.mvcc.members.MemberChange;
import io.lodestone.mvcc.rocks.DiskFullException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of a cluster of one: what is proposed while a write is on its way to the disk goes to the
 * disk with the next one. An answer comes once its change is on disk, visible and told to the
 * engine's listeners; it comes on the writer thread, which must not be kept waiting.
 *
 * <p>Thread-safe. The queue is bounded; a proposal that finds it full fails with TOO_MANY_REQUESTS.
 * While the disk is full, proposals fail with DISK_FULL, which leaves open whether the first of
 * them were stored; the writer looks for room twice a second. When the engine fails otherwise,
 * everything that waits fails with it and nothing more is taken.
 */
public final class DirectLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DirectLog.class);
  private static final int LONGEST_QUEUE = 8192;
  private static final int LARGEST_BATCH = 512;
  private static final int LARGEST_BATCH_BYTES = 4 << 20;
  private static final long LOOK_FOR_ROOM_MILLIS = 500;

  private final Engine engine;
  private final Durability durability;
  private final BlockingQueue<Proposal> queue = new ArrayBlockingQueue<>(LONGEST_QUEUE);
  private final Thread writer = new Thread(this::run, "apply");
  private final long term;
  private volatile boolean stopping;
  private volatile boolean stopped;

  /** Its entries have a term above those that the engine has seen; answers come from the disk. */
  public DirectLog(Engine engine) {
    this(engine, Durability.SYNCED);
  }

  /**
   * With {@link Durability#BY_LOG}, a crash loses what was answered last: there is no log above.
   */
  public DirectLog(Engine engine, Durability durability) {
    this.engine = engine;
    this.durability = durability;
    this.term = Math.max(1, engine.appliedTerm()) + 1;
  }

  public void start() {
    writer.start();
  }

  /** The term of the entries of this run. */
  public long term() {
    return term;
  }

  /**
   * What applying the request comes to. Fails with TOO_MANY_REQUESTS while too much is waiting,
   * with DISK_FULL while there is no room, with STOPPED after the end.
   */
  public CompletableFuture<Applied> propose(InternalRaftRequest request) {
    return offer(new Proposal(request, List.of(), new CompletableFuture<>()));
  }

  /** Changes the cluster's members; completes, without a response, and fails as a proposal does. */
  public CompletableFuture<Applied> changeMembers(List<MemberChange> changes) {
    return offer(
        new Proposal(
            InternalRaftRequest.getDefaultInstance(),
            List.copyOf(changes),
            new CompletableFuture<>()));
  }

  private CompletableFuture<Applied> offer(Proposal proposal) {
    CompletableFuture<Applied> answer = proposal.answer();
    if (stopping) {
      answer.completeExceptionally(new StoreException(ErrorCode.STOPPED));
    } else if (engine.diskFull()) {
      answer.completeExceptionally(new StoreException(ErrorCode.DISK_FULL));
    } else if (!queue.offer(proposal)) {
      answer.completeExceptionally(new StoreException(ErrorCode.TOO_MANY_REQUESTS));
    } else if (stopped) {
      failWaiting(ErrorCode.STOPPED);
    }
    return answer;
  }

  private void run() {
    try {
      while (!stopping) {
        commit(nextBatch());
        if (engine.diskFull()) {
          awaitRoom();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      LOG.atError().setCause(e).log("cannot write; the store takes no more proposals");
    } finally {
      stopping = true;
      stopped = true;
      failWaiting(ErrorCode.STOPPED);
    }
  }

  /** Writes the store's standing once more, until that succeeds. */
  private void awaitRoom() throws IOException, InterruptedException {
    LOG.atError()
        .addKeyValue("hint", "make room on the disk of the data directory; writes then go on")
        .log("the disk is full; writes are refused, reads go on");
    while (engine.diskFull()) {
      failWaiting(ErrorCode.DISK_FULL);
      Thread.sleep(LOOK_FOR_ROOM_MILLIS);
      try {
        engine.apply(List.of(), durability);
      } catch (DiskFullException e) {
        LOG.atDebug().setCause(e).log("the disk is still full");
      }
    }
    LOG.atInfo().log("the disk has room again; writes go on");
  }

  private List<Proposal> nextBatch() throws InterruptedException {
    List<Proposal> batch = new ArrayList<>();
    Proposal next = queue.take();
    long bytes = 0;
    while (next != null) {
      batch.add(next);
      bytes += next.request().getSerializedSize();
      boolean full = batch.size() >= LARGEST_BATCH || bytes >= LARGEST_BATCH_BYTES;
      next = full ? null : queue.poll();
    }
    return batch;
  }

  private void commit(List<Proposal> batch) throws IOException {
    try {
      int from = 0;
      while (from < batch.size()) {
        int to = endOfRun(batch, from);
        commitRun(batch.subList(from, to));
        from = to;
      }
    } catch (DiskFullException e) {
      batch.forEach(proposal -> fail(proposal, ErrorCode.DISK_FULL));
    } catch (IOException | RuntimeException e) {
      batch.forEach(proposal -> proposal.answer().completeExceptionally(failure(e)));
      throw e;
    }
  }

  /** A change of members stands alone; requests are written together. */
  private static int endOfRun(List<Proposal> batch, int from) {
    int to = from + 1;
    while (!batch.get(from).changesMembers()
        && to < batch.size()
        && !batch.get(to).changesMembers()) {
      to++;
    }
    return to;
  }

  private void commitRun(List<Proposal> run) throws IOException {
    Proposal first = run.get(0);
    if (first.changesMembers()) {
      long index = engine.appliedIndex() + 1;
      engine.changeMembers(index, term, first.changes(), durability);
      first.answer().complete(Applied.before(engine.revision()));
      return;
    }
    List<Applied> results = engine.apply(entries(run), durability);
    raiseAlarm(results);
    for (int i = 0; i < run.size(); i++) {
      run.get(i).answer().complete(results.get(i));
    }
  }

  private List<LogEntry> entries(List<Proposal> run) {
    long index = engine.appliedIndex();
    List<LogEntry> entries = new ArrayList<>(run.size());
    for (Proposal proposal : run) {
      entries.add(new LogEntry(++index, term, proposal.request()));
    }
    return entries;
  }

  /** Before the one who met the quota is told, as etcd does. */
  private void raiseAlarm(List<Applied> results) throws IOException {
    for (Applied applied : results) {
      Optional<InternalRaftRequest> alarm = engine.alarmAfter(applied);
      if (alarm.isPresent()) {
        LogEntry entry = new LogEntry(engine.appliedIndex() + 1, term, alarm.get());
        engine.apply(List.of(entry), durability);
      }
    }
  }

  private static StoreException failure(Exception cause) {
    return new StoreException(
        ErrorCode.STOPPED, ErrorCode.STOPPED.text(), "see the log of the server", cause);
  }

  private void failWaiting(ErrorCode reason) {
    Proposal waiting = queue.poll();
    while (waiting != null) {
      fail(waiting, reason);
      waiting = queue.poll();
    }
  }

  /** Of no effect on one that has its answer. */
  private static void fail(Proposal proposal, ErrorCode reason) {
    proposal.answer().completeExceptionally(new StoreException(reason));
  }

  /** Finishes the write that is on its way and fails what still waits. Leaves the engine open. */
  @Override
  public void close() {
    stopping = true;
    writer.interrupt();
    try {
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
