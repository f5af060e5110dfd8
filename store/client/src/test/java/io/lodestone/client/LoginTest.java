package io.lodestone.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem.Reason;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LoginTest {
  @TempDir Path folder;
  private TestCluster cluster;

  static Stream<EtcdRelease> releases() {
    return TestCluster.releases();
  }

  /** A cluster with authentication on, and a user who may nothing. */
  private void start(EtcdRelease release) throws Exception {
    cluster = TestCluster.start(release, folder, 1);
    cluster.put("key", "value");
    cluster.etcd.etcdctl("user", "add", "root:top");
    cluster.etcd.etcdctl("user", "add", "nobody:nothing");
    cluster.etcd.etcdctl("user", "grant-role", "root", "root");
    cluster.etcd.etcdctl("auth", "enable");
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private EtcdConnection login(String user, String password) {
    return EtcdConnection.open(TestCluster.options(cluster.etcd).withUser(user, password));
  }

  @ParameterizedTest
  @MethodSource("releases")
  void wrongAndMissingLoginsAndPermissionsAreToldApart(EtcdRelease release) throws Exception {
    start(release);
    try (EtcdConnection wrong = login("root", "bottom");
        EtcdConnection nobody = login("nobody", "nothing")) {
      assertRefused(wrong::revision, ErrorCode.AUTHENTICATION_FAILED);
      assertRefused(cluster.connection::revision, ErrorCode.USER_EMPTY);
      assertRefused(nobody::revision, ErrorCode.PERMISSION_DENIED);
    }
  }

  private static void assertRefused(ThrowingCallable call, ErrorCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.hint()).isNotEmpty();
              assertThat(e.getMessage()).doesNotContain("bottom");
            });
  }

  @ParameterizedTest
  @MethodSource("releases")
  void tokensThatDiedWithTheMemberOrAgedAreReplaced(EtcdRelease release) throws Exception {
    start(release);
    try (EtcdConnection root = login("root", "top")) {
      long revision = root.revision();
      cluster.etcd.member(0).kill();
      cluster.etcd.member(0).start();
      cluster.etcd.awaitReady(0);
      assertThat(root.revision()).isEqualTo(revision);

      cluster.etcd.etcdctl("--user", "root:top", "user", "add", "late:comer");
      assertThat(root.revision()).isEqualTo(revision);
    }
  }

  @ParameterizedTest
  @MethodSource("releases")
  void aClusterWithAuthenticationIsFollowedThroughChangesOfItsUsers(EtcdRelease release)
      throws Exception {
    start(release);
    try (EtcdConnection root = login("root", "top");
        RevisionStream stream = cluster.living(root, cluster.follow()).openAtBase(Reason.INITIAL)) {
      Collected collected = Collected.atBase(stream);
      collected.readTo(2);
      cluster.etcd.etcdctl("--user", "root:top", "user", "add", "late:comer");
      cluster.etcd.etcdctl("--user", "root:top", "put", "key", "again");
      collected.readUntil(() -> collected.bases.size() == 2 && collected.complete() == 3);

      assertThat(collected.bases.get(1).reason()).isEqualTo(Reason.AUTH_CHANGED);
    }
  }

  @ParameterizedTest
  @MethodSource("releases")
  void aUserWhoMayReadButNotTakeSnapshotsIsToldSo(EtcdRelease release) throws Exception {
    start(release);
    String root = "root:top";
    cluster.etcd.etcdctl("--user", root, "role", "add", "reader");
    cluster.etcd.etcdctl(
        "--user", root, "role", "grant-permission", "reader", "read", "", "--prefix");
    cluster.etcd.etcdctl("--user", root, "user", "grant-role", "nobody", "reader");
    try (EtcdConnection reader = login("nobody", "nothing")) {
      try (RevisionStream tail = cluster.living(reader, cluster.follow()).openAfter(1)) {
        assertThat(Collected.after(1, tail).readTo(2).rows).hasSize(1);
      }
      try (RevisionStream base =
          cluster.living(reader, cluster.follow()).openAtBase(Reason.INITIAL)) {
        Collected collected = Collected.atBase(base);
        assertRefused(() -> collected.readTo(2), ErrorCode.PERMISSION_DENIED);
      }
    }
  }
}
