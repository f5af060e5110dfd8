package io.lodestone.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.Attributes;
import io.lodestone.api.etcdserverpb.ClusterMemberAttrSetRequest;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.etcdfile.db.DurableFiles;
import io.lodestone.mvcc.Durability;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineOptions;
import io.lodestone.mvcc.log.Applied;
import io.lodestone.mvcc.members.MemberChange;
import io.lodestone.raft.Consensus;
import io.lodestone.raft.ConsensusException;
import io.lodestone.raft.ConsensusListener;
import io.lodestone.raft.Passage;
import io.lodestone.raft.Peer;
import io.lodestone.raft.Progress;
import io.lodestone.raft.RaftConfig;
import io.lodestone.raft.ratis.RatisConsensus;
import io.lodestone.server.cluster.AgreedPeers;
import io.lodestone.server.cluster.Contacts;
import io.lodestone.server.cluster.LastAnswers;
import io.lodestone.server.cluster.MembersFile.Stored;
import io.lodestone.server.cluster.Membership;
import io.lodestone.server.cluster.Reconfiguration;
import io.lodestone.server.cluster.ReplicatedMembership;
import io.lodestone.server.config.StoreConfig;
import io.lodestone.server.lease.LeaseTimes;
import io.lodestone.server.metrics.MemberMetrics;
import io.lodestone.server.peer.CorruptionCheck;
import io.lodestone.server.peer.LeaderCalls;
import io.lodestone.server.peer.LeadersLeases;
import io.lodestone.server.peer.LeadersMembership;
import io.lodestone.server.peer.PeerAnswers;
import io.lodestone.server.proposal.Proposals;
import io.lodestone.server.replication.RaftProposals;
import io.lodestone.server.replication.ReplicatedEngine;
import io.lodestone.server.transport.ListenUrl;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of several members. What it serves begins anew when it takes over the state of its leader:
 * clients are disconnected and find their way back.
 */
final class ClusterMember implements ServedMember {
  private static final Logger log = LoggerFactory.getLogger(ClusterMember.class);
  private static final Duration TICK = Duration.ofMillis(250);
  private static final long LOOK_MILLIS = 10;

  /** Then a member that is not counted says that it still waits. */
  private static final Duration LONG_JOIN = Duration.ofSeconds(10);

  /** etcd's: a member that was silent for longer is no help for changes. */
  private static final Duration HEARD_WITHIN = Duration.ofSeconds(5);

  private final StoreConfig config;
  private final Stored self;
  private final Runnable ended;
  private final Closing closing = new Closing();
  private final ReplicatedEngine engine;
  private final RaftProposals proposals;
  private final Consensus<Applied> consensus;
  private final LeaderCalls leaderCalls;
  private final PeerAnswers answers;
  private final MemberMetrics metrics;
  private final LastAnswers heard = new LastAnswers(HEARD_WITHIN);
  private final AgreedPeers counted = new AgreedPeers();
  private final Reconfiguration reconfiguration;
  private final AtomicBoolean publishing = new AtomicBoolean();
  private final Object servingLock = new Object();
  private volatile boolean published;
  private volatile boolean stopped;
  private volatile Serving serving;

  /** Of the ports opened last, which are closed while the leader's state is taken over. */
  private volatile List<ListenUrl> clientUrls = List.of();

  @GuardedBy("servingLock")
  private boolean open;

  /** While the leader's state is taken over, there is nothing to serve. */
  @GuardedBy("servingLock")
  private boolean away;

  /** Whether engine and clients are closed with this one. */
  private volatile boolean owner;

  private boolean closed;

  /** What a member that was alone until now goes on with: an engine, and those who use it. */
  record Alone(Engine engine, Serving serving) {}

  /** When this returns, clients can connect; {@code ended} is run if it ends by itself. */
  ClusterMember(StoreConfig config, Stored self, EngineOptions options, Runnable ended)
      throws IOException {
    this(config, self, options, ended, Optional.empty());
  }

