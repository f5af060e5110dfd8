package io.lodestone.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lodestone.raft.ConsensusException;
import io.lodestone.raft.ConsensusListener;
import io.lodestone.raft.Peer;
import io.lodestone.raft.PeerTls;
import io.lodestone.raft.RaftConfig;
import io.lodestone.raft.RaftConfig.Start;
import io.lodestone.raft.RegisterFile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import java.util.function.Supplier;

/** Members in this JVM, each with its own directory and port. Closing ends all that still run. */
final class TestCluster implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);
  static final long CLUSTER = 0x10de;
  private static final Set<ConsensusException.Reason> NOTHING_DONE =
      Set.of(ConsensusException.Reason.NO_LEADER, ConsensusException.Reason.NO_PROGRESS);

  private final Path directory;
  private final Function<Long, Optional<PeerTls>> tls;
  private final Map<Long, Member> members = new TreeMap<>();

  /** How many commands until the log is shortened; small logs forget all that they may. */
  private final long snapshotCount;

  private final Duration election;

  /** A member that runs. */
  static final class Member implements AutoCloseable {
    final Peer peer;
    final RegisterFile state;
    final RatisConsensus<String> consensus;
    final BlockingQueue<List<Peer>> configurations = new LinkedBlockingQueue<>();
    final CompletableFuture<Optional<Throwable>> stopped = new CompletableFuture<>();

    Member(RaftConfig config, Path stateDirectory, long segmentBytes) throws IOException {
      peer = config.self();
      state = new RegisterFile(stateDirectory);
      consensus = RatisConsensus.open(config, state, new Events(), segmentBytes);
    }

    String put(String key, String value) {
      return eventually(() -> consensus.propose(RegisterFile.command(key + "=" + value)));
    }

    /** As of now, by whatever anybody was told before. */
    String read(String key) {
      Void unused = eventually(consensus::readBarrier);
      return state.get(key);
    }

    void change(List<Peer> peers) {
      Void unused = eventually(() -> consensus.change(peers));
    }

    /**
     * On a busy machine it may take a member long to hear of its leader, or a new one to catch up;
     * nothing was done then.
     */
    private static <T> T eventually(Supplier<CompletableFuture<T>> call) {
      long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
      while (true) {
        try {
          return call.get().join();
        } catch (CompletionException e) {
          boolean nothingDone =
              e.getCause() instanceof ConsensusException failure
                  && NOTHING_DONE.contains(failure.reason());
          if (!nothingDone || System.nanoTime() - giveUpAt > 0) {
            throw e;
          }
        }
      }
    }

    @Override
    public void close() {
      consensus.close();
    }

    private final class Events implements ConsensusListener {
      @Override
      public void leaderChanged(long term, long leader) {}

      @Override
      public void peersChanged(List<Peer> peers) {
        configurations.add(peers);
      }

      @Override
      public void stopped(Optional<Throwable> cause) {
        stopped.complete(cause);
      }

      @Override
      public CompletableFuture<ByteBuffer> answer(ByteBuffer question) {
        String asked = StandardCharsets.UTF_8.decode(question).toString();
        if (asked.equals("fail")) {
          return CompletableFuture.failedFuture(new IllegalStateException("asked to fail"));
        }
        String answer = Long.toHexString(peer.id()) + " was asked: " + asked;
        return CompletableFuture.completedFuture(
            ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
      }
    }
  }

  private TestCluster(
      Path directory,
      long snapshotCount,
      Duration election,
      Function<Long, Optional<PeerTls>> tls) {
    this.directory = directory;
    this.snapshotCount = snapshotCount;
    this.election = election;
    this.tls = tls;
  }

  /** Of no members yet, which will wait so long without a leader before they elect another. */
  static TestCluster patient(Duration election, Path directory) {
    long count = RaftConfig.DEFAULT_SNAPSHOT_COUNT;
    return new TestCluster(directory, count, election, id -> Optional.empty());
  }

  /** Of {@code size} voters, numbered from 1. */
  static TestCluster of(int size, Path directory) throws IOException {
    return of(size, directory, RaftConfig.DEFAULT_SNAPSHOT_COUNT, id -> Optional.empty());
  }

  static TestCluster of(
      int size, Path directory, long snapshotCount, Function<Long, Optional<PeerTls>> tls)
      throws IOException {
    TestCluster cluster =
        new TestCluster(directory, snapshotCount, RaftConfig.DEFAULT_ELECTION, tls);
    try {
      List<Peer> peers = voters(size);
      for (Peer peer : peers) {
        cluster.start(peer, Start.NEW, peers);
      }
      return cluster;
    } catch (IOException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  static List<Peer> voters(int size) throws IOException {
    List<Peer> peers = new ArrayList<>();
    for (int port : freePorts(size)) {
      peers.add(Peer.voter(peers.size() + 1, "127.0.0.1", port));
    }
    return peers;
  }

  static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      sockets.add(socket);
      ports.add(socket.getLocalPort());
    }
    for (ServerSocket socket : sockets) {
      socket.close();
    }
    return ports;
  }

  Member start(Peer self, Start start, List<Peer> peers) throws IOException {
    return start(self, start, peers, snapshotCount);
  }

  /** One that shortens its log otherwise than the others do. */
  Member start(Peer self, Start start, List<Peer> peers, long snapshotCount) throws IOException {
    Path home = directory.resolve(Long.toString(self.id()));
    boolean small = snapshotCount < RaftConfig.DEFAULT_SNAPSHOT_COUNT;
    RaftConfig config =
        new RaftConfig(
            CLUSTER,
            self.id(),
            start,
            peers,
            self.host(),
            self.port(),
            home.resolve("raft"),
            RaftConfig.DEFAULT_HEARTBEAT,
            election,
            Duration.ofSeconds(10),
            snapshotCount,
            small ? 1 : RaftConfig.DEFAULT_CATCH_UP_COMMANDS,
            tls.apply(self.id()));
    long segmentBytes = small ? 4096 : RatisSettings.SEGMENT_BYTES;
    Member member = new Member(config, home.resolve("state"), segmentBytes);
    members.put(self.id(), member);
    return member;
  }

  /** A new member, which waits to be added. */
  Member join(Peer self) throws IOException {
    return start(self, Start.JOIN, List.of(self));
  }

  Member member(long id) {
    return members.get(id);
  }

  Collection<Member> members() {
    return members.values();
  }

  /** Ends one, gracefully; its state forgets what it has not written. */
  void stop(long id) {
    members.remove(id).close();
  }

  /** Waits for a leader. */
  Member leader() {
    await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .until(() -> members.values().stream().anyMatch(member -> member.consensus.leads()));
    return members.values().stream()
        .filter(member -> member.consensus.leads())
        .findFirst()
        .orElseGet(this::leader);
  }

  Member follower() {
    Member leader = leader();
    return members.values().stream().filter(member -> member != leader).findFirst().orElseThrow();
  }

  /** Waits until all have applied the same. */
  void assertSame() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(members.values().stream().map(member -> member.state.fingerprint()))
                    .hasSize(members.size())
                    .containsOnly(leader().state.fingerprint()));
  }

  @Override
  public void close() {
    members.values().forEach(Member::close);
    members.clear();
  }
}
