package io.lodestone.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.api.LeaseId;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseRevokeRequest;
import io.lodestone.etcdfile.db.SnapshotFileSource;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.Workload;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.digest.HashKv;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bases with their rows, as a program wires them: the snapshot file read by the file module. */
class LivingBaseTest {
  @TempDir Path folder;
  private TestCluster cluster;

  static Stream<EtcdRelease> releases() {
    return TestCluster.releases();
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private LivingCluster living(FollowOptions options) {
    return new LivingCluster(
        cluster.connection, SnapshotFileSource::new, options, Clock.systemUTC());
  }

  @ParameterizedTest
  @MethodSource("releases")
  void aBaseAndItsTailHaveTheHashOfTheCluster(EtcdRelease release) throws Exception {
    cluster = TestCluster.start(release, folder, 1);
    writeTo(500);
    try (RevisionStream stream = living(cluster.follow()).openAtBase(Reason.INITIAL)) {
      Collected collected = Collected.atBase(stream);
      try (Workload writers = write()) {
        collected.readUntil(() -> !collected.marks.isEmpty());
        collected.readTo(collected.complete() + 200);
        assertThat(writers.writes()).isPositive();
      }
      HashKVResponse theirs = cluster.connection.hashKv(cluster.endpoint(), 0);
      collected.readTo(theirs.getHeader().getRevision());
      collected.readUntil(() -> collected.compacted == theirs.getCompactRevision());

      assertThat(hashOf(collected, theirs, release)).isEqualTo(theirs.getHash());
    }
  }

  /** Writes until the head is at {@code revision} or above. */
  private void writeTo(long revision) throws Exception {
    try (Workload writers = write()) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> cluster.connection.revision() >= revision);
      assertThat(writers.writes()).isPositive();
    }
  }

  private Workload write() {
    return Workload.start(5, 0, true, List.of(cluster.etcd.channel(0), cluster.etcd.channel(0)));
  }

  private static int hashOf(Collected collected, HashKVResponse theirs, EtcdRelease release)
      throws Exception {
    long compacted = theirs.getCompactRevision();
    long revision = theirs.getHeader().getRevision();
    return release.minor().equals("3.4")
        ? HashKv.asBefore3516(collected.scan(), compacted, revision).hash()
        : HashKv.of(collected.scan(), compacted, revision).hash();
  }

  @ParameterizedTest
  @MethodSource("releases")
  void leasesOfTheBaseGetTheirRemainingTimeAndGoWhenRevoked(EtcdRelease release) throws Exception {
    cluster = TestCluster.start(release, folder, 1);
    for (long id = 1; id <= 300; id++) {
      cluster.connection.write(
          LeaseGrpc.getLeaseGrantMethod(),
          LeaseGrantRequest.newBuilder().setID(id).setTTL(500).build());
    }
    FollowOptions options = cluster.follow();
    try (RevisionStream stream = living(options).openAtBase(Reason.INITIAL)) {
      Collected collected = Collected.atBase(stream);
      collected.readUntil(() -> !collected.marks.isEmpty());
      assertThat(collected.leases).hasSize(300);
      collected.readUntil(
          () ->
              collected.leases.values().stream()
                  .allMatch(lease -> lease.remainingTtlSeconds() > 400));

      cluster.connection.write(
          LeaseGrpc.getLeaseRevokeMethod(), LeaseRevokeRequest.newBuilder().setID(7).build());
      collected.readUntil(() -> !collected.leases.containsKey(new LeaseId(7)));
      assertThat(collected.leases).hasSize(299);
    }
  }
}
