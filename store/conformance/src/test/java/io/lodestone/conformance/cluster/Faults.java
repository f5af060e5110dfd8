package io.lodestone.conformance.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.MoveLeaderRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.StatusRequest;
import io.lodestone.peers.Commands;
import io.lodestone.peers.Namespaces;
import io.lodestone.peers.SmallDisk;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * What can happen to a member, or to as many as may be lost at a time. While it lasts the others
 * serve, and when it returns it is over and the member is back. Confined to one thread.
 */
final class Faults {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Writes of this class are below it. */
  static final String PREFIX = "h/";

  /** One kind of it. */
  interface Fault {
    void strike(int index) throws IOException, InterruptedException;
  }

  /** Those who use the cluster meanwhile. */
  interface Users {
    /** Something that grows with every answer they get. */
    long answers();

    /** Returns once each has been served again, by the members that are left. */
    void awaitService();
  }

  private final Members members;
  private final int size;
  private final Surroundings surroundings;
  private final Random random;
  private final Users users;

  /** {@code random} decides where a fault has a choice. */
  Faults(Members members, int size, Surroundings surroundings, Random random, Users users) {
    this.members = members;
    this.size = size;
    this.surroundings = surroundings;
    this.random = random;
    this.users = users;
  }

  /** Whatever the surroundings allow. */
  List<Fault> all() {
    List<Fault> all = new ArrayList<>(List.of(this::kill, this::pause, this::lead, this::replace));
    if (surroundings.network().isPresent()) {
      all.addAll(List.of(this::cut, this::flap, this::mute, this::choke));
    }
    if (surroundings.disk().isPresent()) {
      all.add(index -> fill());
    }
    if (surroundings.clocks().isPresent()) {
      all.add(this::jump);
    }
    return all;
  }

  /** The next ones serve in the place of those that are lost. */
  private void awaitOthers(int index) {
    long unused = awaitWrite(index % size, "without");
    users.awaitService();
  }

  void kill(int index) throws IOException {
    members.kill(index);
    awaitOthers(index + 1);
    members.start(index);
  }

  void pause(int index) throws IOException, InterruptedException {
    signal("-STOP", members.pid(index));
    try {
      awaitOthers(index + 1);
    } finally {
      signal("-CONT", members.pid(index));
    }
  }

  private static void signal(String signal, long pid) throws IOException, InterruptedException {
    assertThat(Commands.run(List.of("kill", signal, Long.toString(pid)))).isEmpty();
  }

  /** Has a member lead, if the one that does will have it. */
  void lead(int index) {
    long id =
        ask(index, member -> member.status(StatusRequest.getDefaultInstance()))
            .getHeader()
            .getMemberId();
    MoveLeaderRequest request = MoveLeaderRequest.newBuilder().setTargetID(id).build();
    for (int i = 0; i < size; i++) {
      try {
        var unused = ask(i, member -> member.moveLeader(request));
      } catch (StatusRuntimeException e) {
        // All but the leader refuse.
        assertThat(e.getStatus().getDescription()).isNotNull();
      }
    }
  }

  /** Another one, without its data, takes its place. */
  private void replace(int index) throws IOException {
    Membership others = new Membership(members.endpoints(), (index + 1) % size);
    others.remove(members.peerUrl(index));
    members.kill(index);
    members.forget(index);
    boolean learner = random.nextBoolean();
    others.add(members.peerUrl(index), learner);
    members.start(index);
    if (learner) {
      others.promote(members.peerUrl(index));
    }
  }

  /** As many as may be cut off, beginning with {@code index}. */
  private void cut(int index) throws IOException, InterruptedException {
    Namespaces cables = surroundings.network().orElseThrow();
    int count = 1 + random.nextInt((size - 1) / 2);
    for (int i = 0; i < count; i++) {
      cables.cut(1 + (index + i) % size);
    }
    awaitOthers(index + count);
    for (int i = 0; i < count; i++) {
      cables.mend(1 + (index + i) % size);
    }
  }

  private void flap(int index) throws IOException, InterruptedException {
    Namespaces cables = surroundings.network().orElseThrow();
    for (int i = 0; i < 8; i++) {
      cables.cut(1 + index);
      awaitSomeAnswers();
      cables.mend(1 + index);
      awaitSomeAnswers();
    }
  }

  /** A few answers, or, where nobody is served, less time than an election takes. */
  private void awaitSomeAnswers() {
    long enough = users.answers() + random.nextInt(40);
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(400);
    await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> users.answers() >= enough || System.nanoTime() - deadline >= 0);
  }

  /** What it sends to the others is lost, while it hears them; clients reach it. */
  private void mute(int index) throws IOException, InterruptedException {
    Namespaces cables = surroundings.network().orElseThrow();
    for (int other = 0; other < size; other++) {
      if (other != index) {
        cables.mute(1 + index, 1 + other);
      }
    }
    awaitOthers(index + 1);
    for (int other = 0; other < size; other++) {
      if (other != index) {
        cables.unmute(1 + index, 1 + other);
      }
    }
  }

  /** It can hardly keep up, if at all. */
  private void choke(int index) throws IOException, InterruptedException {
    Namespaces cables = surroundings.network().orElseThrow();
    cables.choke(1 + index);
    for (int i = 0; i < 10; i++) {
      awaitSomeAnswers();
    }
    awaitOthers(index + 1);
    cables.release(1 + index);
  }

  /** The first member's disk; it may end by that, as etcd does. */
  private void fill() throws IOException {
    SmallDisk small = surroundings.disk().orElseThrow();
    small.fill();
    awaitOthers(1);
    small.makeRoom();
    long unused = awaitWrite(0, "with-room", true);
  }

  /** Its clock is wrong by up to a day, until it jumps again. */
  private void jump(int index) throws IOException {
    WallClocks clocks = surroundings.clocks().orElseThrow();
    clocks.set(index, Duration.ofSeconds(random.nextInt(-86_400, 86_400)));
    awaitOthers(index + 1);
  }

  /** Returns once the member has had a write acknowledged, with its revision. */
  long awaitWrite(int index, String name) {
    return awaitWrite(index, name, false);
  }

  /**
   * @param revive whether it is started again where it ends meanwhile
   */
  private long awaitWrite(int index, String name, boolean revive) {
    PutRequest put = PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(PREFIX + name)).build();
    ManagedChannel channel = channel(index);
    try {
      return await()
          .atMost(PATIENCE)
          .pollDelay(Duration.ZERO)
          .ignoreExceptions()
          .until(
              () -> {
                if (revive && !members.isAlive(index)) {
                  members.start(index);
                }
                channel.resetConnectBackoff();
                return KVGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(10, TimeUnit.SECONDS)
                    .put(put)
                    .getHeader()
                    .getRevision();
              },
              revision -> revision > 0);
    } finally {
      channel.shutdownNow();
    }
  }

  private ManagedChannel channel(int index) {
    return NettyChannelBuilder.forTarget(members.endpoints().get(index)).usePlaintext().build();
  }

  private <T> T ask(int index, Function<MaintenanceGrpc.MaintenanceBlockingStub, T> question) {
    ManagedChannel channel = channel(index);
    try {
      return question.apply(
          MaintenanceGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS));
    } finally {
      channel.shutdownNow();
    }
  }
}
