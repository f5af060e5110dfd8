package io.lodestone.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lodestone.peers.Commands;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Stock etcdctl of every release here against a store. */
final class EtcdctlTest {
  private EmbeddedStore store;

  @BeforeEach
  void start() throws IOException {
    store = EmbeddedStore.builder().flags("--bcrypt-cost=4").start();
  }

  @AfterEach
  void stop() throws IOException {
    store.close();
  }

  static Stream<EtcdRelease> releases() {
    return EtcdRelease.installed().stream();
  }

  @ParameterizedTest
  @MethodSource("releases")
  void putsGetsAndDeletes(EtcdRelease release) throws Exception {
    Etcdctl etcdctl = new Etcdctl(release, store);

    assertThat(etcdctl.run("put", "a", "1")).isEqualTo("OK\n");
    assertThat(etcdctl.run("put", "b", "2", "--prev-kv")).isEqualTo("OK\n");
    assertThat(etcdctl.run("get", "a", "--print-value-only")).isEqualTo("1\n");
    assertThat(etcdctl.run("get", "", "--prefix", "--keys-only")).isEqualTo("a\n\nb\n\n");
    assertThat(etcdctl.run("get", "a", "--rev", "2")).isEqualTo("a\n1\n");
    assertThat(etcdctl.run("del", "", "--prefix")).isEqualTo("2\n");
    assertThat(etcdctl.run("get", "a")).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("releases")
  void refusesInEtcdsWords(EtcdRelease release) throws Exception {
    Etcdctl etcdctl = new Etcdctl(release, store);
    etcdctl.run("put", "a", "1");

    assertThatThrownBy(() -> etcdctl.run("put", "a", "1", "--lease", "77"))
        .hasMessageContaining("etcdserver: requested lease not found");
    assertThatThrownBy(() -> etcdctl.run("get", "a", "--rev", "99"))
        .hasMessageContaining("etcdserver: mvcc: required revision is a future revision");
    assertThatThrownBy(() -> etcdctl.run("compaction", "99"))
        .hasMessageContaining("etcdserver: mvcc: required revision is a future revision");
    assertThatThrownBy(() -> etcdctl.run("member", "promote", "77"))
        .hasMessageContaining("etcdserver: member not found");
    assertThatThrownBy(() -> etcdctl.run("move-leader", "77"))
        .hasMessageContaining("etcdserver: bad leader transferee");
  }

  @ParameterizedTest
  @MethodSource("releases")
  void grantsListsAndRevokesLeases(EtcdRelease release) throws Exception {
    Etcdctl etcdctl = new Etcdctl(release, store);

    String lease = etcdctl.run("lease", "grant", "100").split(" ", -1)[1];
    etcdctl.run("put", "leased", "1", "--lease", lease);
    assertThat(etcdctl.run("lease", "list")).contains("found 1 leases", lease);
    assertThat(etcdctl.run("lease", "timetolive", lease, "--keys")).contains("[leased]");
    assertThat(etcdctl.run("lease", "keep-alive", "--once", lease))
        .contains("keepalived with TTL(100)");
    assertThat(etcdctl.run("lease", "revoke", lease)).contains("revoked");
    assertThat(etcdctl.run("get", "leased")).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("releases")
  void compactsDefragmentsAndHashes(EtcdRelease release) throws Exception {
    Etcdctl etcdctl = new Etcdctl(release, store);
    for (int i = 0; i < 5; i++) {
      etcdctl.run("put", "a", "v" + i);
    }

    assertThat(etcdctl.run("compaction", "4", "--physical")).contains("compacted revision 4");
    assertThatThrownBy(() -> etcdctl.run("get", "a", "--rev", "3"))
        .hasMessageContaining("etcdserver: mvcc: required revision has been compacted");
    assertThat(etcdctl.run("defrag")).contains("Finished defragmenting etcd");
    assertThat(etcdctl.run("endpoint", "hashkv")).contains(store.target());
    assertThat(etcdctl.run("endpoint", "health")).contains("is healthy");
    assertThat(etcdctl.run("endpoint", "status", "-w", "simple")).contains("3.5.30");
  }

  @ParameterizedTest
  @MethodSource("releases")
  void savesSnapshotsThatTheReleasesToolReads(EtcdRelease release, @TempDir Path folder)
      throws Exception {
    Etcdctl etcdctl = new Etcdctl(release, store);
    etcdctl.run("put", "a", "1");
    Path file = folder.resolve("snapshot.db");

    etcdctl.run("snapshot", "save", file.toString());

    String tool = release.snapshotTool().toString();
    assertThat(Commands.run(List.of(tool, "snapshot", "status", file.toString())))
        .matches("(?s)[0-9a-f]+, 2, .*");
  }

  @ParameterizedTest
  @MethodSource("releases")
  void listsAndChangesMembers(EtcdRelease release) throws Exception {
    Etcdctl etcdctl = new Etcdctl(release, store);

    assertThat(etcdctl.run("member", "list")).contains("started, default");
    etcdctl.run("member", "add", "x", "--learner", "--peer-urls", "http://127.0.0.1:1");
    assertThat(etcdctl.run("member", "list")).contains("unstarted").contains("true");
    assertThatThrownBy(
            () ->
                etcdctl.run("member", "add", "y", "--learner", "--peer-urls", "http://127.0.0.1:2"))
        .hasMessageContaining("etcdserver: too many learner members in cluster");
    String learner =
        etcdctl
            .run("member", "list")
            .lines()
            .filter(line -> line.contains("unstarted"))
            .map(line -> line.substring(0, line.indexOf(',')))
            .findFirst()
            .orElseThrow();
    assertThat(etcdctl.run("member", "remove", learner)).contains("removed from cluster");
  }

  @ParameterizedTest
  @MethodSource("releases")
  void locksAndElects(EtcdRelease release) throws Exception {
    Etcdctl etcdctl = new Etcdctl(release, store);

    assertThat(etcdctl.run("lock", "door", "echo", "inside")).contains("inside");
  }

  @ParameterizedTest
  @MethodSource("releases")
  void armsAndDisarmsAlarms(EtcdRelease release) throws Exception {
    Etcdctl etcdctl = new Etcdctl(release, store);

    assertThat(etcdctl.run("alarm", "list")).isEmpty();
    assertThat(etcdctl.run("alarm", "disarm")).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("releases")
  void keepsUsersApart(EtcdRelease release) throws Exception {
    Etcdctl anonymous = new Etcdctl(release, store);
    anonymous.run("user", "add", "root:secret");
    anonymous.run("user", "grant-role", "root", "root");
    anonymous.run("user", "add", "reader:pass");
    anonymous.run("role", "add", "reading");
    anonymous.run("role", "grant-permission", "reading", "--prefix=true", "read", "public/");
    anonymous.run("user", "grant-role", "reader", "reading");
    anonymous.run("auth", "enable");
    Etcdctl root = anonymous.with("--user", "root:secret");
    Etcdctl reader = anonymous.with("--user", "reader:pass");

    root.run("put", "public/a", "1");
    assertThat(reader.run("get", "public/a", "--print-value-only")).isEqualTo("1\n");
    assertThatThrownBy(() -> reader.run("put", "public/a", "2"))
        .hasMessageContaining("etcdserver: permission denied");
    assertThatThrownBy(() -> reader.run("get", "private"))
        .hasMessageContaining("etcdserver: permission denied");
    assertThatThrownBy(() -> anonymous.run("get", "public/a"))
        .hasMessageContaining("etcdserver: user name is empty");
    assertThatThrownBy(() -> anonymous.with("--user", "root:wrong").run("get", "a"))
        .hasMessageContaining("authentication failed, invalid user ID or password");
    assertThat(root.run("auth", "disable")).contains("Authentication Disabled");
    assertThat(anonymous.run("get", "public/a", "--print-value-only")).isEqualTo("1\n");
  }
}
