package io.lodestone.raft.ratis;

import io.lodestone.raft.Consensus;
import io.lodestone.raft.ConsensusException;
import io.lodestone.raft.ConsensusException.Reason;
import io.lodestone.raft.ConsensusListener;
import io.lodestone.raft.Passage;
import io.lodestone.raft.Peer;
import io.lodestone.raft.PeerTls;
import io.lodestone.raft.Progress;
import io.lodestone.raft.RaftConfig;
import io.lodestone.raft.ReplicatedState;
import io.lodestone.raft.ratis.AtLeader.Errand;
import io.lodestone.raft.ratis.ReplicatedMachine.Checkpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.thirdparty.io.grpc.stub.ServerCallStreamObserver;
import org.apache.ratis.util.ExitUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A member whose consensus is Apache Ratis'. Thread-safe. */
public final class RatisConsensus<R> implements Consensus<R> {
  private static final Logger LOG = LoggerFactory.getLogger(RatisConsensus.class);
  private static final long TICK_MILLIS = 50;
  private static final long LATER_MILLIS = 20;
  private static final int LONGEST_WRITE_ELECTIONS = 5;
  private static final Duration LONGEST_CATCH_UP = Duration.ofHours(1);

  /** Of a leader that makes or sends a checkpoint. */
  private static final Duration LONGEST_SILENCE = Duration.ofMinutes(1);

  private static final String POSITION_FILE = "position";
  private static final String CHECKPOINTS = "checkpoints";

