package io.lodestone.etcdfile.member;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.lodestone.api.authpb.Permission;
import io.lodestone.api.etcdserverpb.AlarmRequest;
import io.lodestone.api.etcdserverpb.AlarmType;
import io.lodestone.api.etcdserverpb.AuthEnableRequest;
import io.lodestone.api.etcdserverpb.AuthGrpc;
import io.lodestone.api.etcdserverpb.AuthRoleAddRequest;
import io.lodestone.api.etcdserverpb.AuthRoleGrantPermissionRequest;
import io.lodestone.api.etcdserverpb.AuthUserAddRequest;
import io.lodestone.api.etcdserverpb.AuthUserGrantRoleRequest;
import io.lodestone.api.etcdserverpb.AuthenticateRequest;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseLeasesRequest;
import io.lodestone.api.etcdserverpb.LeaseStatus;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.StatusRequest;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.etcdfile.member.Directories.Content;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.Workload;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.RevisionSink;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Directories that a killed etcd left behind: we must read what it serves when it boots again. */
@Tag("once")
class KilledMemberTest {
  /** The database lags far behind the log, so that there is a long tail to replay. */
  private static final String[] LAZY_BACKEND = {
    "--backend-batch-interval=1h", "--backend-batch-limit=1000000"
  };

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void aRandomWorkloadIsReadAsEtcdServesItAfterwards(String minor) throws Exception {
    EtcdCluster.Plan plan = plan(minor);
    try (EtcdCluster cluster = plan.start()) {
      try (Workload workload =
          Workload.start(5, 0, true, List.of(cluster.channel(0), cluster.channel(0)))) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> workload.writes() > 1_500);
      }
      new ConditionalWrites(5, cluster.channel(0)).run(20);
      cluster.member(0).kill();
    }
    Content ours = assertReadAsServed(plan, "m1");
    assertThat(ours.tailRevisions).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void conditionalWritesAreDecidedAsEtcdDecidesThem(String minor) throws Exception {
    EtcdCluster.Plan plan = plan(minor);
    try (EtcdCluster cluster = plan.start()) {
      int refused = new ConditionalWrites(3, cluster.channel(0)).run(1_500);
      assertThat(refused).isPositive();
      cluster.member(0).kill();
    }
    Content ours = assertReadAsServed(plan, "m1");
    assertThat(ours.tailRevisions).isPositive();
  }

  /**
   * Compared with what clients were told before the kill: etcd's own second apply, at boot, leaves
   * out the reads of a transaction and so lets some pass that it refused the first time.
   */
  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void aTransactionWhoseReadFailsHasNoEffect(String minor) throws Exception {
    EtcdCluster.Plan plan = plan(minor);
    long revision;
    HashKVResponse told;
    try (EtcdCluster cluster = plan.start()) {
      new ConditionalWrites(3, cluster.channel(0)).readingTheFuture().run(1_500);
      revision = Directories.everything(cluster.channel(0)).getHeader().getRevision();
      told = Directories.hashKv(cluster.channel(0), 0);
      cluster.member(0).kill();
    }
    Content ours =
        Directories.read(new MemberDirectorySource(plan.dataDir("m1"), LogEnd.LAST_ENTRY));
    assertThat(ours.revision).isEqualTo(revision);
    assertThat(ours.hash(EtcdRelease.of(minor), revision)).isEqualTo(told.getHash());
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void aTornLogIsCutWhereEtcdCutsIt(String minor) throws Exception {
    EtcdCluster.Plan plan = plan(minor);
    try (EtcdCluster cluster = plan.start()) {
      new ConditionalWrites(4, cluster.channel(0)).run(300);
      cluster.member(0).kill();
    }
    Path whole = folder.resolve("whole");
    Directories.copy(plan.dataDir("m1"), whole);
    Random random = new Random(1);
    for (int i = 0; i < 2; i++) {
      delete(plan.dataDir("m1"));
      Directories.copy(whole, plan.dataDir("m1"));
      tear(plan.dataDir("m1"), random);
      assertReadAsServed(plan, "copy-" + i);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void writesWithoutPermissionHaveNoEffect(String minor) throws Exception {
    EtcdCluster.Plan plan = plan(minor);
    try (EtcdCluster cluster = plan.start()) {
      AuthGrpc.AuthBlockingStub auth = AuthGrpc.newBlockingStub(cluster.channel(0));
      addUser(auth, "root", "root");
      addUser(auth, "alice", "writers");
      Permission some =
          Permission.newBuilder()
              .setPermType(Permission.Type.READWRITE)
              .setKey(utf8("a"))
              .setRangeEnd(utf8("c"))
              .build();
      auth.roleGrantPermission(
          AuthRoleGrantPermissionRequest.newBuilder().setName("writers").setPerm(some).build());
      auth.authEnable(AuthEnableRequest.getDefaultInstance());
      KVGrpc.KVBlockingStub alice = as("alice", cluster, auth);
      int refused = 0;
      for (String key : List.of("a", "b", "c", "d", "bb")) {
        try {
          alice.put(PutRequest.newBuilder().setKey(utf8(key)).setValue(utf8(key)).build());
          alice.deleteRange(
              DeleteRangeRequest.newBuilder().setKey(utf8("a")).setRangeEnd(utf8(key)).build());
        } catch (StatusRuntimeException e) {
          refused++;
        }
      }
      assertThat(refused).isEqualTo(2);
      assertThat(nestedPutIsRefused(alice, "d")).isEqualTo(!minor.equals("3.4"));
      cluster.member(0).kill();
    }
    Content ours =
        Directories.read(new MemberDirectorySource(plan.dataDir("m1"), LogEnd.LAST_ENTRY));
    try (EtcdCluster cluster = plan.start()) {
      KVGrpc.KVBlockingStub root =
          as("root", cluster, AuthGrpc.newBlockingStub(cluster.channel(0)));
      long revision =
          root.deleteRange(DeleteRangeRequest.newBuilder().setKey(utf8("none")).build())
              .getHeader()
              .getRevision();
      assertThat(ours.revision).isEqualTo(revision);
      assertThat(ours.sideState)
          .anyMatch(item -> item instanceof StreamItem.AuthState state && state.enabled());
    }
  }

  private static boolean nestedPutIsRefused(KVGrpc.KVBlockingStub kv, String key) {
    PutRequest put = PutRequest.newBuilder().setKey(utf8(key)).build();
    TxnRequest inner =
        TxnRequest.newBuilder().addSuccess(RequestOp.newBuilder().setRequestPut(put)).build();
    TxnRequest outer =
        TxnRequest.newBuilder().addSuccess(RequestOp.newBuilder().setRequestTxn(inner)).build();
    try {
      kv.txn(outer);
      return false;
    } catch (StatusRuntimeException e) {
      return true;
    }
  }

  /** They were in the log only; 3.4 has their passwords there in clear, and we hash them. */
  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void usersOfTheTailCanLogInToTheRestoredCluster(String minor) throws Exception {
    EtcdCluster.Plan plan = plan(minor);
    try (EtcdCluster cluster = plan.start()) {
      AuthGrpc.AuthBlockingStub auth = AuthGrpc.newBlockingStub(cluster.channel(0));
      addUser(auth, "root", "root");
      addUser(auth, "alice", "writers");
      auth.authEnable(AuthEnableRequest.getDefaultInstance());
      cluster.member(0).kill();
    }
    EtcdCluster.Plan restored = EtcdCluster.of(EtcdRelease.of(minor), folder.resolve("restored"));
    Files.createDirectories(folder.resolve("restored"));
    ClusterSpec spec =
        new ClusterSpec(
            restored.token(),
            List.of(new MemberSpec("m1", List.of(restored.peerUrls().get("m1")))));
    try (RevisionSink sink =
            new MemberDirectorySink(spec, Map.of("m1", restored.dataDir("m1")), CopyRules.EXACT);
        RevisionStream stream =
            new MemberDirectorySource(plan.dataDir("m1"), LogEnd.LAST_ENTRY)
                .openAtBase(StreamItem.Reason.INITIAL)) {
      for (StreamItem item = stream.next();
          !(item instanceof StreamItem.End);
          item = stream.next()) {
        sink.accept(item);
      }
      sink.commit();
    }
    try (EtcdCluster cluster = restored.start()) {
      AuthGrpc.AuthBlockingStub auth = AuthGrpc.newBlockingStub(cluster.channel(0));
      assertThat(as("alice", cluster, auth)).isNotNull();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void writesUnderAnAlarmHaveTheEffectThatEtcdLeavesThem(String minor) throws Exception {
    EtcdCluster.Plan plan = plan(minor);
    try (EtcdCluster cluster = plan.start()) {
      ConditionalWrites writes = new ConditionalWrites(8, cluster.channel(0));
      for (AlarmType type : List.of(AlarmType.NOSPACE, AlarmType.CORRUPT)) {
        writes.run(100);
        alarm(cluster, type, AlarmRequest.AlarmAction.ACTIVATE);
        writes.run(150);
        alarm(cluster, type, AlarmRequest.AlarmAction.DEACTIVATE);
        writes.run(100);
      }
      cluster.member(0).kill();
    }
    assertReadAsServed(plan, "m1");
  }

  private static void alarm(EtcdCluster cluster, AlarmType type, AlarmRequest.AlarmAction action) {
    MaintenanceGrpc.MaintenanceBlockingStub maintenance =
        MaintenanceGrpc.newBlockingStub(cluster.channel(0));
    long member = maintenance.status(StatusRequest.getDefaultInstance()).getHeader().getMemberId();
    maintenance.alarm(
        AlarmRequest.newBuilder().setAction(action).setMemberID(member).setAlarm(type).build());
  }

  @Test
  void aLogOfSeveralFilesBehindARaftSnapshotIsReadWhole() throws Exception {
    EtcdCluster.Plan plan =
        EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("cluster"))
            .flags("--snapshot-count=30", "--backend-batch-interval=1h");
    try (EtcdCluster cluster = plan.start()) {
      KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(cluster.channel(0));
      byte[] megabyte = new byte[1 << 20];
      for (int i = 0; i < 80; i++) {
        new Random(i).nextBytes(megabyte);
        kv.put(
            PutRequest.newBuilder()
                .setKey(utf8("k" + i % 3))
                .setValue(ByteString.copyFrom(megabyte))
                .build());
      }
      cluster.member(0).kill();
    }
    assertReadAsServed(plan, "m1");
  }

  @Test
  void everyMemberOfAClusterKnowsAPrefixOfTheSameHistory() throws Exception {
    EtcdRelease release = EtcdRelease.of("3.5");
    EtcdCluster.Plan plan =
        EtcdCluster.of(release, folder.resolve("cluster")).members(3).flags(LAZY_BACKEND);
    try (EtcdCluster cluster = plan.start()) {
      new ConditionalWrites(6, cluster.channel(0)).run(600);
      cluster.members().forEach(member -> member.kill());
    }
    List<Content> ours =
        List.of(
            Directories.read(new MemberDirectorySource(plan.dataDir("m1"))),
            Directories.read(new MemberDirectorySource(plan.dataDir("m2"))),
            Directories.read(new MemberDirectorySource(plan.dataDir("m3"))));
    try (EtcdCluster cluster = plan.start()) {
      for (Content content : ours) {
        assertThat(content.tailRevisions).isPositive();
        assertThat(content.hash(release, content.revision))
            .isEqualTo(Directories.hashKv(cluster.channel(0), content.revision).getHash());
      }
    }
  }

  private EtcdCluster.Plan plan(String minor) {
    return EtcdCluster.of(EtcdRelease.of(minor), folder.resolve("cluster")).flags(LAZY_BACKEND);
  }

  /** Reads the directory, then lets etcd boot from it. */
  private Content assertReadAsServed(EtcdCluster.Plan plan, String what) throws Exception {
    Content ours =
        Directories.read(new MemberDirectorySource(plan.dataDir("m1"), LogEnd.LAST_ENTRY));
    try (EtcdCluster cluster = plan.start()) {
      long served = Directories.everything(cluster.channel(0)).getHeader().getRevision();
      assertThat(served).as(what).isGreaterThanOrEqualTo(ours.revision);
      assertThat(ours.liveKeys())
          .as(what)
          .isEqualTo(Directories.everythingAt(cluster.channel(0), ours.revision).getKvsList());
      HashKVResponse theirs =
          Directories.hashKv(cluster.channel(0), served == ours.revision ? 0 : ours.revision);
      assertThat(ours.compacted).as(what).isEqualTo(theirs.getCompactRevision());
      assertThat(ours.hash(cluster.release(), ours.revision)).as(what).isEqualTo(theirs.getHash());
      if (served == ours.revision) {
        assertThat(ours.leases).as(what).containsAll(leases(cluster));
      }
    }
    return ours;
  }

  private static Set<Long> leases(EtcdCluster cluster) {
    Set<Long> ids = new TreeSet<>();
    LeaseGrpc.newBlockingStub(cluster.channel(0))
        .leaseLeases(LeaseLeasesRequest.getDefaultInstance())
        .getLeasesList()
        .stream()
        .map(LeaseStatus::getID)
        .forEach(ids::add);
    return ids;
  }

  /** Cuts the last file somewhere behind its middle, or zeroes it from there on. */
  private static void tear(Path dataDir, Random random) throws Exception {
    Path wal;
    try (var files = Files.list(dataDir.resolve("member").resolve("wal"))) {
      wal = files.filter(f -> f.toString().endsWith(".wal")).sorted().toList().get(0);
    }
    try (RandomAccessFile file = new RandomAccessFile(wal.toFile(), "rw")) {
      long used = used(file);
      long cut = used / 2 + random.nextLong(used / 2);
      if (random.nextBoolean()) {
        file.setLength(cut);
      } else {
        long sector = cut / 512 * 512;
        file.seek(sector);
        file.write(new byte[(int) (file.length() - sector)]);
      }
    }
  }

  private static long used(RandomAccessFile file) throws Exception {
    byte[] bytes = new byte[(int) file.length()];
    file.readFully(bytes);
    int end = bytes.length;
    while (bytes[end - 1] == 0) {
      end--;
    }
    return end;
  }

  private static void delete(Path directory) throws Exception {
    try (var tree = Files.walk(directory)) {
      for (Path path : tree.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private static void addUser(AuthGrpc.AuthBlockingStub auth, String name, String role) {
    auth.userAdd(AuthUserAddRequest.newBuilder().setName(name).setPassword("secret").build());
    auth.roleAdd(AuthRoleAddRequest.newBuilder().setName(role).build());
    auth.userGrantRole(AuthUserGrantRoleRequest.newBuilder().setUser(name).setRole(role).build());
  }

  private static KVGrpc.KVBlockingStub as(
      String name, EtcdCluster cluster, AuthGrpc.AuthBlockingStub auth) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER),
        auth.authenticate(
                AuthenticateRequest.newBuilder().setName(name).setPassword("secret").build())
            .getToken());
    return KVGrpc.newBlockingStub(cluster.channel(0))
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static ByteString utf8(String text) {
    return ByteString.copyFromUtf8(text);
  }
}
