package io.lodestone.replica;

import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.api.raftpb.Entry;
import io.lodestone.mvcc.Durability;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineOptions;
import io.lodestone.mvcc.log.LogEntry;
import io.lodestone.mvcc.members.MemberChange;
import io.lodestone.replica.peer.Arrival;
import io.lodestone.replica.peer.Arrival.Database;
import io.lodestone.replica.peer.Arrival.Expelled;
import io.lodestone.replica.peer.Arrival.Said;
import io.lodestone.replica.peer.Arrival.Unkept;
import io.lodestone.replica.peer.Inbox;
import io.lodestone.replica.peer.PeerNetwork;
import io.lodestone.replica.raft.EntryReader;
import io.lodestone.replica.raft.Learner;
import io.lodestone.replica.raft.Position;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows as a Raft learner: applies the cluster's own log, in its order, to the engine that is
 * served. Where the log no longer reaches back far enough, the leader sends its database, which
 * takes the engine's place. Confined to one thread, but for {@link #stop}.
 *
 * <p>An entry is visible once it is applied, and acknowledged once it is on disk as well; the
 * engine's own standing is the only memory of how far the log was followed.
 */
final class RaftFollower implements Follower {
  private static final Logger LOG = LoggerFactory.getLogger(RaftFollower.class);
  private static final Duration LONGEST_WAIT = Duration.ofMillis(200);

  /** While something is on its way to the disk. */
  private static final Duration SHORT_WAIT = Duration.ofMillis(5);

  /**
   * What comes within this time behind an entry is applied and told together: a few cost hardly
   * more than one.
   */
  private static final long PAUSE_MICROS = 2000;

  private static final int MOST_ARRIVALS = 64;
  private static final long MOST_BYTES = 1 << 20;

  private final long self;
  private final PeerNetwork network;
  private final Inbox inbox;
  private final RaftMembership membership;
  private final ReplicaDirectory directory;
  private final EngineOptions options;
  private final Audience audience;
  private final Promotion promotion;
  private final Publication publication;
  private final Clock clock;
  private Path base;
  private Engine engine;
  private Learner learner;
  private final Syncing syncing;
  private boolean served;
  private volatile boolean stopped;

  RaftFollower(
      long self,
      PeerNetwork network,
      Inbox inbox,
      RaftMembership membership,
      ReplicaDirectory directory,
      EngineOptions options,
      Audience audience,
      Promotion promotion,
      Publication publication,
      Clock clock)
      throws IOException {
    this.self = self;
    this.network = network;
    this.inbox = inbox;
    this.membership = membership;
    this.directory = directory;
    this.options = options;
    this.audience = audience;
    this.promotion = promotion;
    this.publication = publication;
    this.clock = clock;
    Optional<Path> newest = directory.newest();
    this.served = newest.isPresent();
    this.base = newest.isPresent() ? newest.get() : directory.next();
    this.engine = Engine.open(base, options);
    this.learner = learner();
    this.syncing = new Syncing(learner.position());
  }

  private Learner learner() {
    return new Learner(self, new Position(engine.appliedIndex(), engine.appliedTerm()));
  }

  @Override
  public void resume() throws IOException {
    if (served) {
      audience.replaced(engine);
    }
  }

  @Override
  public void run() throws IOException, InterruptedException {
    try {
      requireMember(engine.members().removed());
      membership.members().forEach(this::present);
      network.start();
      while (!stopped) {
        follow();
      }
    } finally {
      syncing.close();
      if (!served) {
        engine.close();
      }
    }
  }

  @Override
  public void stop() {
    stopped = true;
  }

  private void follow() throws IOException, InterruptedException {
    Optional<Arrival> arrival = inbox.poll(learner.isSynced() ? LONGEST_WAIT : SHORT_WAIT);
    boolean heard = arrival.isPresent();
    for (int count = 1; arrival.isPresent(); count++) {
      take(arrival.get());
      arrival = count < MOST_ARRIVALS ? inbox.poll(Duration.ZERO) : Optional.empty();
    }
    boolean applied = applyAll();
    syncing.finished().ifPresent(learner::synced);
    syncing.begin(engine, learner.position());
    learner.acknowledgement().ifPresent(network::send);
    if (heard && learner.isCurrent()) {
      serve();
      Instant now = clock.instant();
      audience.current(now);
      publication.due(engine.members(), now).flatMap(learner::proposal).ifPresent(network::send);
    }
    if (applied) {
      TimeUnit.MICROSECONDS.sleep(PAUSE_MICROS);
    }
  }

