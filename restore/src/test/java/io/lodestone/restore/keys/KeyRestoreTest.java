package io.lodestone.restore.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.EtcdConnection;
import io.lodestone.etcdfile.db.SnapshotFileSource;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.restore.keys.KeyDifference.Kind;
import io.lodestone.restore.keys.KeySelection.Rename;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys out of a snapshot, back into the living etcd that it was taken of. */
@Tag("once")
final class KeyRestoreTest {
  private static final KeyRestoreRules MISSING_ONLY = new KeyRestoreRules(false, false, false);
  private static final KeyRestoreRules EXACTLY = new KeyRestoreRules(true, true, false);

  @TempDir Path folder;
  private EtcdCluster cluster;
  private EtcdConnection connection;
  private int selections;

  @BeforeEach
  void start() throws Exception {
    cluster =
        EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("etcd"))
            .flags("--unsafe-no-fsync")
            .start();
    connection = EtcdConnection.open(ClientOptions.of(cluster.endpoints().get(0)));
    put("a/1", "one");
    put("a/2", "two");
    put("a/3", "three");
    put("b/1", "other");
    cluster.etcdctl("snapshot", "save", snapshot().toString());
  }

  @AfterEach
  void stop() {
    connection.close();
    cluster.close();
  }

  private Path snapshot() {
    return folder.resolve("snapshot.db");
  }

  private void put(String key, String value, String... more) throws Exception {
    List<String> words = new ArrayList<>(List.of("put", key, value));
    words.addAll(List.of(more));
    cluster.etcdctl(words.toArray(String[]::new));
  }

  private String state(String prefix) throws Exception {
    return cluster.etcdctl("get", "--prefix", prefix);
  }

  private static KeySelection below(String prefix, Rename... renames) {
    return new KeySelection(List.of(), List.of(ByteString.copyFromUtf8(prefix)), List.of(renames));
  }

  private static Rename rename(String from, String to) {
    return new Rename(ByteString.copyFromUtf8(from), ByteString.copyFromUtf8(to));
  }

  private SelectedKeys select(KeySelection selection) throws Exception {
    try (RevisionStream stream =
        SnapshotFileSource.verified(snapshot()).openAtBase(Reason.INITIAL)) {
      return SelectedKeys.read(
          stream, selection, folder.resolve("selected-" + selections++), rows -> {});
    }
  }

  private KeyRestoreReport run(
      KeySelection selection, KeyRestoreRules rules, Consumer<KeyDifference> told)
      throws Exception {
    try (SelectedKeys selected = select(selection)) {
      return new KeyRestore(selected, connection, rules, told).execute();
    }
  }

  private KeyRestoreReport run(KeySelection selection, KeyRestoreRules rules) throws Exception {
    return run(selection, rules, difference -> {});
  }

  @Test
  void whatIsMissingComesBackAndNewerValuesStay() throws Exception {
    cluster.etcdctl("del", "a/1");
    put("a/2", "newer");
    put("a/9", "extra");

    KeyRestoreReport report = run(below("a/"), MISSING_ONLY);

    assertThat(report).isEqualTo(new KeyRestoreReport(3, 1, 1, 0, 0, 1, 1, 0, 0, 0));
    assertThat(state("a/")).isEqualTo("a/1\none\na/2\nnewer\na/3\nthree\na/9\nextra\n");
  }

  @Test
  void whereAskedThePrefixBecomesExactlyWhatItWas() throws Exception {
    cluster.etcdctl("del", "a/1");
    put("a/2", "newer");
    put("a/9", "extra");
    put("b/1", "not meant");

    KeyRestoreReport report = run(below("a/"), EXACTLY);

    assertThat(report).isEqualTo(new KeyRestoreReport(3, 1, 1, 1, 1, 0, 0, 0, 0, 0));
    assertThat(state("a/")).isEqualTo("a/1\none\na/2\ntwo\na/3\nthree\n");
    assertThat(state("b/")).isEqualTo("b/1\nnot meant\n");
    assertThat(run(below("a/"), EXACTLY).same()).isEqualTo(3);
  }

  @Test
  void aPlanTellsTheSameAndChangesNothing() throws Exception {
    cluster.etcdctl("del", "a/1");
    put("a/2", "newer");
    long revision = connection.revision();
    List<KeyDifference> told = new ArrayList<>();
    try (SelectedKeys selected = select(below("a/"))) {
      KeyRestoreReport plan = new KeyRestore(selected, connection, EXACTLY, told::add).plan();

      assertThat(plan).isEqualTo(new KeyRestoreReport(3, 1, 1, 1, 0, 0, 0, 0, 0, 0));
    }
    assertThat(told)
        .containsExactly(
            new KeyDifference(Kind.MISSING, ByteString.copyFromUtf8("a/1"), 2, 0),
            new KeyDifference(Kind.CHANGED, ByteString.copyFromUtf8("a/2"), 3, revision));
    assertThat(connection.revision()).isEqualTo(revision);
  }

  @Test
  void keysMayGetAnotherPrefix() throws Exception {
    put("a/2", "newer");

    KeyRestoreReport report = run(below("a/", rename("a/", "old/")), EXACTLY);

    assertThat(report.created()).isEqualTo(3);
    assertThat(state("old/")).isEqualTo("old/1\none\nold/2\ntwo\nold/3\nthree\n");
    assertThat(state("a/")).contains("newer");
  }

  @Test
  void twoKeysThatWouldBecomeOneAreRefused() {
    assertThatThrownBy(() -> run(below("", rename("a/", "b/")), EXACTLY))
        .isInstanceOf(LodestoneException.class)
        .hasMessageContaining("both 'a/1' and 'b/1' would become 'b/1'");
  }

  @Test
  void whoeverWritesMeanwhileWins() throws Exception {
    cluster.etcdctl("del", "--prefix", "a/");

    KeyRestoreReport report =
        run(
            below("a/"),
            EXACTLY,
            difference -> {
              if (difference.key().toStringUtf8().equals("a/2")) {
                meanwhile("a/2", "mine");
              }
            });

    assertThat(report).isEqualTo(new KeyRestoreReport(3, 0, 2, 0, 0, 0, 0, 0, 1, 0));
    assertThat(state("a/")).isEqualTo("a/1\none\na/2\nmine\na/3\nthree\n");
  }

  private void meanwhile(String key, String value) {
    try {
      put(key, value);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void keysOnLeasesAreLeftOutUnlessLeasesAreGranted() throws Exception {
    String granted = cluster.etcdctl("lease", "grant", "500").split(" ", 3)[1];
    put("a/4", "leased", "--lease=" + granted);
    put("a/5", "leased", "--lease=" + granted);
    Files.delete(snapshot());
    cluster.etcdctl("snapshot", "save", snapshot().toString());
    cluster.etcdctl("lease", "revoke", granted);

    assertThat(run(below("a/"), MISSING_ONLY).leased()).isEqualTo(2);
    assertThat(state("a/4")).isEmpty();

    KeyRestoreReport report = run(below("a/"), new KeyRestoreRules(false, false, true));
    assertThat(report.created()).isEqualTo(2);
    assertThat(report.leases()).isEqualTo(1);
    String lease = cluster.etcdctl("lease", "list").split("\n", 3)[1];
    assertThat(cluster.etcdctl("lease", "timetolive", "--keys", lease))
        .contains("granted with TTL(500s)", "a/4", "a/5");
  }

  @Test
  void manyKeysGoPageByPage() throws Exception {
    try (EtcdConnection writer =
        EtcdConnection.open(ClientOptions.of(cluster.endpoints().get(0)))) {
      for (int i = 0; i < 1500; i++) {
        writer.write(
            KVGrpc.getPutMethod(),
            PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(String.format("c/%04d", i)))
                .setValue(ByteString.copyFrom(new byte[3000]))
                .build());
      }
    }
    Files.delete(snapshot());
    cluster.etcdctl("snapshot", "save", snapshot().toString());
    cluster.etcdctl("del", "--prefix", "c/");

    KeyRestoreReport report = run(below("c/"), EXACTLY);

    assertThat(report.created()).isEqualTo(1500);
    assertThat(run(below("c/"), EXACTLY).same()).isEqualTo(1500);
  }
}
