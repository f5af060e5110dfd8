package io.lodestone.etcdfile.member;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.lodestone.api.KeyRange;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.AlarmRequest;
import io.lodestone.api.etcdserverpb.AlarmType;
import io.lodestone.api.etcdserverpb.CompactionRequest;
import io.lodestone.api.etcdserverpb.DefragmentRequest;
import io.lodestone.api.etcdserverpb.HashKVRequest;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseLeasesRequest;
import io.lodestone.api.etcdserverpb.LeaseStatus;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.etcdserverpb.StatusRequest;
import io.lodestone.etcdfile.db.BackendHash;
import io.lodestone.etcdfile.db.DatabaseStatus;
import io.lodestone.etcdfile.db.EtcdDatabase;
import io.lodestone.etcdfile.db.SnapshotFileSink;
import io.lodestone.etcdfile.db.SnapshotFileSource;
import io.lodestone.peers.Commands;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.Workload;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.LeasePolicy;
import io.lodestone.revisions.RevisionSink;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.digest.HashKv;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Directories written by us, served by stock etcd. */
@Tag("once")
class RestoredClusterTest {
  /** So that no lease of the source expires while the test looks at the target. */
  private static final CopyRules HELD = new CopyRules(LeasePolicy.HOLD, 0);

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"3.4, 3.4, 1", "3.4, 3.5, 3", "3.5, 3.4, 3", "3.5, 3.5, 1"})
  void aClusterOnWrittenDirectoriesServesTheSameKeyspace(String from, String to, int members)
      throws Exception {
    Captured source = capture(EtcdRelease.of(from));
    EtcdCluster.Plan plan =
        EtcdCluster.of(EtcdRelease.of(to), folder.resolve("target"))
            .members(members)
            .flags("--experimental-enable-lease-checkpoint");
    Files.createDirectories(folder.resolve("target"));
    assertThat(restore(source.snapshot, plan, HELD)).isEqualTo(source.revision);

    try (EtcdCluster cluster = plan.start()) {
      for (int i = 0; i < members; i++) {
        assertThat(range(cluster.channel(i)).getKvsList()).isEqualTo(source.keys);
        assertThat(range(cluster.channel(i)).getHeader().getRevision()).isEqualTo(source.revision);
        assertThat(hashKv(cluster.channel(i))).isEqualTo(source.hash);
      }
      assertThat(leases(cluster.channel(0))).isEqualTo(source.leases);
      livesOn(cluster, source.revision);
    }
    try (EtcdCluster again = plan.start()) {
      assertThat(range(again.channel(0)).getHeader().getRevision()).isEqualTo(source.revision + 1);
    }
  }

  /** Write, compact, defragment, add a member. */
  private static void livesOn(EtcdCluster cluster, long revision) throws Exception {
    long written =
        KVGrpc.newBlockingStub(cluster.channel(0))
            .put(PutRequest.newBuilder().setKey(bytes("after")).setValue(bytes("x")).build())
            .getHeader()
            .getRevision();
    assertThat(written).isEqualTo(revision + 1);
    KVGrpc.newBlockingStub(cluster.channel(0))
        .compact(CompactionRequest.newBuilder().setRevision(written).setPhysical(true).build());
    MaintenanceGrpc.newBlockingStub(cluster.channel(0))
        .defragment(DefragmentRequest.getDefaultInstance());
    if (cluster.members().size() > 1 && cluster.release().minor().equals("3.5")) {
      Awaitility.await()
          .ignoreExceptionsInstanceOf(IOException.class)
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> cluster.etcdctl("member", "add", "late", "--peer-urls=http://127.0.0.1:1"),
              printed -> printed.contains("added to cluster"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void stockToolsAcceptOurSnapshotFiles(String minor) throws Exception {
    EtcdRelease release = EtcdRelease.of(minor);
    Captured source = capture(release);
    Path copy = folder.resolve("copy.db");
    try (RevisionSink sink = new SnapshotFileSink(copy, HELD)) {
      pour(source.snapshot, sink);
      sink.commit();
    }
    assertStatusIsTheTools(release, source.snapshot);
    assertStatusIsTheTools(release, copy);

    EtcdCluster.Plan plan = EtcdCluster.of(release, folder.resolve("target"));
    Files.createDirectories(folder.resolve("target"));
    String urls = plan.peerUrls().get("m1");
    Commands.run(
        List.of(
            release.snapshotTool().toString(),
            "snapshot",
            "restore",
            copy.toString(),
            "--name=m1",
            "--data-dir=" + plan.dataDir("m1"),
            "--initial-cluster=m1=" + urls,
            "--initial-cluster-token=" + plan.token(),
            "--initial-advertise-peer-urls=" + urls));
    try (EtcdCluster cluster = plan.start()) {
      assertThat(hashKv(cluster.channel(0))).isEqualTo(source.hash);
    }
  }

  private static void assertStatusIsTheTools(EtcdRelease release, Path file) throws Exception {
    String printed =
        Commands.run(
            List.of(
                release.snapshotTool().toString(),
                "snapshot",
                "status",
                "-w",
                "json",
                file.toString()));
    try (EtcdDatabase database = EtcdDatabase.open(file)) {
      DatabaseStatus status = DatabaseStatus.of(database);
      assertThat(printed)
          .contains("\"hash\":" + status.hash() + ",")
          .contains("\"revision\":" + status.revision() + ",")
          .contains("\"totalKey\":" + status.totalKeys() + ",")
          .contains("\"totalSize\":" + status.sizeBytes());
    }
  }

  @Test
  void heldLeasesDoNotRunOutBeforeTheirClientsReturn() throws Exception {
    Captured source = capture(EtcdRelease.of("3.5"));
    EtcdCluster.Plan plan =
        EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("target"))
            .flags("--experimental-enable-lease-checkpoint");
    Files.createDirectories(folder.resolve("target"));
    restore(source.snapshot, plan, HELD);
    try (EtcdCluster cluster = plan.start()) {
      for (long id : source.leases) {
        assertThat(
                LeaseGrpc.newBlockingStub(cluster.channel(0))
                    .leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder().setID(id).build())
                    .getTTL())
            .isGreaterThan(300_000_000);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void aBumpedClusterContinuesAboveWhatClientsHaveSeen(String minor) throws Exception {
    EtcdRelease release = EtcdRelease.of(minor);
    Captured source = capture(release);
    EtcdCluster.Plan plan = EtcdCluster.of(release, folder.resolve("target"));
    Files.createDirectories(folder.resolve("target"));
    restore(source.snapshot, plan, new CopyRules(LeasePolicy.HOLD, 1_000_000));
    try (EtcdCluster cluster = plan.start()) {
      RangeResponse all = range(cluster.channel(0));
      assertThat(all.getHeader().getRevision()).isEqualTo(source.revision + 1_000_000);
      assertThat(all.getKvsList().stream().filter(kv -> !kv.getKey().isEmpty()).toList())
          .isEqualTo(source.keys);
      assertThatThrownBy(
              () ->
                  KVGrpc.newBlockingStub(cluster.channel(0))
                      .range(
                          RangeRequest.newBuilder()
                              .setKey(bytes("key"))
                              .setRevision(source.revision)
                              .build()))
          .hasMessageContaining("compacted");
    }
  }

  @Test
  void anExistingDirectoryIsRefused() throws Exception {
    Path taken = Files.createDirectory(folder.resolve("m1"));
    ClusterSpec cluster = ClusterSpec.of(List.of(new MemberSpec("m1", List.of("http://a:1"))));
    assertThatThrownBy(() -> new MemberDirectorySink(cluster, Map.of("m1", taken), CopyRules.EXACT))
        .isInstanceOf(LodestoneException.class)
        .hasMessageContaining("exists already");
    assertThat(folder).isDirectoryContaining(path -> path.equals(taken));
    assertThat(folder.toFile().list()).hasSize(1);
  }

  /** What a source cluster answered at one moment. */
  private record Captured(
      Path snapshot,
      long revision,
      HashKVResponse hash,
      List<io.lodestone.api.mvccpb.KeyValue> keys,
      List<Long> leases) {}

  private Captured capture(EtcdRelease release) throws Exception {
    EtcdCluster.Plan plan = EtcdCluster.of(release, folder.resolve("source"));
    try (EtcdCluster cluster = plan.start()) {
      try (Workload workload = Workload.start(11, 0, true, List.of(cluster.channel(0)))) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> workload.writes() > 600);
      }
      ManagedChannel channel = cluster.channel(0);
      fence(channel);
      Path file = folder.resolve("source.db");
      cluster.etcdctl("snapshot", "save", file.toString());
      RangeResponse all = range(channel);
      Captured captured =
          new Captured(
              file,
              all.getHeader().getRevision(),
              hashKv(channel),
              all.getKvsList(),
              leases(channel));
      assertOurHashesAgree(release, captured, channel);
      return captured;
    }
  }

  /** Under a CORRUPT alarm nothing changes any more, not even by the expiry of a lease. */
  private static void fence(ManagedChannel channel) {
    MaintenanceGrpc.MaintenanceBlockingStub maintenance = MaintenanceGrpc.newBlockingStub(channel);
    long member = maintenance.status(StatusRequest.getDefaultInstance()).getHeader().getMemberId();
    maintenance.alarm(
        AlarmRequest.newBuilder()
            .setAction(AlarmRequest.AlarmAction.ACTIVATE)
            .setMemberID(member)
            .setAlarm(AlarmType.CORRUPT)
            .build());
  }

  private static void assertOurHashesAgree(
      EtcdRelease release, Captured captured, ManagedChannel channel) throws Exception {
    try (EtcdDatabase database = EtcdDatabase.open(captured.snapshot)) {
      database.file().verifyTrailer();
      assertThat(database.revision()).isEqualTo(captured.revision);
      HashKv ours =
          release.minor().equals("3.4")
              ? HashKv.asBefore3516(
                  database.rows(), database.compaction().scheduled(), captured.revision)
              : HashKv.of(database.rows(), database.compaction().scheduled(), captured.revision);
      assertThat(ours.hash()).isEqualTo(captured.hash.getHash());
      BackendHash rule =
          release.minor().equals("3.4") ? BackendHash.ETCD_3_4 : BackendHash.ETCD_3_5;
      assertThat(rule.of(database))
          .isEqualTo(
              Integer.toUnsignedLong(
                  MaintenanceGrpc.newBlockingStub(channel)
                      .hash(io.lodestone.api.etcdserverpb.HashRequest.getDefaultInstance())
                      .getHash()));
    }
  }

  private static long restore(Path snapshot, EtcdCluster.Plan plan, CopyRules rules)
      throws Exception {
    List<MemberSpec> members = new ArrayList<>();
    Map<String, Path> dirs = new LinkedHashMap<>();
    plan.peerUrls()
        .forEach(
            (name, url) -> {
              members.add(new MemberSpec(name, List.of(url)));
              dirs.put(name, plan.dataDir(name));
            });
    try (RevisionSink sink =
        new MemberDirectorySink(new ClusterSpec(plan.token(), members), dirs, rules)) {
      pour(snapshot, sink);
      return sink.commit();
    }
  }

  private static void pour(Path snapshot, RevisionSink sink) throws Exception {
    try (RevisionStream stream = new SnapshotFileSource(snapshot).openAtBase(Reason.INITIAL)) {
      for (StreamItem item = stream.next(); !(item instanceof End); item = stream.next()) {
        sink.accept(item);
      }
    }
  }

  private static RangeResponse range(ManagedChannel channel) {
    ByteString all = KeyRange.all().start();
    return KVGrpc.newBlockingStub(channel)
        .range(RangeRequest.newBuilder().setKey(all).setRangeEnd(all).build());
  }

  /** Without its header, which names the member. */
  private static HashKVResponse hashKv(ManagedChannel channel) {
    return MaintenanceGrpc.newBlockingStub(channel)
        .hashKV(HashKVRequest.getDefaultInstance())
        .toBuilder()
        .clearHeader()
        .build();
  }

  private static List<Long> leases(ManagedChannel channel) {
    return LeaseGrpc.newBlockingStub(channel)
        .leaseLeases(LeaseLeasesRequest.getDefaultInstance())
        .getLeasesList()
        .stream()
        .map(LeaseStatus::getID)
        .sorted()
        .toList();
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }
}
