package io.lodestone.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.Status;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.etcdfile.db.DurableFiles;
import io.lodestone.mvcc.Durability;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineOptions;
import io.lodestone.mvcc.direct.DirectLog;
import io.lodestone.mvcc.members.MemberChange;
import io.lodestone.server.cluster.GrowingMembership;
import io.lodestone.server.cluster.LoneMembership;
import io.lodestone.server.cluster.MembersFile;
import io.lodestone.server.cluster.MembersFile.Stored;
import io.lodestone.server.cluster.Membership;
import io.lodestone.server.config.StoreConfig;
import io.lodestone.server.lease.ChangingLeaseTimes;
import io.lodestone.server.lease.LeaseTimes;
import io.lodestone.server.metrics.MemberMetrics;
import io.lodestone.server.proposal.ChangingProposals;
import io.lodestone.server.proposal.DirectProposals;
import io.lodestone.server.transport.ListenUrl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only member of its cluster: its engine's log is all the log there is, until another member is
 * added. Then it goes on as a {@link ClusterMember}, with the same engine, ports and clients: what
 * is proposed meanwhile waits. From the moment that {@code <data dir>/raft} exists, it starts as
 * one of several, were it alone among them; what was acknowledged is in the engine before.
 */
final class LoneMember implements ServedMember {
  private static final Logger log = LoggerFactory.getLogger(LoneMember.class);

  private final StoreConfig config;
  private final Stored self;
  private final EngineOptions options;
  private final Runnable ended;
  private final DataDirectory dataDir;
  private final Closing closing = new Closing();
  private final Engine engine;
  private final LoneMembership alone;
  private final ChangingProposals proposals;
  private final ChangingLeaseTimes leaseTimes;
  private final Serving serving;

  @GuardedBy("this")
  private DirectLog direct;

  @GuardedBy("this")
  private boolean closed;

  private volatile Optional<ClusterMember> grown = Optional.empty();

  /**
   * When this returns, clients can connect. {@code self} is written to {@code file} again.
   *
   * @param reachable whether others may join it
   * @param ended is run if it ends by itself, which one of several may
   */
  LoneMember(
      StoreConfig config,
      MembersFile file,
      Stored self,
      EngineOptions options,
      boolean reachable,
      Runnable ended)
      throws IOException {
    this.config = config;
    this.self = self;
    this.options = options;
    this.ended = ended;
    this.dataDir = new DataDirectory(config.dataDir());
    file.write(self);
    try {
      DurableFiles.deleteTree(dataDir.abandonedRaft());
      engine = closing.add(Engine.open(dataDir.engine(), options));
      direct = newLog();
      alone =
          new LoneMembership(
              self.members(), Clock.systemUTC(), members -> write(file, self, members));
      proposals = new ChangingProposals(through(direct));
      leaseTimes = new ChangingLeaseTimes(LeaseTimes.of(engine.leases()));
      serving =
          closing.add(
              new Serving(
                  config,
                  engine,
                  new Serving.Identity(self.clusterId(), self.localId()),
                  reachable ? new GrowingMembership(alone, this::grow) : alone,
                  leaseTimes,
                  proposals,
                  new MemberMetrics()));
      engine.leases().promote(Duration.ZERO);
      direct.start();
      closing.add(this::closeLog);
      closing.add(serving::closePorts);
      serving.openPorts();
      serving.tellStart();
    } catch (IOException | RuntimeException e) {
      closing.close();
      throw e;
    }
  }

  private static void write(MembersFile file, Stored self, List<Member> members) {
    try {
      file.write(new Stored(self.clusterId(), self.localId(), members));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the list of members", e);
    }
  }

  private DirectLog newLog() {
    return new DirectLog(engine, config.synced() ? Durability.SYNCED : Durability.BY_LOG);
  }

  private DirectProposals through(DirectLog log) {
    return new DirectProposals(log, engine, self.localId());
  }

  private synchronized void closeLog() {
    direct.close();
  }

  /** When this returns, others can be added; where it fails, all is as it was. */
  private synchronized Membership grow() {
    if (closed) {
      throw new StoreException(ErrorCode.STOPPED);
    }
    try {
      requireListenable();
      return growNow();
    } catch (IOException | LodestoneException e) {
      throw Status.UNKNOWN
          .withDescription("etcdserver: no other member can join: " + e.getMessage())
          .withCause(e)
          .asRuntimeException();
    }
  }

  /** Before anybody is kept waiting. */
  private void requireListenable() throws IOException {
    PeerListener listener = PeerListener.of(config);
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(listener.host(), listener.port()));
    } catch (IOException e) {
      throw new IOException(
          "cannot listen at " + listener.host() + ":" + listener.port() + ": " + e.getMessage(), e);
    }
  }

  @GuardedBy("this")
  private Membership growNow() throws IOException {
    log.atInfo().log("another member is to be added: the log becomes one that can be shared");
    proposals.hold();
    try {
      listMembers();
      direct.close();
      ClusterMember cluster =
          new ClusterMember(config, self, options, ended, new ClusterMember.Alone(engine, serving));
      grown = Optional.of(cluster);
      leaseTimes.goOn(cluster.leaseTimes());
      proposals.settle(cluster.proposals());
      return cluster.membership();
    } catch (IOException | RuntimeException e) {
      stayAlone(e);
      throw e;
    }
  }

  /** All that was proposed before is applied when this returns. */
  @GuardedBy("this")
  private void listMembers() throws IOException {
    List<Member> members = alone.members();
    Set<Long> ids = members.stream().map(Member::getID).collect(Collectors.toSet());
    List<MemberChange> changes = new ArrayList<>();
    members.forEach(member -> changes.add(new MemberChange.Present(member)));
    engine.members().all().stream()
        .map(Member::getID)
        .filter(id -> !ids.contains(id))
        .forEach(id -> changes.add(new MemberChange.Removed(id)));
    try {
      var unused = direct.changeMembers(changes).join();
    } catch (CompletionException e) {
      throw new IOException("the members cannot be written: " + e.getCause().getMessage(), e);
    }
    engine.sync();
  }

  @GuardedBy("this")
  private void stayAlone(Exception why) {
    try {
      if (Files.exists(dataDir.raft())) {
        Path abandoned = dataDir.abandonedRaft();
        DurableFiles.deleteTree(abandoned);
        Files.move(dataDir.raft(), abandoned);
        DurableFiles.syncDirectory(dataDir.path());
        DurableFiles.deleteTree(abandoned);
      }
    } catch (IOException e) {
      why.addSuppressed(e);
    }
    direct.close();
    direct = newLog();
    direct.start();
    proposals.goOn(through(direct));
  }

  @Override
  public List<ListenUrl> clientUrls() {
    return grown.map(ClusterMember::clientUrls).orElseGet(serving::clientUrls);
  }

  @Override
  public synchronized void close() {
    closed = true;
    grown.ifPresentOrElse(ClusterMember::close, closing::close);
  }
}
