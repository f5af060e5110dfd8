package io.lodestone.bench.store;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.MoveLeaderRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The members of one cluster, with connections to all of them. */
final class Members implements AutoCloseable, Match.Side {
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final String name;
  private final List<Contender> all;

  Members(String name, List<String> program, Path folder, int size) throws IOException {
    this.name = name;
    this.all = Contender.cluster(name, program, folder, size);
  }

  String name() {
    return name;
  }

  /** {@code host:port} of each. */
  List<String> endpoints() {
    return all.stream().map(Contender::endpoint).toList();
  }

  /** Starts all; the cluster takes writes when this returns. */
  void start() throws IOException, InterruptedException {
    for (Contender member : all) {
      member.launch();
    }
    for (Contender member : all) {
      member.awaitAnswer();
    }
    write(all.get(0));
  }

  /** Spread over the members. */
  @Override
  public List<ManagedChannel> connections(int clients) {
    List<ManagedChannel> spread = new ArrayList<>();
    for (int i = 0; spread.size() < clients && i < all.get(0).connections(clients).size(); i++) {
      for (Contender member : all) {
        spread.add(member.connections(clients).get(i));
      }
    }
    return spread.subList(0, Math.min(clients, spread.size()));
  }

  @Override
  public Duration cpuTime() {
    return all.stream().map(Contender::cpuTime).reduce(Duration.ZERO, Duration::plus);
  }

  /** To all but {@code member}. */
  List<ManagedChannel> connectionsBut(Contender member) {
    return all.stream()
        .filter(other -> other != member)
        .flatMap(other -> other.connections(Integer.MAX_VALUE).stream())
        .toList();
  }

  /** The member that says so of itself. */
  Contender leader() throws InterruptedException {
    long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < giveUpAt) {
      for (Contender member : all) {
        if (member.status().filter(s -> s.getLeader() == s.getHeader().getMemberId()).isPresent()) {
          return member;
        }
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    throw new IllegalStateException(name + " has no leader");
  }

  /**
   * Has the {@code index}th member lead, so that {@link #connections} of one client is to the
   * leader, or is not, whoever was elected.
   */
  void lead(int index) throws InterruptedException {
    Contender wanted = all.get(index);
    while (leader() != wanted) {
      MoveLeaderRequest request =
          MoveLeaderRequest.newBuilder()
              .setTargetID(wanted.status().orElseThrow().getHeader().getMemberId())
              .build();
      try {
        var unused =
            MaintenanceGrpc.newBlockingStub(leader().connections(1).get(0))
                .withDeadlineAfter(10, TimeUnit.SECONDS)
                .moveLeader(request);
      } catch (StatusRuntimeException e) {
        // Leadership has moved meanwhile, or did not; the loop looks again.
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }
  }

  /** Any but {@code member}. */
  Contender another(Contender member) {
    return all.stream().filter(other -> other != member).findFirst().orElseThrow();
  }

  /** Kills the leader; returns how long it took until another member acknowledged a write. */
  Duration failover() throws IOException, InterruptedException {
    Contender leader = leader();
    Contender other = another(leader);
    write(other);
    long start = System.nanoTime();
    leader.kill();
    write(other);
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    leader.start();
    awaitSame(leader);
    return took;
  }

  private static void write(Contender member) throws InterruptedException {
    long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
    PutRequest request = PutRequest.newBuilder().setKey(Requests.key(0)).build();
    while (true) {
      try {
        var unused =
            KVGrpc.newBlockingStub(member.connections(1).get(0))
                .withDeadlineAfter(250, TimeUnit.MILLISECONDS)
                .put(request);
        return;
      } catch (StatusRuntimeException e) {
        if (System.nanoTime() > giveUpAt) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(5);
      }
    }
  }

  /** How long a stopped member takes from its start until it has everything again. */
  Duration catchUp(Contender member) throws IOException, InterruptedException {
    long start = System.nanoTime();
    member.start();
    awaitSame(member);
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private void awaitSame(Contender member) throws InterruptedException {
    long wanted = revision(another(member));
    long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
    while (revision(member) < wanted) {
      if (System.nanoTime() > giveUpAt) {
        throw new IllegalStateException(name + " does not catch up");
      }
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  private static long revision(Contender member) {
    return member.status().map(status -> status.getHeader().getRevision()).orElse(0L);
  }

  /** Processor time of all members since they were started. */
  Duration busy() {
    return all.stream().map(member -> busy(member.pid())).reduce(Duration.ZERO, Duration::plus);
  }

  static Duration busy(long pid) {
    return ProcessHandle.of(pid)
        .flatMap(handle -> handle.info().totalCpuDuration())
        .orElse(Duration.ZERO);
  }

  @Override
  public void close() {
    all.forEach(Contender::close);
  }
}
