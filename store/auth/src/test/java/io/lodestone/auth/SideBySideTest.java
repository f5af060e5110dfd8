package io.lodestone.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.lodestone.api.KeyRange;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.AuthDisableRequest;
import io.lodestone.api.etcdserverpb.AuthEnableRequest;
import io.lodestone.api.etcdserverpb.AuthStatusRequest;
import io.lodestone.api.etcdserverpb.AuthUserAddRequest;
import io.lodestone.api.etcdserverpb.AuthUserGrantRoleRequest;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseRevokeRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.auth.token.TokenSpec;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same random requests to stock etcd and to us: the same answers, then the same permissions.
 */
@Tag("once")
class SideBySideTest {
  private static final int ROUNDS = 1500;

  /** An administrator whom the random requests do not know. */
  private static final String KEEPER = "keeper";

  @TempDir Path folder;
  private StockSide stock;
  private OurSide ours;
  private long seed;
  private int round;
  private long lastLease = 100;

  @ParameterizedTest
  @ValueSource(strings = {"simple", "jwt,sign-method=HS256,priv-key="})
  void randomRequestsGetTheAnswersOfStockEtcd(String kind) throws Exception {
    seed = Long.getLong("seed", new Random().nextLong());
    System.out.println("seed " + seed + " with " + kind);
    String spec = kind.endsWith("=") ? kind + secret() : kind;
    try (EtcdCluster cluster =
            EtcdCluster.of(EtcdRelease.of("3.5"), folder)
                .flags(
                    "--bcrypt-cost=4",
                    "--auth-token=" + spec,
                    "--backend-batch-limit=1",
                    "--unsafe-no-fsync")
                .start();
        Tokens tokens =
            TokenSpec.parse(spec)
                .open(Duration.ofMinutes(5), new SecureRandom(), Clock.systemUTC())) {
      stock = new StockSide(cluster.channel(0));
      ours = new OurSide(tokens);
      play(new RandomAuthRequests(seed));
      compareAccess();
    }
  }

  private String secret() throws Exception {
    Path secret = folder.resolve("secret");
    Files.writeString(secret, "short");
    return secret.toString();
  }

  private void play(RandomAuthRequests random) {
    both("root", user(KEEPER));
    both("root", rootRole(KEEPER));
    grantLeases();
    for (round = 0; round < ROUNDS; round++) {
      if (random.oneIn(12)) {
        toggle(random);
      } else if (random.oneIn(6)) {
        String user = random.user();
        String password = random.password();
        same("login " + user, stock.login(user, password), ours.login(user, password));
      } else if (random.oneIn(3)) {
        InternalRaftRequest request = random.keyspace();
        String user = random.user();
        same(
            user + " asks " + request,
            stock.call(stock.token(user), request).refusalOnly(),
            ours.call(ours.token(user), request).refusalOnly());
      } else {
        both(random.oneIn(4) ? random.user() : "root", random.auth());
      }
    }
  }

  private void grantLeases() {
    for (long lease : new long[] {7, 8}) {
      grant(lease);
    }
  }

  private Answer grant(long lease) {
    return stock.call(
        stock.token(KEEPER),
        InternalRaftRequest.newBuilder()
            .setLeaseGrant(LeaseGrantRequest.newBuilder().setID(lease).setTTL(10_000))
            .build());
  }

  /**
   * Two commits of stock etcd's backend that do not touch users: until then its permission checks
   * may find rows of users that are changed or gone, left behind the end of a read buffer.
   */
  private void forgetOldRows() {
    if (grant(++lastLease).code() != Status.Code.OK) {
      stock.login(KEEPER, "right");
    }
    assertThat(grant(++lastLease).code()).isEqualTo(Status.Code.OK);
    assertThat(grant(++lastLease).code()).isEqualTo(Status.Code.OK);
  }

  /** On needs a root; off is asked for seldom, as most of the rules only hold while it is on. */
  private void toggle(RandomAuthRequests random) {
    if (random.oneIn(3)) {
      both(
          random.oneIn(2) ? "root" : random.user(),
          InternalRaftRequest.newBuilder()
              .setAuthDisable(AuthDisableRequest.getDefaultInstance())
              .build());
    } else if (random.oneIn(4)) {
      revoke(random);
    }
    both("root", user("root"));
    both("root", rootRole("root"));
    both(
        "root",
        InternalRaftRequest.newBuilder()
            .setAuthEnable(AuthEnableRequest.getDefaultInstance())
            .build());
    same("login root", stock.login("root", "right"), ours.login("root", "right"));
    both(
        "root",
        InternalRaftRequest.newBuilder()
            .setAuthStatus(AuthStatusRequest.getDefaultInstance())
            .build());
  }

  private void revoke(RandomAuthRequests random) {
    String user = random.user();
    InternalRaftRequest request =
        InternalRaftRequest.newBuilder()
            .setLeaseRevoke(LeaseRevokeRequest.newBuilder().setID(7))
            .build();
    Answer theirs = stock.call(stock.token(user), request).refusalOnly();
    if (ours.store.view().enabled() && ours.token(user).isEmpty()) {
      // A server refuses nobody's revocation before the log.
      assertThat(theirs.text()).isEqualTo("etcdserver: user name is empty");
      return;
    }
    same(user + " revokes", theirs, ours.call(ours.token(user), request).refusalOnly());
    grantLeases();
  }

  private static InternalRaftRequest user(String name) {
    return InternalRaftRequest.newBuilder()
        .setAuthUserAdd(AuthUserAddRequest.newBuilder().setName(name).setPassword("right"))
        .build();
  }

  private static InternalRaftRequest rootRole(String user) {
    return InternalRaftRequest.newBuilder()
        .setAuthUserGrantRole(AuthUserGrantRoleRequest.newBuilder().setUser(user).setRole("root"))
        .build();
  }

  private void both(String user, InternalRaftRequest request) {
    same(
        user + " asks " + request,
        stock.call(stock.token(user), request),
        ours.call(ours.token(user), request));
    forgetOldRows();
  }

  private void same(String what, Answer theirs, Answer ourAnswer) {
    assertThat(ourAnswer).as("seed %d, round %d: %s", seed, round, what).isEqualTo(theirs);
  }

  /** Every user over every range: by name, as if logged in just now. */
  private void compareAccess() {
    for (String user : RandomAuthRequests.USERS) {
      stock.login(user, "right");
      ours.login(user, "right");
      for (String key : RandomAuthRequests.KEYS) {
        for (String end : RandomAuthRequests.ENDS) {
          KeyRange range = new KeyRange(utf8(key), utf8(end));
          if (!RandomAuthRequests.isEmpty(range)) {
            compareRead(user, range);
          }
        }
      }
    }
    assertThat(ours.rows.reopened().sideState()).isEqualTo(ours.store.sideState());
  }

  private void compareRead(String user, KeyRange range) {
    InternalRaftRequest read =
        InternalRaftRequest.newBuilder()
            .setRange(RangeRequest.newBuilder().setKey(range.start()).setRangeEnd(range.end()))
            .build();
    same(
        user + " reads " + range,
        stock.call(stock.token(user), read).refusalOnly(),
        view(user, range));
  }

  private Answer view(String user, KeyRange range) {
    try {
      ours.store.view().checkRange(ours.logins.identify(ours.token(user)), range);
      return Answer.of(RangeRequest.getDefaultInstance());
    } catch (StoreException e) {
      return Answer.of(e);
    }
  }

  private static ByteString utf8(String text) {
    return ByteString.copyFromUtf8(text);
  }
}