  private boolean applyAll() throws IOException {
    boolean any = false;
    for (List<Entry> entries = learner.committed(MOST_BYTES);
        !entries.isEmpty();
        entries = learner.committed(MOST_BYTES)) {
      apply(entries);
      any = true;
    }
    return any;
  }

  private void take(Arrival arrival) throws IOException, InterruptedException {
    if (arrival instanceof Said said) {
      if (said.message().getTo() == self) {
        learner.step(said.message()).ifPresent(network::send);
      }
    } else if (arrival instanceof Database database) {
      take(database);
    } else if (arrival instanceof Unkept unkept) {
      throw unkept.why();
    } else if (arrival instanceof Expelled expelled) {
      LOG.atWarn()
          .addKeyValue("by", Long.toHexString(expelled.by()))
          .log("a member knows that this replica was removed");
      throw expelled();
    }
  }

  private LodestoneException expelled() {
    return promotion.noticed()
        ? new LodestoneException(
            "somebody had promoted this replica to a member that votes, so it has left the cluster",
            "find out who did; lodestone replica leave, and a new start, let it join again as a learner")
        : new LodestoneException(
            "the cluster has removed this replica, its member " + Long.toHexString(self),
            "lodestone replica leave, and a new start, let it join again as a new member");
  }

  private void requireMember(Set<Long> removed) {
    if (removed.contains(self)) {
      throw expelled();
    }
  }

  private void apply(List<Entry> entries) throws IOException {
    List<LogEntry> requests = new ArrayList<>();
    for (Entry entry : entries) {
      if (EntryReader.changesMembers(entry)) {
        applyRequests(requests);
        changeMembers(entry);
      } else {
        requests.add(EntryReader.request(entry));
      }
    }
    applyRequests(requests);
    learner.applied(new Position(engine.appliedIndex(), engine.appliedTerm()));
    if (served) {
      audience.reached(engine.revision());
    }
  }

  private void applyRequests(List<LogEntry> requests) throws IOException {
    if (!requests.isEmpty()) {
      engine.apply(requests, Durability.BY_LOG);
      requests.clear();
    }
  }

  private void changeMembers(Entry entry) throws IOException {
    Optional<MemberChange> change = EntryReader.memberChange(entry, engine.members());
    engine.changeMembers(
        entry.getIndex(), entry.getTerm(), change.stream().toList(), Durability.BY_LOG);
    if (change.isPresent() && change.get() instanceof MemberChange.Present present) {
      present(present.member());
    } else if (change.isPresent() && change.get() instanceof MemberChange.Removed removed) {
      requireMember(Set.of(removed.id()));
      network.forget(removed.id());
    }
  }

  private void present(Member member) {
    if (member.getID() == self && !member.getIsLearner()) {
      promotion.notice();
      learner.promoted();
    }
    network.know(member);
  }

  /** Nobody sees an engine that has not come to where the leader is, for the first time. */
  private void serve() throws IOException {
    if (!served) {
      engine.sync();
      syncing.restart(learner.position());
      learner.synced(learner.position());
      engine.close();
      open(base);
    }
  }

  private void take(Database database) throws IOException, InterruptedException {
    LeadersDatabase sent = new LeadersDatabase(database);
    try {
      if (learner.wants(database.message(), sent.end())) {
        replaceBy(sent);
      }
      database.taken().complete(null);
    } catch (IOException | InterruptedException | RuntimeException e) {
      database.taken().completeExceptionally(e);
      throw e;
    }
  }

  private void replaceBy(LeadersDatabase sent) throws IOException, InterruptedException {
    Path next = directory.next();
    sent.writeTo(next, options, membership.clusterVersion());
    syncing.restart(sent.end());
    if (!served) {
      engine.close();
    }
    open(next);
    learner.restart(sent.end());
    Set<Long> gone = new HashSet<>(network.known());
    for (Member member : engine.members().all()) {
      present(member);
      gone.remove(member.getID());
    }
    gone.forEach(network::forget);
    LOG.atInfo()
        .addKeyValue("index", sent.end().index())
        .addKeyValue("revision", engine.revision())
        .log("took the leader's database");
  }

  private void open(Path newest) throws IOException {
    base = newest;
    engine = Engine.open(newest, options);
    served = true;
    audience.replaced(engine);
    directory.keepOnly(newest);
  }
}