  /**
   * One that was alone until now, whose engine has the table of members and is on disk, and takes
   * nothing meanwhile. When this returns, it leads, and engine and clients are this one's to close;
   * where it fails, they are left as they were.
   */
  ClusterMember(StoreConfig config, Stored self, EngineOptions options, Runnable ended, Alone alone)
      throws IOException {
    this(config, self, options, ended, Optional.of(alone));
  }

  private ClusterMember(
      StoreConfig config, Stored self, EngineOptions options, Runnable ended, Optional<Alone> alone)
      throws IOException {
    this.config = config;
    this.self = self;
    this.ended = ended;
    this.owner = alone.isEmpty();
    this.published = alone.isPresent();
    this.metrics =
        alone.map(before -> before.serving().memberMetrics()).orElseGet(MemberMetrics::new);
    DataDirectory dataDir = new DataDirectory(config.dataDir());
    try {
      engine = engine(dataDir, options, alone);
      closing.add(this::closeEngine);
      boolean comesBack = alone.isEmpty() && !config.forceNewCluster() && !members().isEmpty();
      if (alone.isPresent()) {
        Files.createDirectories(dataDir.raft());
      } else {
        begin(dataDir);
      }
      boolean joins = members().isEmpty();
      proposals = new RaftProposals(engine, self.localId(), config.electionTimeout());
      leaderCalls = new LeaderCalls(proposals::consensus, requestTimeout());
      answers =
          new PeerAnswers(
              self.clusterId(),
              engine::engine,
              proposals,
              new ReplicatedMembership(
                  this::members,
                  proposals,
                  this::contacts,
                  config.strictReconfigCheck(),
                  metrics,
                  Clock.systemUTC()),
              task -> serving.background().execute(task));
      closing.add(this::closeServing);
      serving = alone.isPresent() ? alone.get().serving() : serve(engine.engine());
      CorruptionCheck corruption = corruptionCheck();
      if (alone.isEmpty() && config.corruption().atStart()) {
        corruption.beforeStart();
      }
      Changes changes = new Changes(alone.isPresent());
      consensus = closing.add(RatisConsensus.open(raftConfig(dataDir, joins), engine, changes));
      counted.begin(consensus.peers());
      reconfiguration = new Reconfiguration(consensus, this::members, self.localId(), heard);
      proposals.begin(consensus);
      closing.add(this::closePorts);
      if (alone.isPresent()) {
        takeOver();
      } else {
        if (joins || comesBack) {
          catchUp(joins);
        }
        openPorts();
      }
      tickRegularly();
      compareRegularly(corruption);
    } catch (IOException | RuntimeException e) {
      closing.close();
      throw e;
    }
  }

  private ReplicatedEngine engine(
      DataDirectory dataDir, EngineOptions options, Optional<Alone> alone) throws IOException {
    return alone.isPresent()
        ? new ReplicatedEngine(dataDir.engine(), options, new Clients(), alone.get().engine())
        : new ReplicatedEngine(dataDir.engine(), options, new Clients());
  }

  /** Of a member that was alone: whoever waits meanwhile is not to wait for an election as well. */
  private void takeOver() throws IOException {
    try {
      consensus.readBarrier().join();
    } catch (CompletionException e) {
      throw new IOException("does not come to lead itself: " + e.getCause().getMessage(), e);
    }
    synchronized (servingLock) {
      open = true;
      clientUrls = serving.clientUrls();
    }
    owner = true;
  }

  /** A new cluster's members all begin with the same table, as their first command. */
  private void begin(DataDirectory dataDir) throws IOException {
    Files.createDirectories(dataDir.raft());
    Engine first = engine.engine();
    if (first.members().removed().contains(self.localId())) {
      throw new LodestoneException(
          "the member " + Long.toHexString(self.localId()) + " has been removed from its cluster",
          "to come back it needs an empty data directory, and to be added anew (member add)");
    }
    if (config.forceNewCluster()) {
      standAlone(dataDir);
    } else if (self.members().size() > 1 && first.members().all().isEmpty()) {
      change(self.members().stream().<MemberChange>map(MemberChange.Present::new).toList());
    }
  }

