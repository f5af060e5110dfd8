package io.lodestone.replica;

import io.lodestone.client.EtcdConnection;
import io.lodestone.client.FollowOptions;
import io.lodestone.client.LivingCluster;
import io.lodestone.etcdfile.db.SnapshotFileSource;
import io.lodestone.server.ReplicaServer.Identity;
import java.io.IOException;
import java.nio.file.Path;
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
   * start, is another cluster than the one copied before, has gone back in time, or cannot be kept.
   */
  public void run() throws IOException, InterruptedException {
    Path root = options.serving().dataDir();
    try (ReplicaDirectory directory = ReplicaDirectory.open(root);
        EtcdConnection connection = EtcdConnection.open(options.source());
        LivingUpstream source = new LivingUpstream(connection, Clock.systemUTC())) {
      Identity identity = directory.identity(connection.clusterId());
      source.start();
      try (Serving serving = new Serving(options, identity, source, connection)) {
        Follower following = new Follower(cluster(connection, directory), directory, serving);
        following.resume();
        if (options.seed().isPresent()) {
          following.seed(() -> options.seed().get().of(identity.clusterId()));
        }
        if (begin(following)) {
          following.run();
        }
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
                LEASE_REFRESH);
    return new LivingCluster(connection, SnapshotFileSource::new, follow, Clock.systemUTC());
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
