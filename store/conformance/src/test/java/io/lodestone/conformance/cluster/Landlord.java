package io.lodestone.conformance.cluster;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.authpb.Permission;
import io.lodestone.api.etcdserverpb.AuthGrpc.AuthBlockingStub;
import io.lodestone.api.etcdserverpb.AuthRoleAddRequest;
import io.lodestone.api.etcdserverpb.AuthRoleGrantPermissionRequest;
import io.lodestone.api.etcdserverpb.AuthRoleRevokePermissionRequest;
import io.lodestone.api.etcdserverpb.AuthUserGrantRoleRequest;
import io.lodestone.api.etcdserverpb.AuthUserRevokeRoleRequest;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Gives one user a permission and takes it away again, round by round, each time at any member:
 * either a permission of the role that the user has, or a role that has the permission. A thread.
 */
final class Landlord extends Thread {
  private static final Duration LONGEST_STAY = Duration.ofMillis(600);
  private static final int CALLS = 6;

  private final Session root;
  private final String user;
  private final int members;
  private final Random random;
  private final Queue<Throwable> surprises;
  private final List<Round> rounds = new CopyOnWriteArrayList<>();
  private final AtomicLong calls = new AtomicLong();
  private final AtomicBoolean stopping = new AtomicBoolean();

  /** The user has the role {@link #ownRole}, with no permissions. */
  Landlord(Session root, String user, int members, long seed, Queue<Throwable> surprises) {
    super("landlord-of-" + user);
    this.root = root;
    this.user = user;
    this.members = members;
    this.random = new Random(seed);
    this.surprises = surprises;
  }

  static String ownRole(String user) {
    return "of-" + user;
  }

  /** All there were, the last of which may be under way. */
  List<Round> rounds() {
    return rounds;
  }

  /** The user has called once more, and was told something. */
  void called() {
    calls.incrementAndGet();
  }

  void finish() throws InterruptedException {
    stopping.set(true);
    join();
    root.close();
  }

  @Override
  public void run() {
    try {
      while (!stopping.get()) {
        live(new Round("a/" + user + "/" + rounds.size()));
      }
    } catch (RuntimeException e) {
      surprises.add(e);
    }
  }

  private void live(Round round) {
    boolean byRole = random.nextBoolean();
    String role = byRole ? "role-of-" + round.key() : ownRole(user);
    if (byRole) {
      surely(ErrorCode.ROLE_EXISTS, root -> add(root, role), () -> {});
      surely(ErrorCode.ROLE_EXISTS, root -> permit(root, role, round), () -> {});
    }
    rounds.add(round);
    awaitCalls();
    round.giving();
    surely(
        ErrorCode.ROLE_EXISTS,
        root -> {
          if (byRole) {
            enrol(root, role);
          } else {
            permit(root, role, round);
          }
        },
        round::maybeGivenLater);
    round.given();
    awaitCalls();
    round.taking();
    surely(
        byRole ? ErrorCode.ROLE_NOT_GRANTED : ErrorCode.PERMISSION_NOT_GRANTED,
        root -> {
          if (byRole) {
            dismiss(root, role);
          } else {
            forbid(root, role, round);
          }
        },
        () -> {});
    round.taken();
    awaitCalls();
  }

  private static void add(AuthBlockingStub root, String role) {
    var unused = root.roleAdd(AuthRoleAddRequest.newBuilder().setName(role).build());
  }

  private static void permit(AuthBlockingStub root, String role, Round round) {
    Permission permission =
        Permission.newBuilder()
            .setPermType(Permission.Type.READWRITE)
            .setKey(ByteString.copyFromUtf8(round.key()))
            .build();
    var unused =
        root.roleGrantPermission(
            AuthRoleGrantPermissionRequest.newBuilder().setName(role).setPerm(permission).build());
  }

  private static void forbid(AuthBlockingStub root, String role, Round round) {
    var unused =
        root.roleRevokePermission(
            AuthRoleRevokePermissionRequest.newBuilder()
                .setRole(role)
                .setKey(ByteString.copyFromUtf8(round.key()))
                .build());
  }

  private void enrol(AuthBlockingStub root, String role) {
    var unused =
        root.userGrantRole(
            AuthUserGrantRoleRequest.newBuilder().setUser(user).setRole(role).build());
  }

  private void dismiss(AuthBlockingStub root, String role) {
    var unused =
        root.userRevokeRole(
            AuthUserRevokeRoleRequest.newBuilder().setName(user).setRole(role).build());
  }

  /**
   * Until a member says that it is done, or was before.
   *
   * @param open told of each attempt that may have come, or come yet, to something
   */
  private void surely(ErrorCode before, Consumer<AuthBlockingStub> change, Runnable open) {
    while (true) {
      int member = random.nextInt(members);
      try {
        if (!root.isLoggedIn()) {
          root.login(member);
        }
        change.accept(root.auth(member));
        return;
      } catch (StatusRuntimeException e) {
        if (before.text().equals(e.getStatus().getDescription())) {
          return;
        }
        Refusal refusal = Refusal.of(e.getStatus());
        if (Set.of(Refusal.DENIED, Refusal.SURPRISE).contains(refusal)) {
          throw e;
        }
        if (refusal == Refusal.STALE) {
          root.forget();
        } else {
          open.run();
        }
      }
    }
  }

  /** A few calls, or, where nobody is served, a moment. */
  private void awaitCalls() {
    long enough = calls.get() + CALLS;
    long deadline = System.nanoTime() + LONGEST_STAY.toNanos();
    while (calls.get() < enough && System.nanoTime() - deadline < 0) {
      Thread.onSpinWait();
    }
  }
}
