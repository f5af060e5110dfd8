package io.lodestone.client;

import io.lodestone.revisions.RevisionSource;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.scratch.ScratchDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/**
 * A running etcd cluster (3.4 to 3.6) as a source of revisions: its snapshot is the base, a watch
 * over all keys is the tail, and what a watch does not show is polled beside it.
 *
 * <p>The stream survives the loss of members and connections. It fails only with what a person must
 * see: a missing permission, another cluster behind the endpoints, a spool that is full. It begins
 * a new base, and says why, when the cluster has compacted what was still to be read, shows another
 * history, or has changed its users.
 *
 * <p>A base needs the root role where authentication is on; following without a base needs READ on
 * all keys. Leases that vanish while no stream is open are not reported by {@link #openAfter}, only
 * the deletion of their keys is. A quiet cluster is asked once per heartbeat, and a {@code
 * Complete} with the same revision and a later time says that it still was quiet.
 *
 * <p>Each stream has two threads of its own, a third while it fetches a snapshot. Thread-safe.
 */
public final class LivingCluster implements RevisionSource {
  private final EtcdConnection connection;
  private final SnapshotDecoder decoder;
  private final FollowOptions options;
  private final Clock clock;

  /**
   * @param connection stays the caller's to close, after the streams
   */
  public LivingCluster(
      EtcdConnection connection, SnapshotDecoder decoder, FollowOptions options, Clock clock) {
    this.connection = connection;
    this.decoder = decoder;
    this.options = options;
    this.clock = clock;
  }

  /** Fails at once where the cluster cannot be reached or does not let us in. */
  @Override
  public RevisionStream openAtBase(Reason reason) throws IOException {
    connection.revision();
    return open(Optional.of(reason), 0);
  }

  /** Fails at once where the cluster cannot be reached or does not let us in. */
  @Override
  public RevisionStream openAfter(long revision) throws IOException {
    long head = connection.revision();
    if (revision < 1) {
      return open(Optional.of(Reason.INITIAL), 0);
    }
    return open(head < revision ? Optional.of(Reason.DIVERGED) : Optional.empty(), revision);
  }

  private LiveStream open(Optional<Reason> base, long position) throws IOException {
    ScratchDirectory scratch = ScratchDirectory.create(options.spoolDirectory(), "stream");
    Path directory = scratch.path();
    Spool spool = new Spool(directory, options.memoryBytes(), options.diskBytes());
    Observations observations = new Observations();
    SideWatch side = new SideWatch(connection, observations, options, clock);
    if (base.isEmpty()) {
      side.followLeases(observations.epoch(), List.of());
    }
    TailReader tail =
        new TailReader(
            connection, options, clock, directory, spool, observations, side, base, position);
    String name = "cluster-" + Long.toHexString(connection.clusterId());
    LiveStream stream = new LiveStream(scratch, spool, decoder, tail, side, name, position);
    stream.start();
    return stream;
  }
}
