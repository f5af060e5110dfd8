package io.lodestone.raft;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a member has to know before it starts. Only {@link #start} and {@link #peers} lose their
 * meaning once the directory holds a log: from then on the log says who the members are.
 *
 * @param clusterId the same on all members, and different from every other cluster's; not 0
 * @param memberId this member's; not 0
 * @param peers of a new cluster, all its members with this one; of one that exists, this member
 *     alone, as voter or as learner
 * @param listenHost where to listen, at {@code listenPort}; an address
 * @param directory of the log; made where it does not exist
 * @param heartbeat how often a leader that has nothing else to say is heard
 * @param election after how long without a leader a member calls an election, at least; the most is
 *     twice as long
 * @param requestTimeout how long a proposal, a barrier or a change of members waits before it fails
 * @param snapshotCount how many commands are kept before the log's beginning may go
 * @param catchUpCommands how many commands of the log stay nevertheless, for members that are slow;
 *     fewer where they are large
 */
public record RaftConfig(
    long clusterId,
    long memberId,
    Start start,
    List<Peer> peers,
    String listenHost,
    int listenPort,
    Path directory,
    Duration heartbeat,
    Duration election,
    Duration requestTimeout,
    long snapshotCount,
    long catchUpCommands,
    Optional<PeerTls> tls) {
  /** How a member without a log begins. */
  public enum Start {
    /** With the others of {@link RaftConfig#peers}, all of which begin with the same state. */
    NEW,
    /** By waiting until a member of the cluster adds it with {@link Consensus#change}. */
    JOIN
  }

  /** etcd's {@code --snapshot-count}. */
  public static final long DEFAULT_SNAPSHOT_COUNT = 100_000;

  /**
   * Ten times etcd's {@code --experimental-snapshot-catchup-entries}: who is further behind takes
   * over a checkpoint, which disconnects its clients, unlike etcd's.
   */
  public static final long DEFAULT_CATCH_UP_COMMANDS = 50_000;

  /** etcd's {@code --heartbeat-interval}. */
  public static final Duration DEFAULT_HEARTBEAT = Duration.ofMillis(100);

  /** etcd's {@code --election-timeout}. */
  public static final Duration DEFAULT_ELECTION = Duration.ofSeconds(1);

  public RaftConfig {
    peers = List.copyOf(peers);
    if (clusterId == 0 || memberId == 0) {
      throw new IllegalArgumentException("0 is no id");
    }
    if (peers.stream().noneMatch(peer -> peer.id() == memberId)) {
      throw new IllegalArgumentException("this member is not among the peers: " + peers);
    }
    if (heartbeat.compareTo(election) >= 0) {
      throw new IllegalArgumentException("heartbeats are as rare as elections: " + heartbeat);
    }
  }

  /** With etcd's own times and counts, without TLS. */
  public static RaftConfig of(
      long clusterId, long memberId, Start start, List<Peer> peers, Path directory) {
    Peer self = peers.stream().filter(peer -> peer.id() == memberId).findFirst().orElseThrow();
    return new RaftConfig(
        clusterId,
        memberId,
        start,
        peers,
        self.host(),
        self.port(),
        directory,
        DEFAULT_HEARTBEAT,
        DEFAULT_ELECTION,
        requestTimeout(DEFAULT_ELECTION),
        DEFAULT_SNAPSHOT_COUNT,
        DEFAULT_CATCH_UP_COMMANDS,
        Optional.empty());
  }

  /** etcd's: 5 s for the disks, and the time of two elections. */
  public static Duration requestTimeout(Duration election) {
    return Duration.ofSeconds(5).plus(election.multipliedBy(2));
  }

  /** This member, as {@link #peers} has it. */
  public Peer self() {
    return peers.stream().filter(peer -> peer.id() == memberId).findFirst().orElseThrow();
  }
}
