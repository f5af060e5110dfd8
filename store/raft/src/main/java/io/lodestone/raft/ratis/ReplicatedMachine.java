package io.lodestone.raft.ratis;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lodestone.raft.Passage;
import io.lodestone.raft.Peer;
import io.lodestone.raft.ReplicatedState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.statemachine.impl.FileListSnapshotInfo;
import org.apache.ratis.util.LifeCycle;

/**
 * The state as Ratis drives it: unpacks entries, counts commands, keeps from the state those it has
 * applied already, and answers who waits. The state may be ahead of the log after a restart or a
 * checkpoint, never behind the position on disk.
 *
 * <p>Ratis' updater thread applies; it and whoever installs a checkpoint exclude each other by
 * {@code applying}, which is held while the state is called.
 */
final class ReplicatedMachine<R> extends BaseStateMachine {
  /** What the machine meets that is not its own business. */
  interface Events {
    /** A checkpoint of the leader's begins to take the state's place. */
    Passage installing();

    void leaderChanged();

    void peersChanged(List<Peer> peers);

    /** Nothing more is applied. */
    void failed(Throwable cause);

    /** Another member says that this one was removed. */
    void removed();

    /** So many commands, or so many bytes, have been applied that the log's beginning may go. */
    void logIsLong();

    /** Fetches the leader's checkpoint into a directory; completes with where, and its position. */
    CompletableFuture<Checkpoint> fetch(Peer leader);
  }

  /** A state in {@code directory} that has everything up to {@code position}. */
  record Checkpoint(Path directory, Position position) {}

  private static final long LONG_LOG_BYTES = 256L << 20;

  private final ReplicatedState<R> state;
  private final Answers<R> answers;
  private final PositionFile file;
  private final Events events;
  private final long longLogCommands;
  private final AppliedIndex applied;
  private final Set<Long> appended = ConcurrentHashMap.newKeySet();

  /** Held to write while the state is replaced; taken before {@code applying}. */
  private final ReadWriteLock replacing = new ReentrantReadWriteLock();

  private final Object applying = new Object();

  @GuardedBy("applying")
  private Position position;

  @GuardedBy("applying")
  private final RecentLog recent;

  @GuardedBy("applying")
  private long commandsSinceStored;

  @GuardedBy("applying")
  private long bytesSinceStored;

  private volatile Position stored;

  /** What Ratis takes for the newest snapshot. Only its updater thread moves that. */
  private volatile Position told;

  private volatile OptionalLong unnoticed = OptionalLong.empty();

  ReplicatedMachine(
      ReplicatedState<R> state,
      Answers<R> answers,
      PositionFile file,
      Position stored,
      long longLogCommands,
      long catchUpCommands,
      Events events) {
    this.state = state;
    this.answers = answers;
    this.file = file;
    this.events = events;
    this.longLogCommands = longLogCommands;
    this.position = stored;
    this.stored = stored;
    this.told = stored;
    this.recent = new RecentLog(catchUpCommands, stored.index());
    this.applied = new AppliedIndex(stored.index());
  }

  AppliedIndex applied() {
    return applied;
  }

  /** Everything up to here is in the state. */
  Position position() {
    synchronized (applying) {
      return position;
    }
  }

  /** Whether the request with this number was appended to this member's log; forgets it. */
  boolean takeAppended(long callId) {
    return appended.remove(callId);
  }

  @Override
  public void initialize(RaftServer server, RaftGroupId group, RaftStorage storage)
      throws IOException {
    super.initialize(server, group, storage);
    setLastAppliedTermIndex(stored.termIndex());
  }

  @Override
  public TransactionContext preAppendTransaction(TransactionContext transaction) {
    RaftClientRequest request = transaction.getClientRequest();
    if (request != null) {
      appended.add(request.getCallId());
    }
    return transaction;
  }

