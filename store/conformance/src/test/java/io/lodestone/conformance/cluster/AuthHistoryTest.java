package io.lodestone.conformance.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.etcdserverpb.AuthEnableRequest;
import io.lodestone.api.etcdserverpb.AuthRoleAddRequest;
import io.lodestone.api.etcdserverpb.AuthRoleListRequest;
import io.lodestone.api.etcdserverpb.AuthStatusRequest;
import io.lodestone.api.etcdserverpb.AuthStatusResponse;
import io.lodestone.api.etcdserverpb.AuthUserAddRequest;
import io.lodestone.api.etcdserverpb.AuthUserChangePasswordRequest;
import io.lodestone.api.etcdserverpb.AuthUserGetRequest;
import io.lodestone.api.etcdserverpb.AuthUserGrantRoleRequest;
import io.lodestone.api.etcdserverpb.MoveLeaderRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.StatusRequest;
import io.lodestone.peers.Commands;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Users are known alike at every member: a token is good at all of them as soon as it was given, a
 * changed password counts everywhere at once, and while members are killed, paused, replaced and
 * made leader nobody does what was forbidden before, nor is refused what was permitted before.
 *
 * <p>A long run: {@code -Dlodestone.cluster.soak=SECONDS}; with {@code
 * -Dlodestone.cluster.release=3.5} the same for stock etcd.
 */
