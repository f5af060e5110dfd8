package io.lodestone.replica;

import io.lodestone.api.LodestoneException;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.FollowOptions;
import io.lodestone.client.LivingCluster;
import io.lodestone.mvcc.EngineOptions;
import io.lodestone.mvcc.rocks.DiskFullException;
import io.lodestone.replica.peer.Inbox;
import io.lodestone.replica.peer.PeerClient;
import io.lodestone.replica.peer.PeerIdentity;
import io.lodestone.replica.peer.PeerNetwork;
import io.lodestone.replica.peer.PeerSocket;
import io.lodestone.server.ReplicaServer.Identity;
import io.lodestone.server.config.StoreConfig;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * Follows one cluster into one data directory, and serves it from there. Confined to the thread
 * that calls {@link #run}, but for {@link #stop}.
 */
public final class Replica {
  private static final int AUTH_FACTOR = 10;
  private static final Duration LEASE_REFRESH = Duration.ofMinutes(1);
  private static final int NO_QUOTA = -1;

  /** For each thousand that it tells, a member of etcd reads all that are still to come. */
  private static final long LONGEST_TAIL = 200_000;

  private final ReplicaOptions options;
  private Optional<Follower> follower = Optional.empty();
  private boolean stopped;

  /** Does nothing yet. */
  public Replica(ReplicaOptions options) {
    this.options = options;
  }

  /**
   * Copies the source where nothing is copied yet, goes on behind what is, and serves, until {@link
   * #stop}. Connection trouble is ridden out; it fails where the source cannot be reached at the
   * start, is another cluster than the one copied before, has gone back in time, or cannot be kept;
   * and where the cluster has removed it, as its member.
   */
  public void run() throws IOException, InterruptedException {
    try (ReplicaDirectory directory = ReplicaDirectory.open(options.serving().dataDir());
        EtcdConnection connection = EtcdConnection.open(options.source());
        LivingUpstream source = new LivingUpstream(connection, Clock.systemUTC())) {
      Identity identity = directory.identity(connection.clusterId());
      directory.require(options.mode());
      source.start();
      switch (options.mode()) {
        case WATCH -> watch(directory, identity, connection, source);
        case RAFT -> learn(directory, connection, source);
      }
    } catch (DiskFullException e) {
      throw new LodestoneException(
          "there is no room left for the copy in " + options.serving().dataDir(),
          "make room on that disk, and start again: the replica goes on behind what it has",
          e);
    }
  }

  private void watch(
      ReplicaDirectory directory,
      Identity identity,
      EtcdConnection connection,
      LivingUpstream source)
      throws IOException, InterruptedException {
    try (Serving serving = new Serving(options, identity, source, connection)) {
      WatchFollower following =
          new WatchFollower(
              cluster(connection, directory), connection::authRevision, directory, serving);
      following.resume();
      if (options.seed().isPresent()) {
        following.seed(() -> options.seed().get().of(identity.clusterId()));
      }
      if (begin(following)) {
        following.run();
      }
    }
  }

  private LivingCluster cluster(EtcdConnection connection, ReplicaDirectory directory)
      throws IOException {
    FollowOptions follow =
        FollowOptions.in(directory.emptySpool())
            .withIntervals(
                options.lookInterval(),
                options.lookInterval().multipliedBy(AUTH_FACTOR),
                LEASE_REFRESH)
            .withLongestTail(LONGEST_TAIL);
    return new LivingCluster(connection, SnapshotReading::new, follow, Clock.systemUTC());
  }

  private void learn(ReplicaDirectory directory, EtcdConnection connection, LivingUpstream source)
      throws IOException, InterruptedException {
    StoreConfig config = options.serving();
    PeerAddress address = PeerAddress.of(config);
    try (PeerSocket socket = PeerSocket.bind(address.socket(), address.ofPort());
        PeerClient client = new PeerClient(address.tls())) {
      RaftMembership membership =
          new RaftMembership(connection, directory, client, config.advertisePeerUrls());
      PeerIdentity self = membership.join();
      Identity identity = new Identity(self.clusterId(), self.memberId());
      Inbox inbox = new Inbox();
      try (Serving serving = new Serving(options, identity, source, connection);
          PeerCopy copy = new PeerCopy(serving);
          PeerNetwork network =
              new PeerNetwork(self, client, socket, directory.emptySpool(), inbox, copy);
          Promotion promotion = new Promotion(source, membership, self.memberId())) {
        Follower following =
            new RaftFollower(
                self.memberId(),
                network,
                inbox,
                membership,
                directory,
                engineOptions(config, self.memberId()),
                copy,
                promotion,
                new Publication(self.memberId(), config.name(), config.advertiseClientUrls()),
                Clock.systemUTC());
        following.resume();
        if (begin(following)) {
          following.run();
        }
      }
    }
  }

  /** Every member decides by its own flags what the shortest lease is. */
  private static EngineOptions engineOptions(StoreConfig config, long memberId) {
    return new EngineOptions(
        config.electionTimeout().multipliedBy(3).dividedBy(2),
        memberId,
        NO_QUOTA,
        config.bcryptCost(),
        EngineOptions.DEFAULT.cacheBytes());
  }

  private synchronized boolean begin(Follower following) {
    follower = Optional.of(following);
    return !stopped;
  }

  /** Makes {@link #run} end soon, from any thread. */
  public synchronized void stop() {
    stopped = true;
    follower.ifPresent(Follower::stop);
  }
}