  @Override
  public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
    LogEntryProto entry = transaction.getLogEntry();
    ByteBuffer content = entry.getStateMachineLogEntry().getLogData().asReadOnlyByteBuffer();
    try {
      apply(entry.getTerm(), entry.getIndex(), content);
    } catch (IOException e) {
      events.failed(e);
      throw new UncheckedIOException(e);
    } catch (RuntimeException | Error e) {
      events.failed(e);
      throw e;
    }
    updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
    applied.advance(entry.getIndex());
    return CompletableFuture.completedFuture(Message.EMPTY);
  }

  private void apply(long term, long index, ByteBuffer content) throws IOException {
    synchronized (applying) {
      if (index <= position.index()) {
        return;
      }
      if (position.commands() == Position.UNKNOWN) {
        throw new IOException("was sent a log without the state before it");
      }
      int bytes = content.remaining();
      List<Command> commands = Command.commands(content);
      apply(term, commands);
      position = new Position(term, index, position.commands() + commands.size());
      recent.add(index, commands.size(), bytes);
      grown(commands.size(), bytes);
    }
  }

  @GuardedBy("applying")
  private void apply(long term, List<Command> commands) throws IOException {
    long ahead = state.appliedIndex() - position.commands();
    int known = (int) Math.max(0, Math.min(commands.size(), ahead));
    answers.lost(commands.subList(0, known));
    List<Command> fresh = commands.subList(known, commands.size());
    if (!fresh.isEmpty()) {
      List<ByteBuffer> contents = fresh.stream().map(Command::content).toList();
      answers.applied(fresh, state.apply(position.commands() + known + 1, term, contents));
    }
  }

  @GuardedBy("applying")
  private void grown(int commands, int bytes) {
    commandsSinceStored += commands;
    bytesSinceStored += bytes;
    if (commandsSinceStored >= longLogCommands || bytesSinceStored >= LONG_LOG_BYTES) {
      commandsSinceStored = 0;
      bytesSinceStored = 0;
      events.logIsLong();
    }
  }

  /** An entry that is not for the state. */
  @Override
  public void notifyTermIndexUpdated(long term, long index) {
    synchronized (applying) {
      if (index > position.index()) {
        position = new Position(term, index, position.commands());
      }
    }
    updateLastAppliedTermIndex(term, index);
    applied.advance(index);
  }

  /**
   * Makes the state durable, so that Ratis may forget the log up to where it returns: not all of
   * what is durable.
   */
  @Override
  public long takeSnapshot() throws IOException {
    synchronized (applying) {
      if (!position.isBeforeLog()) {
        state.sync();
        store(position);
        told = position;
      }
      return recent.dispensable();
    }
  }

  @GuardedBy("applying")
  private void store(Position reached) throws IOException {
    file.write(reached);
    stored = reached;
  }

  /** Copies the state; it has everything up to the position returned, and perhaps more. */
  Position checkpoint(Path into) throws IOException {
    replacing.readLock().lock();
    try {
      Position reached = position();
      if (reached.isBeforeLog()) {
        throw new IOException("nothing is applied here yet");
      }
      state.checkpoint(into);
      return reached;
    } finally {
      replacing.readLock().unlock();
    }
  }

  @Override
  public SnapshotInfo getLatestSnapshot() {
    Position latest = told;
    return latest.isBeforeLog() ? null : new FileListSnapshotInfo(List.of(), latest.termIndex());
  }

  /** The leader no longer has the entries that come next here, or wants to be sure that it has. */
  @Override
  public CompletableFuture<TermIndex> notifyInstallSnapshotFromLeader(
      RoleInfoProto role, TermIndex firstAvailable) {
    Position reached = position();
    if (!reached.isBeforeLog() && reached.index() + 1 >= firstAvailable.getIndex()) {
      return keep();
    }
    RaftPeerProto leader = role.getFollowerInfo().getLeaderInfo().getId();
    return events
        .fetch(Peers.peer(leader, Peer.Vote.VOTER))
        .thenApply(
            checkpoint -> {
              TermIndex installed = install(checkpoint);
              unnoticed = OptionalLong.of(firstAvailable.getIndex());
              return installed;
            });
  }

  /** What Ratis' notification named, where a checkpoint is in place and Ratis not gone on yet. */
  OptionalLong unnoticed() {
    return unnoticed;
  }

  /** Nothing is missing here; Ratis wants to hear of a snapshot nevertheless. */
  private CompletableFuture<TermIndex> keep() {
    synchronized (applying) {
      try {
        state.sync();
        store(position);
        return CompletableFuture.completedFuture(position.termIndex());
      } catch (IOException e) {
        return CompletableFuture.failedFuture(e);
      }
    }
  }

  private TermIndex install(Checkpoint checkpoint) {
    Passage passage = events.installing();
    boolean whole = false;
    replacing.writeLock().lock();
    try {
      synchronized (applying) {
        Position reached = checkpoint.position();
        if (reached.index() > position.index()) {
          state.install(checkpoint.directory());
          position = reached;
        } else {
          state.sync();
        }
        store(position);
        whole = true;
        Directories.delete(checkpoint.directory());
        return position.termIndex();
      }
    } catch (IOException e) {
      events.failed(e);
      throw new UncheckedIOException(e);
    } finally {
      replacing.writeLock().unlock();
      passage.ended(whole);
    }
  }

  @Override
  public void pause() {
    unnoticed = OptionalLong.empty();
  }

  /**
   * Asked for by Ratis only before it loads a checkpoint, which it may do at any time: twice in a
   * row, where it was told of two, and with one pause.
   */
  @Override
  public LifeCycle.State getLifeCycleState() {
    return LifeCycle.State.PAUSED;
  }

  @Override
  public void reinitialize() {
    synchronized (applying) {
      // Ratis goes on from what is stored, and offers again what was applied behind it meanwhile.
      told = stored;
      recent.restart(told.index());
    }
    setLastAppliedTermIndex(told.termIndex());
    applied.advance(told.index());
  }

  @Override
  public void notifyLeaderChanged(RaftGroupMemberId member, RaftPeerId leader) {
    events.leaderChanged();
  }

  @Override
  public void notifyLeaderReady() {
    events.leaderChanged();
  }

  @Override
  public void notifyConfigurationChanged(
      long term, long index, RaftConfigurationProto configuration) {
    boolean stable =
        configuration.getOldPeersList().isEmpty() && configuration.getOldListenersList().isEmpty();
    if (stable) {
      events.peersChanged(Peers.of(configuration.getPeersList(), configuration.getListenersList()));
    }
  }

  @Override
  public void notifyLogFailed(Throwable cause, LogEntryProto entry) {
    events.failed(cause);
  }

  @Override
  public void notifyServerShutdown(RoleInfoProto role, boolean allServer) {
    if (!allServer) {
      events.removed();
    }
  }
}
