package io.lodestone.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lodestone.api.LodestoneException;
import io.lodestone.peers.EtcdRelease;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** A member whose stored data were changed behind its back. */
@Tag("once")
@Timeout(300)
final class CorruptionTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir Path folder;

  private EmbeddedCluster cluster(String... flags) throws Exception {
    EmbeddedCluster cluster = EmbeddedCluster.of(3).folder(folder).flags(flags).start();
    eventually(
        () -> assertThat(ctl(cluster, "m1").run("put", "key", "the original")).contains("OK"));
    for (String name : cluster.names()) {
      eventually(
          () ->
              assertThat(ctl(cluster, name).run("get", "--consistency=s", "key"))
                  .contains("the original"));
    }
    return cluster;
  }

  /** A member that was just started refuses at first. */
  private static void eventually(ThrowingRunnable assertion) {
    await().atMost(PATIENCE).ignoreExceptions().untilAsserted(assertion);
  }

  private static Etcdctl ctl(EmbeddedCluster cluster, String name) throws Exception {
    return new Etcdctl(EtcdRelease.of("3.5"), cluster.member(name));
  }

  /** Changes one letter of the value. */
  private void damage(String name) throws RocksDBException {
    String data = new DataDirectory(folder.resolve(name)).engine().toString();
    List<ColumnFamilyDescriptor> families = new ArrayList<>();
    try (Options options = new Options()) {
      RocksDB.listColumnFamilies(options, data)
          .forEach(family -> families.add(new ColumnFamilyDescriptor(family)));
    }
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    int changed = 0;
    try (RocksDB rocks = RocksDB.open(data, families, handles)) {
      for (ColumnFamilyHandle handle : handles) {
        try (RocksIterator row = rocks.newIterator(handle)) {
          for (row.seekToFirst(); row.isValid(); row.next()) {
            String value = new String(row.value(), StandardCharsets.ISO_8859_1);
            if (value.contains("the original")) {
              String other = value.replace("the original", "the Original");
              rocks.put(handle, row.key(), other.getBytes(StandardCharsets.ISO_8859_1));
              changed++;
            }
          }
        }
      }
      handles.forEach(ColumnFamilyHandle::close);
    }
    assertThat(changed).isPositive();
  }

  private static String id(EmbeddedCluster cluster, String name) throws Exception {
    String list = ctl(cluster, "m1").run("member", "list");
    return list.lines()
        .filter(line -> line.contains(" " + name + ","))
        .map(line -> line.substring(0, line.indexOf(',')))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theLeaderFindsTheMemberThatDiffersAndStopsTheCluster() throws Exception {
    try (EmbeddedCluster cluster = cluster("--experimental-corrupt-check-time=1s")) {
      assertThat(ctl(cluster, "m1").run("alarm", "list")).doesNotContain("CORRUPT");
      String wrong = Long.toUnsignedString(Long.parseUnsignedLong(id(cluster, "m2"), 16));
      cluster.stop("m2");
      damage("m2");
      cluster.start("m2");
      eventually(
          () ->
              assertThat(ctl(cluster, "m1").run("alarm", "list"))
                  .contains("memberID:" + wrong + " alarm:CORRUPT"));
      assertThatThrownBy(() -> ctl(cluster, "m3").run("put", "key", "more"))
          .hasMessageContaining("etcdserver: corrupt cluster");
    }
  }

  @Test
  void aMemberThatDiffersDoesNotStart() throws Exception {
    try (EmbeddedCluster cluster = cluster("--experimental-initial-corrupt-check")) {
      String own = id(cluster, "m2");
      cluster.stop("m2");
      damage("m2");
      assertThatThrownBy(() -> cluster.start("m2"))
          .isInstanceOf(LodestoneException.class)
          .hasMessageContaining(own + " found data inconsistency with peers");
      cluster.stop("m3");
      cluster.start("m3");
      eventually(() -> assertThat(ctl(cluster, "m3").run("put", "key", "more")).contains("OK"));
    }
  }

  @Test
  void whatTheMembersHadWhenTheyWereCompactedIsComparedToo() throws Exception {
    try (EmbeddedCluster cluster =
        cluster(
            "--experimental-compact-hash-check-enabled",
            "--experimental-compact-hash-check-time=1s")) {
      String wrong = Long.toUnsignedString(Long.parseUnsignedLong(id(cluster, "m3"), 16));
      cluster.stop("m3");
      damage("m3");
      cluster.start("m3");
      eventually(
          () -> {
            String put = ctl(cluster, "m3").run("put", "other", "value", "-w", "json");
            String revision = put.replaceAll("(?s).*\"revision\":(\\d+).*", "$1");
            assertThat(ctl(cluster, "m1").run("compact", revision)).contains("compacted");
          });
      eventually(
          () ->
              assertThat(ctl(cluster, "m1").run("alarm", "list"))
                  .contains("memberID:" + wrong + " alarm:CORRUPT"));
    }
  }
}
