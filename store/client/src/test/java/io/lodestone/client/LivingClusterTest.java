package io.lodestone.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.LeaseId;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.Revision;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseRevokeRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.Workload;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.digest.HashKv;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("once")
class LivingClusterTest {
  private static final long FRESH = 1;

  @TempDir Path folder;
  private TestCluster cluster;

  static List<EtcdRelease> releases() {
    return TestCluster.releases().toList();
  }

  private void start(EtcdRelease release) throws Exception {
    cluster = TestCluster.start(release, folder, 1);
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @ParameterizedTest
  @MethodSource("releases")
  void theTailHasTheHashOfTheClusterAtEveryRevision(EtcdRelease release) throws Exception {
    start(release);
    try (RevisionStream stream = cluster.living().openAfter(FRESH)) {
      Collected collected = Collected.after(FRESH, stream);
      long head;
      try (Workload writers =
          Workload.start(1, 1, false, List.of(cluster.etcd.channel(0), cluster.etcd.channel(0)))) {
        collected.readTo(300);
        assertThat(writers.writes()).isPositive();
      }
      head = cluster.connection.revision();
      collected.readTo(head);

      assertThat(collected.bases).isEmpty();
      for (long revision = 2; revision <= head; revision += 7) {
        cluster.assertSameHash(collected, revision);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("releases")
  void nothingFallsBetweenTheSnapshotAndTheWatch(EtcdRelease release) throws Exception {
    start(release);
    try (Workload writers =
            Workload.start(2, 1, false, List.of(cluster.etcd.channel(0), cluster.etcd.channel(0)));
        RevisionStream stream = cluster.living().openAtBase(Reason.REQUESTED)) {
      Collected collected = Collected.atBase(stream);
      collected.readUntil(() -> !collected.marks.isEmpty());
      long base = collected.complete();
      collected.readTo(base + 300);

      assertThat(writers.writes()).isPositive();
      assertThat(collected.bases).hasSize(1);
      assertThat(collected.bases.get(0).reason()).isEqualTo(Reason.REQUESTED);
      assertThat(collected.bases.get(0).origin().serverVersion()).isEqualTo(release.version());
      assertThat(collected.bases.get(0).origin().clusterId())
          .isEqualTo(cluster.connection.clusterId());
      assertThat(collected.rows.keySet().stream().map(Revision::main).distinct())
          .containsExactlyElementsOf(
              LongStream.rangeClosed(base + 1, collected.complete()).boxed().toList());
    }
    assertThat(folder.resolve("spool")).isEmptyDirectory();
  }

  @ParameterizedTest
  @MethodSource("releases")
  void aRevisionInFragmentsComesWhole(EtcdRelease release) throws Exception {
    cluster =
        new TestCluster(
            EtcdCluster.of(release, folder.resolve("etcd"))
                .flags("--max-request-bytes=6000000")
                .start(),
            folder);
    try (RevisionStream stream = cluster.living().openAfter(FRESH)) {
      long revision = cluster.putTogether(12, ByteString.copyFrom(new byte[400_000]));
      cluster.put("behind", "it");
      Collected collected = Collected.after(FRESH, stream).readTo(revision + 1);

      assertThat(collected.rows).hasSize(13);
      assertThat(collected.rows.keySet().stream().filter(r -> r.main() == revision))
          .extracting(r -> r.sub())
          .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L);
      cluster.assertSameHash(collected, revision);
    }
  }

  @ParameterizedTest
  @MethodSource("releases")
  void aRangeDeleteOfTwentyThousandKeysIsOneRevision(EtcdRelease release) throws Exception {
    start(release);
    for (int i = 0; i < 20_000; i += 100) {
      putHundred(i);
    }
    long before = cluster.connection.revision();
    try (RevisionStream stream = cluster.living().openAfter(before)) {
      cluster.connection.write(
          KVGrpc.getDeleteRangeMethod(),
          DeleteRangeRequest.newBuilder()
              .setKey(TestCluster.bytes("k"))
              .setRangeEnd(TestCluster.bytes("l"))
              .build());
      Collected collected = Collected.after(before, stream).readTo(before + 1);

      assertThat(collected.rows).hasSize(20_000);
      assertThat(collected.rows.values()).allMatch(RevisionRecord::tombstone);
      assertThat(collected.rows.lastKey().sub()).isEqualTo(19_999);
    }
  }

  private void putHundred(int first) {
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    for (int i = first; i < first + 100; i++) {
      txn.addSuccess(
          RequestOp.newBuilder()
              .setRequestPut(
                  PutRequest.newBuilder().setKey(TestCluster.bytes(String.format("k%05d", i)))));
    }
    cluster.connection.write(KVGrpc.getTxnMethod(), txn.build());
  }

  @ParameterizedTest
  @MethodSource("releases")
  void aCompactionPastThePositionBeginsANewBase(EtcdRelease release) throws Exception {
    start(release);
    for (int i = 0; i < 20; i++) {
      cluster.put("key", "value " + i);
    }
    cluster.connection.compact(15);
    try (RevisionStream stream = cluster.living().openAfter(5)) {
      Collected collected = Collected.after(5, stream).readTo(21);

      assertThat(collected.bases).hasSize(1);
      assertThat(collected.bases.get(0).reason()).isEqualTo(Reason.COMPACTED);
      cluster.put("key", "on it goes");
      collected.readTo(22);
    }
  }

  @ParameterizedTest
  @MethodSource("releases")
  void aPositionThatIsFarBehindBeginsANewBase(EtcdRelease release) throws Exception {
    start(release);
    for (int i = 0; i < 20; i++) {
      cluster.put("key", "value " + i);
    }
    FollowOptions options = cluster.follow().withLongestTail(10);
    try (RevisionStream stream = cluster.living(cluster.connection, options).openAfter(10)) {
      Collected collected = Collected.after(10, stream).readTo(21);

      assertThat(collected.bases).extracting(b -> b.reason()).containsExactly(Reason.REQUESTED);
      cluster.put("key", "on it goes");
      collected.readTo(22);
    }
    try (RevisionStream stream = cluster.living(cluster.connection, options).openAfter(12)) {
      assertThat(Collected.after(12, stream).readTo(22).bases).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("releases")
  void aWatchThatWouldStartAtTheCompactRevisionBeginsANewBase(EtcdRelease release)
      throws Exception {
    start(release);
    for (int i = 0; i < 20; i++) {
      cluster.put("key", "value " + i);
    }
    cluster.connection.compact(15);
    try (RevisionStream stream = cluster.living().openAfter(14)) {
      Collected collected = Collected.after(14, stream).readTo(21);

      assertThat(collected.bases).extracting(b -> b.reason()).containsExactly(Reason.COMPACTED);
    }
    try (RevisionStream stream = cluster.living().openAfter(15)) {
      assertThat(Collected.after(15, stream).readTo(21).bases).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("releases")
  void aClusterThatIsBehindThePositionBeginsANewBase(EtcdRelease release) throws Exception {
    start(release);
    cluster.put("key", "value");
    try (RevisionStream stream = cluster.living().openAfter(1000)) {
      Collected collected = Collected.after(1000, stream);
      collected.readUntil(() -> !collected.bases.isEmpty() && collected.complete() == 2);

      assertThat(collected.bases).extracting(b -> b.reason()).containsExactly(Reason.DIVERGED);
    }
  }

  @ParameterizedTest
  @MethodSource("releases")
  void killingTheMemberTwiceLeavesNoGapAndNoDuplicate(EtcdRelease release) throws Exception {
    start(release);
    try (RevisionStream stream = cluster.living().openAfter(FRESH);
        Workload writers = Workload.start(3, 1, false, List.of(cluster.etcd.channel(0)))) {
      Collected collected = Collected.after(FRESH, stream);
      for (int round = 1; round <= 2; round++) {
        collected.readTo(collected.complete() + 100);
        cluster.etcd.member(0).kill();
        cluster.etcd.member(0).start();
        cluster.etcd.awaitReady(0);
      }
      collected.readTo(collected.complete() + 100);
      assertThat(writers.writes()).isPositive();
      assertThat(collected.bases).isEmpty();
      cluster.assertSameHash(collected, collected.complete());
    }
  }

  @Test
  void theLossOfTheWatchedMemberMovesTheWatchToAnother() throws Exception {
    cluster = TestCluster.start(EtcdRelease.of("3.5"), folder, 3);
    try (RevisionStream stream = cluster.living().openAfter(FRESH);
        Workload writers =
            Workload.start(
                4, 2, false, List.of(cluster.etcd.channel(1), cluster.etcd.channel(2)))) {
      Collected collected = Collected.after(FRESH, stream).readTo(50);
      cluster.etcd.member(0).kill();
      collected.readTo(collected.complete() + 200);

      assertThat(writers.writes()).isPositive();
      assertThat(collected.bases).isEmpty();
      long revision = collected.complete();
      assertThat(HashKv.of(collected.scan(), -1, revision).hash())
          .isEqualTo(
              cluster.connection.hashKv(cluster.connection.endpoints().get(1), revision).getHash());
    }
  }

  @ParameterizedTest
  @MethodSource("releases")
  void aSlowReaderFindsEverythingInTheSpool(EtcdRelease release) throws Exception {
    start(release);
    FollowOptions small = cluster.follow().withSpool(100_000, 1L << 30);
    try (LiveStream stream =
        (LiveStream) cluster.living(cluster.connection, small).openAfter(FRESH)) {
      ByteString value = ByteString.copyFrom(new byte[10_000]);
      for (int i = 0; i < 100; i++) {
        cluster.putTogether(50, value);
      }
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> stream.waitingBytes() > 45_000_000);
      Collected collected = Collected.after(FRESH, stream).readTo(101);

      cluster.assertSameHash(collected, 101);
      cluster.put("once", "more");
      collected.readTo(102);
    }
  }

  @ParameterizedTest
  @MethodSource("releases")
  void aFullSpoolIsAnErrorBehindWhatItHolds(EtcdRelease release) throws Exception {
    start(release);
    FollowOptions tiny = cluster.follow().withSpool(10_000, 100_000);
    try (RevisionStream stream = cluster.living(cluster.connection, tiny).openAfter(FRESH)) {
      for (int i = 0; i < 10; i++) {
        cluster.putTogether(2, ByteString.copyFrom(new byte[10_000]));
      }
      Collected collected = Collected.after(FRESH, stream);

      assertThatThrownBy(() -> collected.readTo(11))
          .isInstanceOf(LodestoneException.class)
          .hasMessageContaining("fell behind");
      assertThat(collected.complete()).isGreaterThan(FRESH);
    }
  }

  @ParameterizedTest
  @MethodSource("releases")
  void aQuietClusterIsSaidToBeQuiet(EtcdRelease release) throws Exception {
    start(release);
    long head = cluster.put("key", "value");
    try (RevisionStream stream = cluster.living().openAfter(head - 1)) {
      Collected collected = Collected.after(head - 1, stream);
      collected.readUntil(() -> collected.marks.size() >= 4);

      assertThat(collected.marks).allMatch(mark -> mark.revision() == head);
      assertThat(collected.marks).isSortedAccordingTo((a, b) -> a.at().compareTo(b.at()));
    }
  }

  @ParameterizedTest
  @MethodSource("releases")
  void compactionsAndLeasesComeInTheTail(EtcdRelease release) throws Exception {
    start(release);
    for (int i = 0; i < 20; i++) {
      cluster.put("key", "value " + i);
    }
    try (RevisionStream stream = cluster.living().openAfter(20)) {
      Collected collected = Collected.after(20, stream);
      grant(77, 300);
      cluster.connection.compact(10);
      collected.readUntil(
          () -> collected.compacted == 10 && collected.leases.containsKey(new LeaseId(77)));
      assertThat(collected.leases.get(new LeaseId(77)).grantedTtlSeconds()).isEqualTo(300);
      assertThat(collected.leases.get(new LeaseId(77)).remainingTtlSeconds()).isBetween(200L, 300L);

      cluster.connection.compact(18);
      cluster.connection.write(
          LeaseGrpc.getLeaseRevokeMethod(), LeaseRevokeRequest.newBuilder().setID(77).build());
      collected.readUntil(() -> collected.compacted == 18 && collected.leases.isEmpty());
    }
  }

  private void grant(long id, long ttlSeconds) {
    cluster.connection.write(
        LeaseGrpc.getLeaseGrantMethod(),
        LeaseGrantRequest.newBuilder().setID(id).setTTL(ttlSeconds).build());
  }

  @ParameterizedTest
  @MethodSource("releases")
  void aNewUserBeginsANewBase(EtcdRelease release) throws Exception {
    start(release);
    try (RevisionStream stream = cluster.living().openAtBase(Reason.INITIAL)) {
      Collected collected = Collected.atBase(stream);
      collected.readUntil(() -> !collected.marks.isEmpty());
      cluster.etcd.etcdctl("user", "add", "ada:secret");
      collected.readUntil(() -> collected.bases.size() == 2 && collected.marks.size() > 2);

      assertThat(collected.bases.get(1).reason()).isEqualTo(Reason.AUTH_CHANGED);
    }
  }

  @ParameterizedTest
  @MethodSource("releases")
  void closingEndsAWaitingReadAndRemovesTheFiles(EtcdRelease release) throws Exception {
    start(release);
    RevisionStream stream = cluster.living().openAfter(FRESH);
    Thread closer =
        new Thread(
            () -> {
              try {
                stream.close();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    closer.start();

    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> stream.poll(Duration.ofSeconds(20)).filter(End.class::isInstance).isPresent());
    closer.join();
    try (Stream<Path> left = Files.list(folder.resolve("spool"))) {
      assertThat(left).isEmpty();
    }
  }
}