  /** Goes on with what is applied here, as the only member, a voter; the others are removed. */
  private void standAlone(DataDirectory dataDir) throws IOException {
    List<Member> known = members().isEmpty() ? self.members() : members();
    List<MemberChange> changes = new ArrayList<>();
    for (Member member : known) {
      changes.add(
          member.getID() == self.localId()
              ? new MemberChange.Present(member.toBuilder().setIsLearner(false).build())
              : new MemberChange.Removed(member.getID()));
    }
    change(changes);
    DurableFiles.deleteTree(dataDir.raft());
    Files.createDirectories(dataDir.raft());
    log.atWarn().addKeyValue("removed", changes.size() - 1).log("forced a new cluster of one");
  }

  private void change(List<MemberChange> changes) throws IOException {
    Engine now = engine.engine();
    now.changeMembers(
        now.appliedIndex() + 1, Math.max(1, now.appliedTerm()), changes, Durability.SYNCED);
  }

  private RaftConfig raftConfig(DataDirectory dataDir, boolean joins) throws IOException {
    PeerListener listener = PeerListener.of(config);
    return new RaftConfig(
        self.clusterId(),
        self.localId(),
        joins ? RaftConfig.Start.JOIN : RaftConfig.Start.NEW,
        Reconfiguration.peers(joins ? self.members() : members()),
        listener.host(),
        listener.port(),
        dataDir.raft(),
        config.heartbeatInterval(),
        config.electionTimeout(),
        requestTimeout(),
        config.snapshotCount(),
        RaftConfig.DEFAULT_CATCH_UP_COMMANDS,
        listener.tls());
  }

  private Duration requestTimeout() {
    return RaftConfig.requestTimeout(config.electionTimeout());
  }

  private Contacts contacts() {
    return reconfiguration;
  }

  private List<Member> members() {
    return engine.engine().members().all();
  }

  private Serving serve(Engine current) throws IOException {
    return new Serving(
        config,
        current,
        new Serving.Identity(self.clusterId(), self.localId()),
        membership(),
        leaseTimes(),
        proposals,
        metrics);
  }

