package io.lodestone.conformance.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.MoveLeaderRequest;
import io.lodestone.api.etcdserverpb.StatusRequest;
import io.lodestone.api.etcdserverpb.StatusResponse;
import io.lodestone.peers.Commands;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * etcdctl and jetcd while the leader is killed, stopped and replaced by another: what they are told
 * is what stock etcd tells, all of it worth another attempt, and what was acknowledged to them
 * stays.
 *
 * <p>A long run: {@code -Dlodestone.cluster.soak=SECONDS}; with {@code
 * -Dlodestone.cluster.release=3.5} the same for stock etcd.
 */
@Timeout(value = 1, unit = TimeUnit.DAYS)
final class ToolsThroughFaultsTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int MEMBERS = 3;

  /** Of etcd 3.5 and its clients, where it may or may not have happened, or certainly did not. */
  private static final Pattern WORTH_ANOTHER_ATTEMPT =
      Pattern.compile(
          "context deadline exceeded"
              + "|(UNAVAILABLE )?etcdserver: (request timed out"
              + "(, possibly due to (previous leader failure|connection lost))?"
              + "|leader changed|no leader|server stopped)"
              + "|(UNKNOWN |rpc error: code = Unknown desc = )?raft proposal dropped"
              + "|rpc error: code = (Unavailable|Canceled) desc = (?!etcdserver).*"
              + "|(UNAVAILABLE|CANCELLED) (?!etcdserver).*");

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private final long seed = Long.getLong("lodestone.cluster.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Queue<Throwable> surprises = new ConcurrentLinkedQueue<>();
  private final List<Fault> faults = List.of(this::kill, this::pause, this::depose);

  /** What happens to the leader; it is over, and the cluster whole, when it returns. */
  private interface Fault {
    void strike(Members members, int leader, List<ToolUser> users)
        throws IOException, InterruptedException;
  }

  @Test
  void theyAreToldOnlyWhatIsWorthAnotherAttempt() throws Exception {
    System.out.println("seed of the tools' faults: " + seed);
    Optional<EtcdRelease> release =
        Optional.ofNullable(System.getProperty("lodestone.cluster.release")).map(EtcdRelease::of);
    Optional<Long> soak = Optional.ofNullable(Long.getLong("lodestone.cluster.soak"));
    try (Members members =
            MemberProcesses.start(
                folder, MEMBERS, release, Optional.empty(), Optional.empty(), Optional.empty());
        ToolUser etcdctl = new EtcdctlUser(EtcdRelease.of("3.5"), members.endpoints(), surprises);
        ToolUser jetcd = new JetcdUser(members.endpoints(), surprises)) {
      List<ToolUser> users = List.of(etcdctl, jetcd);
      int first = leader(members);
      users.forEach(Thread::start);
      awaitProgress(users);
      if (soak.isEmpty()) {
        strikeAll(members, first, users);
      } else {
        strikeFor(soak.get(), members, users);
      }
      assertThat(surprises).as("seed %d", seed).isEmpty();
      for (ToolUser user : users) {
        System.out.println(
            user.getName() + ": " + user.acknowledged() + " writes, was told " + user.told());
        assertThat(user.told())
            .as("seed %d, %s", seed, user.getName())
            .allMatch(text -> WORTH_ANOTHER_ATTEMPT.matcher(text).matches());
      }
    }
  }

  private void strikeAll(Members members, int first, List<ToolUser> users)
      throws IOException, InterruptedException {
    int leader = first;
    for (Fault fault : faults) {
      fault.strike(members, leader, users);
      awaitProgress(users);
      leader = leader(members);
    }
  }

  private void strikeFor(long seconds, Members members, List<ToolUser> users)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (System.nanoTime() < end) {
      faults.get(random.nextInt(faults.size())).strike(members, leader(members), users);
      awaitProgress(users);
    }
  }

  private void kill(Members members, int leader, List<ToolUser> users) throws IOException {
    members.kill(leader);
    awaitProgress(users);
    members.start(leader);
  }

  private void pause(Members members, int leader, List<ToolUser> users)
      throws IOException, InterruptedException {
    String pid = Long.toString(members.pid(leader));
    String stopped = Commands.run(List.of("kill", "-STOP", pid));
    assertThat(stopped).isEmpty();
    try {
      awaitProgress(users);
    } finally {
      String continued = Commands.run(List.of("kill", "-CONT", pid));
      assertThat(continued).isEmpty();
    }
  }

  private void depose(Members members, int leader, List<ToolUser> users) {
    long heir = status(members, (leader + 1) % MEMBERS).orElseThrow().getHeader().getMemberId();
    ManagedChannel channel = channel(members, leader);
    try {
      var unused =
          MaintenanceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(60, TimeUnit.SECONDS)
              .moveLeader(MoveLeaderRequest.newBuilder().setTargetID(heir).build());
    } catch (StatusRuntimeException e) {
      // Another one leads by now.
      assertThat(Set.of("etcdserver: not leader")).contains(e.getStatus().getDescription());
    } finally {
      channel.shutdownNow();
    }
  }

  private void awaitProgress(List<ToolUser> users) {
    for (ToolUser user : users) {
      long before = user.acknowledged();
      await()
          .atMost(PATIENCE)
          .failFast(() -> assertThat(surprises).as("seed %d", seed).isEmpty())
          .until(() -> user.acknowledged() > before + 1);
    }
  }

  private static int leader(Members members) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> {
              for (int i = 0; i < MEMBERS; i++) {
                if (status(members, i).filter(ToolsThroughFaultsTest::leads).isPresent()) {
                  return i;
                }
              }
              return -1;
            },
            index -> index >= 0);
  }

  private static boolean leads(StatusResponse status) {
    return status.getLeader() == status.getHeader().getMemberId();
  }

  /** Empty where it does not answer. */
  private static Optional<StatusResponse> status(Members members, int index) {
    ManagedChannel channel = channel(members, index);
    try {
      return Optional.of(
          MaintenanceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(2, TimeUnit.SECONDS)
              .status(StatusRequest.getDefaultInstance()));
    } catch (StatusRuntimeException e) {
      return Optional.empty();
    } finally {
      channel.shutdownNow();
    }
  }

  private static ManagedChannel channel(Members members, int index) {
    return NettyChannelBuilder.forTarget(members.endpoints().get(index)).usePlaintext().build();
  }
}