@Timeout(value = 1, unit = TimeUnit.DAYS)
final class AuthHistoryTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int MEMBERS = 3;
  private static final int LODGERS = 2;
  private static final int LOGINS = 80;
  private static final int PASSWORDS = 8;
  private static final String PASSWORD = "secret";

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private final long seed = Long.getLong("lodestone.cluster.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Queue<Throwable> surprises = new ConcurrentLinkedQueue<>();

  @ParameterizedTest
  @ValueSource(strings = {"simple", "jwt"})
  void whoMayDoWhatIsOneHistory(String tokens) throws Exception {
    System.out.println("seed of the history of users: " + seed);
    Optional<EtcdRelease> release =
        Optional.ofNullable(System.getProperty("lodestone.cluster.release")).map(EtcdRelease::of);
    try (Members members =
            MemberProcesses.start(
                folder,
                MEMBERS,
                release,
                Surroundings.PLAIN,
                "--auth-token=" + spec(tokens),
                "--bcrypt-cost=4");
        Session root = new Session("root", PASSWORD, members.endpoints())) {
      for (int i = 0; i < MEMBERS; i++) {
        awaitWrite(root, i);
      }
      makeUsers(root);
      useTokensEverywhere(members, root, release.isPresent() ? LOGINS / 10 : 0);
      changePasswords(members, root);
      List<Round.Call> calls = run(members, root, Long.getLong("lodestone.cluster.soak", 8));
      judge(calls);
      compareUsers(root);
    }
  }

  /** Any bytes are a key for this method. */
  private String spec(String tokens) throws IOException {
    if (tokens.equals("simple")) {
      return "simple";
    }
    Path key = Files.writeString(folder.resolve("key"), "0123456789abcdef0123456789abcdef");
    return "jwt,sign-method=HS256,ttl=10m,priv-key=" + key;
  }

  private void makeUsers(Session root) {
    add(root, "root", "root");
    for (int i = 0; i < LODGERS; i++) {
      add(root, lodger(i), Landlord.ownRole(lodger(i)));
    }
    add(root, "guest", "root");
    var unused = root.auth(0).authEnable(AuthEnableRequest.getDefaultInstance());
  }

  private static String lodger(int number) {
    return "lodger" + number;
  }

  private static void add(Session root, String user, String role) {
    if (!role.equals("root") || user.equals("root")) {
      var unusedRole = root.auth(0).roleAdd(AuthRoleAddRequest.newBuilder().setName(role).build());
    }
    var unusedUser =
        root.auth(1)
            .userAdd(AuthUserAddRequest.newBuilder().setName(user).setPassword(PASSWORD).build());
    var unusedGrant =
        root.auth(2)
            .userGrantRole(
                AuthUserGrantRoleRequest.newBuilder().setUser(user).setRole(role).build());
  }

  /**
   * As soon as a login is answered, the token is good wherever it is shown. Stock etcd waits for
   * the entry before the login only, and does not know the token now and then.
   *
   * @param mostUnknown of {@link #LOGINS}
   */
  private void useTokensEverywhere(Members members, Session root, int mostUnknown) {
    int unknown = 0;
    PutRequest put = PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("t")).build();
    RangeRequest serializable =
        RangeRequest.newBuilder().setKey(put.getKey()).setSerializable(true).build();
    for (int i = 0; i < LOGINS; i++) {
      try (Session guest = new Session("guest", PASSWORD, members.endpoints())) {
        guest.login(random.nextInt(MEMBERS));
        int member = random.nextInt(MEMBERS);
        Object unused =
            random.nextBoolean() ? guest.kv(member).range(serializable) : guest.kv(member).put(put);
      } catch (StatusRuntimeException e) {
        assertThat(e).hasMessageContaining(ErrorCode.INVALID_AUTH_TOKEN.text());
        unknown++;
      }
    }
    assertThat(unknown).as("seed %d", seed).isLessThanOrEqualTo(mostUnknown);
    root.login(0);
  }

  private void changePasswords(Members members, Session root) {
    for (int i = 0; i < PASSWORDS; i++) {
      String changed = "changed-" + i;
      root.login(random.nextInt(MEMBERS));
      var unused =
          root.auth(random.nextInt(MEMBERS))
              .userChangePassword(
                  AuthUserChangePasswordRequest.newBuilder()
                      .setName("guest")
                      .setPassword(changed)
                      .build());
      try (Session guest = new Session("guest", PASSWORD, members.endpoints())) {
        guest.login(random.nextInt(MEMBERS), changed);
        assertThat(guest.isLoggedIn()).isTrue();
      }
    }
  }

  private List<Round.Call> run(Members members, Session root, long seconds)
      throws IOException, InterruptedException {
    List<Landlord> landlords = new ArrayList<>();
    List<Lodger> lodgers = new ArrayList<>();
    for (int i = 0; i < LODGERS; i++) {
      Session owner = new Session("root", PASSWORD, members.endpoints());
      Landlord landlord = new Landlord(owner, lodger(i), MEMBERS, seed + i, surprises);
      Session own = new Session(lodger(i), PASSWORD, members.endpoints());
      landlords.add(landlord);
      lodgers.add(new Lodger(own, landlord, MEMBERS, seed - i, surprises));
    }
    List<Round.Call> calls = new ArrayList<>();
    try {
      landlords.forEach(Thread::start);
      lodgers.forEach(Thread::start);
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      for (int i = random.nextInt(4); System.nanoTime() < end; i++) {
        hurt(members, root, i % 4, random.nextInt(MEMBERS));
      }
    } finally {
      for (Landlord landlord : landlords) {
        landlord.finish();
      }
      for (Lodger lodger : lodgers) {
        calls.addAll(lodger.finish());
      }
    }
    return calls;
  }

  /** A minority at a time; each time the cluster has served again before the next. */
  private void hurt(Members members, Session root, int how, int index)
      throws IOException, InterruptedException {
    int other = (index + 1) % MEMBERS;
    switch (how) {
      case 0 -> {
        members.kill(index);
        awaitWrite(root, other);
        members.start(index);
      }
      case 1 -> {
        signal("-STOP", members.pid(index));
        awaitWrite(root, other);
        signal("-CONT", members.pid(index));
      }
      case 2 -> lead(root, index);
      default -> {
        Membership others = new Membership(members.endpoints(), other, root.asUser());
        awaitWrite(root, other);
        others.remove(members.peerUrl(index));
        members.kill(index);
        members.forget(index);
        others.add(members.peerUrl(index), false);
        members.start(index);
      }
    }
    awaitWrite(root, index);
  }

  private static void signal(String signal, long pid) throws IOException, InterruptedException {
    Commands.run(List.of("kill", signal, Long.toString(pid)));
  }

  /** If the one that leads will have it. */
  private static void lead(Session root, int index) {
    long id =
        root.maintenance(index)
            .status(StatusRequest.getDefaultInstance())
            .getHeader()
            .getMemberId();
    for (int i = 0; i < MEMBERS; i++) {
      try {
        var unused =
            root.maintenance(i).moveLeader(MoveLeaderRequest.newBuilder().setTargetID(id).build());
      } catch (StatusRuntimeException e) {
        // All but the leader refuse.
        assertThat(e.getStatus().getDescription()).isNotNull();
      }
    }
  }

  /** Completes once the member has had a write of root's acknowledged. */
  private static void awaitWrite(Session root, int index) {
    PutRequest put = PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("w")).build();
    await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .until(
            () -> {
              try {
                return root.kv(index).put(put).getHeader().getRevision() > 0;
              } catch (StatusRuntimeException e) {
                if (Refusal.of(e.getStatus()) != Refusal.OPEN) {
                  loginIfPossible(root, index);
                }
                return false;
              }
            });
  }

  private static void loginIfPossible(Session root, int index) {
    try {
      root.login(index);
    } catch (StatusRuntimeException e) {
      // The caller tries again, and gives up in time.
      assertThat(e.getStatus().getDescription()).isNotNull();
    }
  }

  private void judge(List<Round.Call> calls) {
    assertThat(surprises).as("seed %d", seed).isEmpty();
    List<Round.Call> wrong =
        calls.stream()
            .filter(
                call -> Round.expected(call).filter(right -> right != call.permitted()).isPresent())
            .toList();
    assertThat(wrong).as("seed %d", seed).isEmpty();
    System.out.println("calls by whether they had to be let: " + counts(calls));
    assertThat(calls)
        .as("seed %d", seed)
        .anyMatch(call -> isExpected(call, true))
        .anyMatch(call -> isExpected(call, false));
  }

  private static String counts(List<Round.Call> calls) {
    return calls.stream()
        .collect(
            Collectors.groupingBy(
                call -> Round.expected(call).map(String::valueOf).orElse("open"),
                Collectors.counting()))
        .toString();
  }

  private static boolean isExpected(Round.Call call, boolean permitted) {
    return Round.expected(call).filter(right -> right == permitted).isPresent();
  }

  /** Answered by each member from what it has. */
  private void compareUsers(Session root) {
    List<List<Object>> all =
        IntStream.range(0, MEMBERS)
            .mapToObj(
                member -> {
                  awaitWrite(root, member);
                  return usersAt(root, member);
                })
            .toList();
    assertThat(all).as("seed %d", seed).allMatch(all.get(0)::equals);
  }

  private static List<Object> usersAt(Session root, int member) {
    AuthStatusResponse status =
        root.auth(member).authStatus(AuthStatusRequest.getDefaultInstance());
    assertThat(status.getEnabled()).isTrue();
    List<Object> all = new ArrayList<>(List.of(status.getAuthRevision()));
    all.add(root.auth(member).roleList(AuthRoleListRequest.getDefaultInstance()).getRolesList());
    for (int i = 0; i < LODGERS; i++) {
      all.add(
          root.auth(member)
              .userGet(AuthUserGetRequest.newBuilder().setName(lodger(i)).build())
              .getRolesList());
    }
    return all;
  }
}