  private final RaftConfig config;
  private final ConsensusListener listener;
  private final PeerMethods methods;
  private final PeerService service;
  private final PromptRpc.Senders senders;
  private final PeerCalls calls;
  private final Answers<R> answers = new Answers<>();
  private final ReplicatedMachine<R> machine;
  private final RaftServer server;
  private final Division division;
  private final Outbox outbox;
  private final ReadIndex readIndex;
  private final Reads reads;
  private final Membership membership;
  private final AtLeader atLeader;
  private final Succession succession;
  private final Checkpoints checkpoints;
  private final CheckpointNotice checkpointNotice;
  private final LeaderWatch leaderWatch;
  private final RoundTrips roundTrips;
  private final DiskWatch diskWatch;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "raft-timer"));
  private final ExecutorService transfers =
      Executors.newCachedThreadPool(task -> daemon(task, "raft-checkpoint"));
  private final ExecutorService answering =
      Executors.newCachedThreadPool(task -> daemon(task, "raft-answer"));
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();

  static {
    // Ratis ends the process where it cannot listen; a library must not.
    ExitUtils.disableSystemExit();
  }

  private RatisConsensus(
      RaftConfig config,
      ReplicatedState<R> state,
      ConsensusListener listener,
      PositionFile file,
      Position position,
      RaftGroup group,
      long segmentBytes)
      throws IOException {
    this.config = config;
    this.listener = listener;
    this.methods = PeerMethods.of(config.clusterId());
    this.service = new PeerService(methods);
    this.calls = new PeerCalls(config.tls(), config.election());
    calls.know(config.peers());
    AppendStreams streams = new AppendStreams(this::streamEnded);
    this.senders =
        new PromptRpc.Senders(
            calls, config.heartbeat(), config.election().multipliedBy(2), this::moreComes);
    this.machine =
        new ReplicatedMachine<>(
            state,
            answers,
            file,
            position,
            config.snapshotCount(),
            config.catchUpCommands(),
            new MachineEvents());
    this.server =
        RaftServer.newBuilder()
            .setServerId(Peers.ratisId(config.memberId()))
            .setGroup(group)
            .setStateMachine(machine)
            .setOption(RaftStorage.StartupOption.RECOVER)
            .setProperties(RatisSettings.properties(config, segmentBytes))
            .setParameters(RatisSettings.parameters(config, service, streams, senders, answering))
            .build();
    RaftGroupMemberId self = RaftGroupMemberId.valueOf(server.getId(), group.getGroupId());
    RaftServer.Division ratis = server.getDivision(group.getGroupId());
    this.division = new Division(ratis);
    this.outbox =
        new Outbox(
            division::route,
            new EntryCarrier(ratis, machine, calls, methods, config.requestTimeout()),
            cause -> stop(Optional.of(cause)));
    this.readIndex = new ReadIndex(division, this::termOf);
    this.reads =
        new Reads(
            division::route,
            readIndex,
            calls,
            methods,
            bytes(config.memberId()),
            machine.applied(),
            this::later,
            config.election());
    this.membership =
        new Membership(server, self, division, calls, config.election().multipliedBy(2));
    this.diskWatch =
        new DiskWatch(
            division, membership, config.election().multipliedBy(LONGEST_WRITE_ELECTIONS));
    this.succession =
        new Succession(division, membership, streams, calls, methods, answering, config.election());
    this.atLeader = new AtLeader(division::route, calls, this::later);
    this.checkpoints =
        new Checkpoints(
            config.directory().resolve(CHECKPOINTS),
            machine,
            calls,
            methods,
            config.memberId(),
            listener,
            transfers,
            LONGEST_SILENCE);
    this.checkpointNotice =
        new CheckpointNotice(
            machine, config.memberId(), division::route, calls, methods, config.election());
    this.leaderWatch = new LeaderWatch(division, listener);
    this.roundTrips = new RoundTrips(division, calls, methods, config.memberId(), listener);
  }

  /**
   * Starts a member; its state is open, and stays so when this is closed.
   *
   * @throws IOException if the port is taken, the log cannot be read, belongs to another cluster,
   *     or has commands that the state lacks
   */
  public static <R> RatisConsensus<R> open(
      RaftConfig config, ReplicatedState<R> state, ConsensusListener listener) throws IOException {
    return open(config, state, listener, RatisSettings.SEGMENT_BYTES);
  }

  static <R> RatisConsensus<R> open(
      RaftConfig config, ReplicatedState<R> state, ConsensusListener listener, long segmentBytes)
      throws IOException {
    Files.createDirectories(config.directory());
    Checkpoints.clear(config.directory().resolve(CHECKPOINTS));
    PositionFile file = new PositionFile(config.directory().resolve(POSITION_FILE));
    RaftGroup group = group(config);
    Position position = position(config, state, file, group);
    RatisConsensus<R> consensus =
        new RatisConsensus<>(config, state, listener, file, position, group, segmentBytes);
    try {
      consensus.start();
      return consensus;
    } catch (ExitUtils.ExitException e) {
      consensus.close();
      throw new IOException("cannot listen on port " + config.listenPort(), e);
    } catch (IOException | RuntimeException e) {
      consensus.close();
      throw e;
    }
  }

  private static RaftGroup group(RaftConfig config) {
    RaftGroupId id = RaftGroupId.valueOf(new UUID(config.clusterId(), config.clusterId()));
    boolean waits = config.start() == RaftConfig.Start.JOIN && !config.self().learns();
    List<Peer> known = waits ? List.of() : config.peers();
    return RaftGroup.valueOf(id, known.stream().map(Peers::ratisPeer).toList());
  }

  private static Position position(
      RaftConfig config, ReplicatedState<?> state, PositionFile file, RaftGroup group)
      throws IOException {
    Path log = config.directory().resolve(group.getGroupId().getUuid().toString());
    Optional<Position> stored = file.read();
    if (stored.isEmpty()) {
      boolean joins = config.start() == RaftConfig.Start.JOIN;
      if (!joins) {
        InitialLog.write(log, List.copyOf(group.getPeers()));
      }
      Position first = Position.beforeLog(joins ? Position.UNKNOWN : state.appliedIndex());
      file.write(first);
      return first;
    }
    if (!Files.isDirectory(log) && !stored.get().isBeforeLog()) {
      throw new IOException(
          config.directory()
              + " has no log of the cluster "
              + Long.toHexString(config.clusterId()));
    }
    if (state.appliedIndex() < stored.get().commands()) {
      throw new IOException(
          "the state has "
              + state.appliedIndex()
              + " commands, and the log begins only behind command "
              + stored.get().commands());
    }
    return stored.get();
  }

  private void start() throws IOException {
    server.start();
    service.open(new Requests());
    outbox.start();
    var unused =
        timer.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    long now = System.nanoTime();
    answers.sweep(now);
    reads.sweep(now);
    checkpoints.look(now, division.leader());
    checkpointNotice.look();
    roundTrips.look(now);
    diskWatch.look(now);
    if (!division.info().isAlive()) {
      stop(Optional.of(new IllegalStateException("Ratis has stopped; its log says why")));
    }
    try {
      leaderWatch.look();
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).log("a listener failed; the member goes on");
    }
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  Division division() {
    return division;
  }

  private boolean moreComes() {
    return outbox.waits();
  }

  private void streamEnded(long member) {
    succession.streamEnded(member);
  }

  /** At the end, at once: the task sees that it is the end. */
  private void later(Runnable task) {
    try {
      var unused = timer.schedule(task, LATER_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      task.run();
    }
  }

  private long deadline() {
    return System.nanoTime() + config.requestTimeout().toNanos();
  }

  @Override
  public CompletableFuture<R> propose(ByteBuffer command) {
    Proposed<R> proposed = answers.expect(command, deadline(), outbox::again);
    if (stopped.get()) {
      answers.fail(proposed, Reason.STOPPED, "this member takes no more part");
    } else if (!outbox.offer(proposed)) {
      answers.fail(proposed, Reason.TOO_MANY_REQUESTS, "too many proposals wait");
    }
    return proposed.answer();
  }

  @Override
  public CompletableFuture<Void> readBarrier() {
    return reads.barrier(deadline());
  }

  private CompletableFuture<Long> termOf(Peer peer) {
    return calls
        .call(peer, methods.term(), PeerMethods.NOTHING, config.election())
        .thenApply(answer -> ByteBuffer.wrap(answer).getLong());
  }

  @Override
  public long term() {
    return division.term();
  }

  @Override
  public long leader() {
    return division.leader();
  }

  @Override
  public boolean leads() {
    return division.leads();
  }

  @Override
  public long committedIndex() {
    return division.committedIndex();
  }

  @Override
  public long appliedIndex() {
    return machine.applied().get();
  }

  @Override
  public long pending() {
    return answers.count();
  }

  @Override
  public long lateHeartbeats() {
    return senders.lateBeats();
  }

  @Override
  public List<Peer> peers() {
    return division.peers();
  }

  @Override
  public CompletableFuture<Void> change(List<Peer> peers) {
    byte[] request = Peers.toBytes(peers);
    return atLeader.run(
        new Errand(
            () -> membership.change(peers),
            leader -> calls.call(leader, methods.change(), request, LONGEST_CATCH_UP),
            deadline()));
  }

  @Override
  public CompletableFuture<Void> transferLeadership(long id) {
    byte[] request = ByteBuffer.allocate(Long.BYTES).putLong(id).array();
    return atLeader.run(
        new Errand(
            () -> membership.transfer(id),
            leader -> calls.call(leader, methods.transfer(), request, config.requestTimeout()),
            deadline()));
  }

  @Override
  public List<Progress> progress() {
    return membership.progress();
  }

  @Override
  public CompletableFuture<ByteBuffer> ask(long id, ByteBuffer question) {
    if (id == config.memberId()) {
      return listener.answer(question).exceptionallyCompose(RatisConsensus::refused);
    }
    Optional<Peer> peer = peers().stream().filter(one -> one.id() == id).findFirst();
    if (peer.isEmpty()) {
      return CompletableFuture.failedFuture(
          new ConsensusException(Reason.REFUSED, "no such member: " + Long.toHexString(id)));
    }
    return ask(calls, peer.get(), question, config.requestTimeout());
  }

  /** As if it had been another member that was asked. */
  private static <T> CompletableFuture<T> refused(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return CompletableFuture.failedFuture(
        new ConsensusException(Reason.REFUSED, String.valueOf(cause.getMessage()), cause));
  }

  private static CompletableFuture<ByteBuffer> ask(
      PeerCalls calls, Peer peer, ByteBuffer question, Duration patience) {
    return calls
        .call(peer, PeerMethods.ASK, bytes(question), patience)
        .handle(
            (answer, failure) -> {
              if (failure != null) {
                throw PeerMethods.failure(failure, Reason.TIMED_OUT);
              }
              return ByteBuffer.wrap(answer);
            });
  }

  /**
   * Asks a member of a cluster that the asker does not belong to, as {@link Consensus#ask} does.
   * Blocks, for {@code timeout} at most.
   *
   * @throws ConsensusException REFUSED or TIMED_OUT
   */
  public static ByteBuffer ask(
      String host, int port, Optional<PeerTls> tls, ByteBuffer question, Duration timeout) {
    try (PeerCalls calls = new PeerCalls(tls, timeout)) {
      return ask(calls, Peer.voter(1, host, port), question, timeout).join();
    } catch (CompletionException e) {
      throw PeerMethods.failure(e.getCause(), Reason.TIMED_OUT);
    }
  }

  private static byte[] bytes(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private void stop(Optional<Throwable> cause) {
    if (!stopped.compareAndSet(false, true)) {
      return;
    }
    answers.failAll(Reason.STOPPED, "this member takes no more part");
    reads.close();
    atLeader.close();
    if (!closed.get()) {
      cause.ifPresentOrElse(
          thrown -> LOG.atError().setCause(thrown).log("this member can take no more part"),
          () -> LOG.atWarn().log("this member was removed from its cluster"));
      transfers.execute(() -> listener.stopped(cause));
    }
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    stop(Optional.empty());
    outbox.close();
    timer.shutdown();
    try {
      server.close();
    } catch (IOException e) {
      LOG.atWarn().setCause(e).log("while the member was closed");
    }
    transfers.shutdownNow();
    answering.shutdownNow();
    calls.close();
    awaitEnd(transfers);
    awaitEnd(answering);
    awaitEnd(timer);
  }

  /** So that nobody touches the state any more. */
  private static void awaitEnd(ExecutorService executor) {
    try {
      executor.awaitTermination(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What the state machine meets. */
  private final class MachineEvents implements ReplicatedMachine.Events {
    @Override
    public void leaderChanged() {
      outbox.leaderChanged();
    }

    @Override
    public void peersChanged(List<Peer> peers) {
      listener.peersChanged(peers);
    }

    @Override
    public void failed(Throwable cause) {
      stop(Optional.of(cause));
    }

    @Override
    public void removed() {
      stop(Optional.empty());
    }

    @Override
    public void logIsLong() {
      try {
        timer.execute(membership::shortenLog);
      } catch (RejectedExecutionException e) {
        // This member is being closed. Thrown further, it would end Ratis' updater, for which the
        // closing waits; the log is shortened in the next run.
        LOG.atDebug().setCause(e).log("the log is not shortened any more");
      }
    }

    @Override
    public Passage installing() {
      return listener.installing();
    }

    @Override
    public CompletableFuture<Checkpoint> fetch(Peer leader) {
      return checkpoints.fetch(leader);
    }
  }

  /** What other members ask for. */
  private final class Requests implements PeerService.Requests {
    @Override
    public CompletableFuture<byte[]> term() {
      return CompletableFuture.completedFuture(bytes(division.term()));
    }

    @Override
    public CompletableFuture<byte[]> forward(byte[] message) {
      Forwarded forwarded = new Forwarded(message);
      senders.asked(forwarded.member());
      if (!outbox.offer(forwarded)) {
        forwarded.refused();
      }
      return forwarded.taken();
    }

    @Override
    public CompletableFuture<byte[]> readIndex(byte[] member) {
      senders.asked(ByteBuffer.wrap(member).getLong());
      return readIndex.ask().thenApply(RatisConsensus::bytes);
    }

    @Override
    public CompletableFuture<byte[]> change(byte[] peers) {
      return ifLeading(() -> membership.change(Peers.fromBytes(peers)));
    }

    @Override
    public CompletableFuture<byte[]> transfer(byte[] id) {
      return ifLeading(() -> membership.transfer(ByteBuffer.wrap(id).getLong()));
    }

    @Override
    public CompletableFuture<byte[]> gone(byte[] question) {
      return CompletableFuture.completedFuture(succession.asked(question));
    }

    @Override
    public CompletableFuture<byte[]> inPlace(byte[] notice) {
      senders.inPlace(CheckpointNotice.Content.of(notice));
      return CompletableFuture.completedFuture(PeerMethods.NOTHING);
    }

    private CompletableFuture<byte[]> ifLeading(Supplier<CompletableFuture<Void>> work) {
      if (!division.leads()) {
        return CompletableFuture.failedFuture(
            new ConsensusException(Reason.NO_LEADER, "this member does not lead"));
      }
      return work.get().thenApply(nothing -> PeerMethods.NOTHING);
    }

    @Override
    public CompletableFuture<byte[]> ask(byte[] question) {
      return listener.answer(ByteBuffer.wrap(question)).thenApply(RatisConsensus::bytes);
    }

    @Override
    public void checkpoint(byte[] request, ServerCallStreamObserver<byte[]> member) {
      checkpoints.send(request, member);
    }
  }
}