  /**
   * As etcd, a member serves nobody before it is one of those who are counted and has what the
   * others had by then: what it would serve is old, its clients would be disconnected where it
   * takes over the leader's state, and whoever sees it serve may take another member away. Unlike
   * etcd, one that comes back does not wait for a leader that nobody elects; one that {@code joins}
   * has nothing to serve without.
   */
  private void catchUp(boolean joins) throws IOException {
    long began = System.nanoTime();
    boolean told = false;
    try {
      while (!stopped
          && (joins || consensus.leader() != 0 || !isLonger(began, config.electionTimeout()))) {
        if (consensus.leader() != 0 && counted.has(self.localId())) {
          if (hasCaughtUp()) {
            return;
          }
        } else {
          told = told || tellLongJoin(began);
          TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
      }
    } catch (InterruptedException e) {
      // Without the thread's own flag, which would disturb the closing that follows.
      throw new InterruptedIOException("interrupted while this member caught up with the others");
    }
    if (!stopped) {
      log.atInfo().log("no leader is known; serves what it has");
    }
  }

  private static boolean isLonger(long beganNanos, Duration time) {
    return System.nanoTime() - beganNanos >= time.toNanos();
  }

  /** False while it is too early to. */
  private boolean tellLongJoin(long beganNanos) {
    if (!isLonger(beganNanos, LONG_JOIN)) {
      return false;
    }
    log.atWarn()
        .addKeyValue(
            "hint", "a majority of the members has to run, and any other that was added of late")
        .log("the other members have not taken this one in yet; its client ports stay closed");
    return true;
  }

  private boolean hasCaughtUp() throws InterruptedException {
    try {
      consensus.readBarrier().get();
      return true;
    } catch (ExecutionException e) {
      log.atInfo().addKeyValue("why", e.getCause().getMessage()).log("has not caught up yet");
      return e.getCause() instanceof ConsensusException failure
          && failure.reason() == ConsensusException.Reason.STOPPED;
    }
  }

  /** A member that has just joined may be taking over the leader's state by now. */
  private void openPorts() throws IOException {
    synchronized (servingLock) {
      try {
        while (away) {
          servingLock.wait();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while the leader's state was taken over");
      }
      open = true;
      openNow();
    }
  }

  @GuardedBy("servingLock")
  private void openNow() throws IOException {
    serving.openPorts();
    clientUrls = serving.clientUrls();
  }

  private void closeEngine() {
    if (owner) {
      engine.close();
    }
  }

  private void closeServing() {
    if (owner) {
      serving.close();
    }
  }

  private void closePorts() {
    if (owner) {
      serving.closePorts();
    }
  }

  /** The way into the log, for those who are served already. */
  Proposals proposals() {
    return proposals;
  }

  /** The same for the members. */
  Membership membership() {
    return new LeadersMembership(
        leaderCalls, proposals, this::members, counted, self.localId(), requestTimeout());
  }

  /** The same for the leases. */
  LeaseTimes leaseTimes() {
    return new LeadersLeases(leaderCalls);
  }

  private void tickRegularly() {
    var unused =
        timer("store-cluster")
            .scheduleWithFixedDelay(this::tick, 0, TICK.toMillis(), TimeUnit.MILLISECONDS);
  }

  private ScheduledExecutorService timer(String name) {
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
    closing.add(timer::shutdownNow);
    return timer;
  }

  private CorruptionCheck corruptionCheck() throws IOException {
    return new CorruptionCheck(
        self.localId(),
        answers,
        engine::engine,
        this::others,
        PeerListener.of(config).tls(),
        proposals);
  }

  private List<Peer> others() {
    return members().stream()
        .filter(member -> member.getID() != self.localId())
        .map(Reconfiguration::peer)
        .toList();
  }

  private void compareRegularly(CorruptionCheck corruption) {
    Optional<Duration> each = config.corruption().each();
    Optional<Duration> eachCompaction = config.corruption().eachCompaction();
    if (each.isEmpty() && eachCompaction.isEmpty()) {
      return;
    }
    ScheduledExecutorService comparing = timer("store-compare");
    each.ifPresent(time -> regularly(comparing, time, corruption::compareNow));
    eachCompaction.ifPresent(time -> regularly(comparing, time, corruption::compareCompactions));
  }

  private void regularly(ScheduledExecutorService executor, Duration time, Runnable comparison) {
    Runnable whileLeading =
        () -> {
          try {
            if (consensus.leads()) {
              comparison.run();
            }
          } catch (RuntimeException e) {
            log.atWarn().setCause(e).log("the members could not be compared this time");
          }
        };
    long nanos = time.toNanos();
    var unused = executor.scheduleWithFixedDelay(whileLeading, nanos, nanos, TimeUnit.NANOSECONDS);
  }

  private void tick() {
    try {
      if (!published) {
        publish();
      }
      reconfiguration.tick();
    } catch (RuntimeException e) {
      log.atError().setCause(e).log("a periodic task failed");
    }
  }

  /** Tells the others this member's name and client URLs, until they know. */
  private void publish() {
    Optional<Member> known =
        members().stream().filter(member -> member.getID() == self.localId()).findFirst();
    if (known.isPresent() && known.get().equals(LocalMember.published(known.get(), config))) {
      published = true;
      serving.tellStart();
      return;
    }
    if (known.isEmpty() || publishing.getAndSet(true)) {
      return;
    }
    Member wanted = LocalMember.published(known.get(), config);
    Attributes attributes =
        Attributes.newBuilder()
            .setName(wanted.getName())
            .addAllClientUrls(wanted.getClientURLsList())
            .build();
    var unused =
        proposals
            .propose(
                InternalRaftRequest.newBuilder()
                    .setClusterMemberAttrSet(
                        ClusterMemberAttrSetRequest.newBuilder()
                            .setMemberID(self.localId())
                            .setMemberAttributes(attributes))
                    .build())
            .whenComplete((applied, failure) -> publishing.set(false));
  }

  @GuardedBy("servingLock")
  private void back() {
    away = false;
    servingLock.notifyAll();
  }

  /** Those who are served by the engine. */
  private final class Clients implements ReplicatedEngine.Users {
    @Override
    public void leave() {
      log.atInfo().log("taking over the leader's state; clients are disconnected meanwhile");
      synchronized (servingLock) {
        away = true;
      }
      serving.closePorts();
      serving.close();
    }

    @Override
    public void enter(Engine next) throws IOException {
      synchronized (servingLock) {
        serving = serve(next);
        if (open) {
          openNow();
        }
        back();
      }
    }

    @Override
    public void alarm(InternalRaftRequest alarm) {
      var unused =
          proposals
              .propose(alarm)
              .whenComplete(
                  (applied, failure) -> {
                    if (failure != null) {
                      log.atWarn().setCause(failure).log("cannot raise an alarm");
                    }
                  });
    }
  }

  /** What consensus tells and asks. */
  private final class Changes implements ConsensusListener {
    /** The first leader is the one who has kept the leases until now. */
    private boolean leasesGoOn;

    private Changes(boolean leasesGoOn) {
      this.leasesGoOn = leasesGoOn;
    }

    @Override
    public void leaderChanged(long term, long leader) {
      log.atInfo()
          .addKeyValue("term", term)
          .addKeyValue("leader", Long.toHexString(leader))
          .log(leader == 0 ? "lost the leader" : "found a leader");
      proposals.leaderChanged(leader);
      if (leasesGoOn) {
        leasesGoOn = leader == 0;
      } else if (leader == self.localId()) {
        engine.engine().leases().promote(config.electionTimeout());
      } else {
        engine.engine().leases().demote();
      }
    }

    @Override
    public void roundTrip(long id, Duration time) {
      heard.answered(id);
      metrics.roundTrip(id, time);
    }

    @Override
    public Passage sending(long id) {
      return metrics.sending(id);
    }

    @Override
    public Passage receiving(long id) {
      return metrics.receiving(id);
    }

    @Override
    public Passage installing() {
      return metrics.installing();
    }

    @Override
    public void unreachable(long id) {
      heard.unreachable(id);
    }

    @Override
    public CompletableFuture<ByteBuffer> answer(ByteBuffer question) {
      return answers.answer(question);
    }

    @Override
    public void peersChanged(List<Peer> peers) {
      if (counted.set(peers)) {
        log.atInfo().addKeyValue("peers", peers).log("the members of the log have changed");
      }
    }

    @Override
    public void stopped(Optional<Throwable> cause) {
      stopped = true;
      synchronized (servingLock) {
        back();
      }
      if (cause.isPresent()) {
        log.atError().setCause(cause.get()).log("this member takes no more part and ends");
      } else {
        log.atInfo().log("the member has been permanently removed from the cluster and ends");
      }
      ended.run();
    }
  }

  @Override
  public List<ListenUrl> clientUrls() {
    return clientUrls;
  }

  /** A leader hands over first, so that the others need not wait for an election. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      handOver();
      closing.close();
    }
  }

  private void handOver() {
    List<Progress> others =
        consensus.progress().stream()
            .filter(progress -> isVoter(progress.id()) && reconfiguration.isHeard(progress.id()))
            .toList();
    Optional<Progress> next = others.stream().max(Comparator.comparingLong(Progress::matchIndex));
    long voters = members().stream().filter(member -> !member.getIsLearner()).count();
    if (!proposals.leads() || next.isEmpty() || others.size() <= voters / 2) {
      return;
    }
    try {
      consensus
          .transferLeadership(next.get().id())
          .get(2 * config.electionTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.atInfo()
          .addKeyValue("why", e.toString())
          .log("could not hand leadership over before the end");
    }
  }

  private boolean isVoter(long id) {
    return members().stream().anyMatch(member -> member.getID() == id && !member.getIsLearner());
  }
}
