package io.lodestone.server.replication;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.etcdfile.db.DurableFiles;
import io.lodestone.mvcc.Durability;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineOptions;
import io.lodestone.mvcc.log.Applied;
import io.lodestone.mvcc.log.LogEntry;
import io.lodestone.mvcc.members.MemberChange;
import io.lodestone.mvcc.rocks.DiskFullException;
import io.lodestone.raft.ReplicatedState;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine of one member of a cluster, in the hands of consensus. It is another one after each
 * {@link #install}: whoever uses {@link #engine} is told before it is closed.
 *
 * <p>Its writes need not be on disk, since the log has them. While the disk is full, applying waits
 * for room.
 */
public final class ReplicatedEngine implements ReplicatedState<Applied>, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicatedEngine.class);
  private static final long LOOK_FOR_ROOM_MILLIS = 500;

  private final Path directory;
  private final EngineOptions options;
  private final Users users;
  private volatile Engine engine;

  /** Who uses the engine. Called on the thread that applies. */
  public interface Users {
    /** To use the engine no more, when this returns; another one is coming. */
    void leave();

    /** The engine to use from now on. */
    void enter(Engine next) throws IOException;

    /** The engine asks for an alarm, which has to go through the log. */
    void alarm(InternalRaftRequest alarm);
  }

  /**
   * Opens the engine in {@code directory}, and finishes or takes back an {@link #install} that was
   * cut off there. {@code users} hear of the engines to come, not of this one.
   */
  public ReplicatedEngine(Path directory, EngineOptions options, Users users) throws IOException {
    this.directory = directory;
    this.options = options;
    this.users = users;
    if (!Files.exists(directory) && Files.exists(replaced())) {
      Files.move(replaced(), directory);
    }
    DurableFiles.deleteTree(replaced());
    this.engine = Engine.open(directory, options);
  }

  /** Takes one that is open already, in {@code directory}, to be closed here. */
  public ReplicatedEngine(Path directory, EngineOptions options, Users users, Engine running) {
    this.directory = directory;
    this.options = options;
    this.users = users;
    this.engine = running;
  }

  /** Where the engine waits for its end while another one takes its place. */
  private Path replaced() {
    return directory.resolveSibling(directory.getFileName() + ".replaced");
  }

  /** As it stands; not to be kept. */
  public Engine engine() {
    return engine;
  }

  @Override
  public long appliedIndex() {
    return engine.appliedIndex();
  }

  @Override
  public List<Applied> apply(long index, long term, List<ByteBuffer> commands) throws IOException {
    List<Applied> results = new ArrayList<>(commands.size());
    List<LogEntry> run = new ArrayList<>();
    long next = index;
    for (ByteBuffer encoded : commands) {
      Command command = Command.decoded(encoded);
      if (command instanceof Command.Request plain) {
        run.add(new LogEntry(next, term, plain.request()));
      } else if (command instanceof Command.OfLeader own && own.term() == term) {
        run.add(new LogEntry(next, term, own.request()));
      } else {
        applyRun(run, results);
        results.add(applyAlone(next, term, command));
      }
      next++;
    }
    applyRun(run, results);
    results.forEach(result -> engine.alarmAfter(result).ifPresent(users::alarm));
    return results;
  }

  /** Requests are written together; {@code run} is empty when this returns. */
  private void applyRun(List<LogEntry> run, List<Applied> results) throws IOException {
    if (!run.isEmpty()) {
      List<LogEntry> entries = List.copyOf(run);
      onceThereIsRoom(() -> results.addAll(engine.apply(entries, Durability.BY_LOG)));
      run.clear();
    }
  }

  /**
   * Commands that are none of the engine's requests: changes of members, and what comes to nothing.
   */
  private Applied applyAlone(long index, long term, Command command) throws IOException {
    MemberChanges changes = new MemberChanges(engine.members());
    if (command instanceof Command.Add add) {
      return change(index, term, () -> changes.add(add.member()));
    }
    if (command instanceof Command.Update update) {
      return change(index, term, () -> changes.update(update.member()));
    }
    if (command instanceof Command.Promote promote) {
      return change(index, term, () -> changes.promote(promote.id()));
    }
    if (command instanceof Command.Remove remove) {
      return change(index, term, () -> changes.remove(remove.id()));
    }
    return change(
        index,
        term,
        () -> {
          throw new StoreException(ErrorCode.NOT_LEADER);
        });
  }

  private Applied change(long index, long term, Supplier<MemberChange> change) throws IOException {
    try {
      List<MemberChange> changes = List.of(change.get());
      onceThereIsRoom(() -> engine.changeMembers(index, term, changes, Durability.BY_LOG));
      return Applied.done(engine.revision(), InternalRaftRequest.getDefaultInstance());
    } catch (StoreException refusal) {
      onceThereIsRoom(() -> engine.changeMembers(index, term, List.of(), Durability.BY_LOG));
      return Applied.refused(engine.revision(), refusal);
    }
  }

  /** A write to the engine. */
  @FunctionalInterface
  private interface Write {
    void run() throws IOException;
  }

  private void onceThereIsRoom(Write write) throws IOException {
    while (true) {
      try {
        write.run();
        return;
      } catch (DiskFullException e) {
        LOG.atError()
            .addKeyValue("hint", "make room on the disk of the data directory; the member goes on")
            .log("the disk is full; this member applies nothing until it has room");
        rest();
      }
    }
  }

  private static void rest() throws InterruptedIOException {
    try {
      Thread.sleep(LOOK_FOR_ROOM_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("stopped while waiting for room on the disk");
    }
  }

  @Override
  public void sync() throws IOException {
    engine.apply(List.of(), Durability.SYNCED);
  }

  @Override
  public void checkpoint(Path into) throws IOException {
    engine.checkpoint(into);
  }

  @Override
  public void install(Path from) throws IOException {
    users.leave();
    engine.close();
    Files.move(directory, replaced());
    Files.move(from, directory);
    DurableFiles.syncDirectory(DurableFiles.parent(directory));
    DurableFiles.deleteTree(replaced());
    engine = Engine.open(directory, options);
    LOG.atInfo()
        .addKeyValue("revision", engine.revision())
        .log("took over the leader's state in place of its own");
    users.enter(engine);
  }

  @Override
  public void close() {
    engine.close();
  }
}
