package io.lodestone.conformance.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.StatusRequest;
import io.lodestone.api.etcdserverpb.StatusResponse;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
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
 * <p>A long run, in which whatever {@link Faults} knows befalls any member: {@code
 * -Dlodestone.cluster.soak=SECONDS}, in {@link Surroundings} as asked for; with {@code
 * -Dlodestone.cluster.release=3.5} the same for stock etcd.
 */
@Timeout(value = 1, unit = TimeUnit.DAYS)
final class ToolsThroughFaultsTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int MEMBERS = 3;

  /**
   * Of etcd 3.5 and its clients, where it may or may not have happened, or certainly did not;
   * {@code channel closed} is gRPC's in the client, where a connection ends just before a call.
   */
  private static final Pattern WORTH_ANOTHER_ATTEMPT =
      Pattern.compile(
          "context deadline exceeded"
              + "|(UNAVAILABLE )?etcdserver: (request timed out"
              + "(, possibly due to (previous leader failure|connection lost))?"
              + "|leader changed|no leader|server stopped)"
              + "|(UNKNOWN |rpc error: code = Unknown desc = )?raft proposal dropped"
              + "|UNKNOWN channel closed"
              + "|rpc error: code = (Unavailable|Canceled) desc = (?!etcdserver).*"
              + "|(UNAVAILABLE|CANCELLED) (?!etcdserver).*");

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private final long seed = Long.getLong("lodestone.cluster.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Queue<Throwable> surprises = new ConcurrentLinkedQueue<>();

  @Test
  void theyAreToldOnlyWhatIsWorthAnotherAttempt() throws Exception {
    System.out.println("seed of the tools' faults: " + seed);
    Optional<EtcdRelease> release =
        Optional.ofNullable(System.getProperty("lodestone.cluster.release")).map(EtcdRelease::of);
    Optional<Long> soak = Optional.ofNullable(Long.getLong("lodestone.cluster.soak"));
    try (Surroundings surroundings = Surroundings.asAskedFor(folder, MEMBERS);
        Members members = MemberProcesses.start(folder, MEMBERS, release, surroundings);
        ToolUser etcdctl = new EtcdctlUser(EtcdRelease.of("3.5"), members.endpoints(), surprises);
        ToolUser jetcd = new JetcdUser(members.endpoints(), surprises)) {
      List<ToolUser> users = List.of(etcdctl, jetcd);
      Faults faults = new Faults(members, MEMBERS, surroundings, random, new Served(users));
      int first = leader(members);
      users.forEach(Thread::start);
      awaitProgress(users);
      if (soak.isEmpty()) {
        strikeAll(members, first, faults, users);
      } else {
        strikeFor(soak.get(), members, faults, users);
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

  private void strikeAll(Members members, int first, Faults faults, List<ToolUser> users)
      throws IOException, InterruptedException {
    faults.kill(first);
    awaitProgress(users);
    faults.pause(leader(members));
    awaitProgress(users);
    faults.lead((leader(members) + 1) % MEMBERS);
    awaitProgress(users);
  }

  /** The leader suffers as often as all together. */
  private void strikeFor(long seconds, Members members, Faults faults, List<ToolUser> users)
      throws IOException, InterruptedException {
    List<Faults.Fault> all = faults.all();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (System.nanoTime() < end) {
      int index = random.nextBoolean() ? leader(members) : random.nextInt(MEMBERS);
      all.get(random.nextInt(all.size())).strike(index);
      awaitProgress(users);
    }
  }

  /** The tools are served while a fault lasts. */
  private final class Served implements Faults.Users {
    private final List<ToolUser> users;

    Served(List<ToolUser> users) {
      this.users = users;
    }

    @Override
    public long answers() {
      return users.stream().mapToLong(ToolUser::acknowledged).sum();
    }

    @Override
    public void awaitService() {
      awaitProgress(users);
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
