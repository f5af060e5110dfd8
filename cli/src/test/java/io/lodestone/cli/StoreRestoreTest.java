package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.lodestone.api.etcdserverpb.AuthEnableRequest;
import io.lodestone.api.etcdserverpb.AuthGrpc;
import io.lodestone.api.etcdserverpb.AuthRoleAddRequest;
import io.lodestone.api.etcdserverpb.AuthUserAddRequest;
import io.lodestone.api.etcdserverpb.AuthUserGrantRoleRequest;
import io.lodestone.api.etcdserverpb.AuthUserListRequest;
import io.lodestone.api.etcdserverpb.AuthenticateRequest;
import io.lodestone.api.etcdserverpb.ClusterGrpc;
import io.lodestone.api.etcdserverpb.CompactionRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.lodestone.api.etcdserverpb.MemberListRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.cli.SourceSampler.Sample;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.FreePorts;
import io.lodestone.peers.Workload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Into our own store and out of it: backups, snapshot files and disks of stock etcd, and back. */
final class StoreRestoreTest {
  private static final long HELD_LEASE = 0x10de5704eL;
  private static final EtcdRelease ETCD = EtcdRelease.of("3.5");

  @TempDir Path folder;

  private String repository() {
    return "file:" + folder.resolve("repository");
  }

  @Test
  void aStoreServesWhatABackupOfStockEtcdHolds() throws Exception {
    Sample early;
    Sample last;
    try (EtcdCluster etcd = EtcdCluster.of(ETCD, folder.resolve("etcd")).start()) {
      Channel source = etcd.channel(0);
      prepareUsersAndALease(source);
      try (RunningAgent agent = agent(etcd.endpoints().get(0))) {
        agent.awaitDurable(1);
        write(source, 150);
        early = settled(source);
        write(source, 150);
        last = settled(source);
        agent.awaitDurable(last.revision());
      }
    }
    isServed(restored("last", "--repository", repository()), last);
    String revision = Long.toString(early.revision());
    isServed(restored("early", "--repository", repository(), "--to-revision", revision), early);
  }

  @Test
  void aStoreServesWhatABackupOfAReplicaHolds() throws Exception {
    Sample last;
    String endpoint = "127.0.0.1:" + FreePorts.take();
    try (EtcdCluster etcd = EtcdCluster.of(ETCD, folder.resolve("etcd")).start()) {
      Channel source = etcd.channel(0);
      prepareUsersAndALease(source);
      try (ChildProcess replica = replica(etcd, endpoint);
          RunningAgent agent = agent(endpoint)) {
        agent.awaitDurable(1);
        write(source, 150);
        last = settled(source);
        agent.awaitDurable(last.revision());
        assertThat(replica.isAlive()).as(replica.output()).isTrue();
      }
    }
    isServed(restored("last", "--repository", repository()), last);
  }

  private ChildProcess replica(EtcdCluster source, String endpoint) throws Exception {
    ChildProcess replica =
        Cli.start(
            folder.resolve("replica.log"),
            "replica",
            "--endpoints",
            String.join(",", source.endpoints()),
            "--data-dir",
            folder.resolve("replica").toString(),
            "--listen-client-urls",
            "http://" + endpoint);
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> isServing(endpoint, source.endpoints().get(0)));
    return replica;
  }

  private static boolean isServing(String replica, String source) {
    return Cli.run("replica", "status", "--replica", replica, "--endpoints", source).exitCode()
        == 0;
  }

  @Test
  void aStoreServesWhatASnapshotFileOfStockEtcdHolds() throws Exception {
    Path file = folder.resolve("stock.db");
    Sample last;
    try (EtcdCluster etcd = EtcdCluster.of(EtcdRelease.of("3.4"), folder.resolve("etcd")).start()) {
      prepareUsersAndALease(etcd.channel(0));
      write(etcd.channel(0), 150);
      last = settled(etcd.channel(0));
      etcd.etcdctl("snapshot", "save", file.toString());
    }
    isServed(restored("store", "--from-snapshot-file", file.toString()), last);
  }

  @Test
  void aStoreServesWhatSurvivesOnAKilledMembersDisk() throws Exception {
    EtcdCluster.Plan plan = EtcdCluster.of(ETCD, folder.resolve("etcd"));
    Sample last;
    try (EtcdCluster etcd = plan.start()) {
      prepareUsersAndALease(etcd.channel(0));
      write(etcd.channel(0), 150);
      last = settled(etcd.channel(0));
      etcd.member(0).kill();
    }
    String disk = plan.dataDir("m1").toString();
    isServed(restored("store", "--from-member-dir", disk, "--include-uncommitted"), last);
  }

  @Test
  void stockEtcdServesWhatABackupOfAStoreHolds() throws Exception {
    Sample last;
    try (ServedStore store = ServedStore.start(folder.resolve("source"))) {
      prepareUsersAndALease(store.channel());
      try (RunningAgent agent = agent(store.endpoint())) {
        agent.awaitDurable(1);
        write(store.channel(), 150);
        last = settled(store.channel());
        agent.awaitDurable(last.revision());
      }
    }
    String revision = Long.toString(last.revision());
    try (Restored etcd =
        Restored.start(
            ETCD,
            folder.resolve("etcd"),
            "--repository",
            repository(),
            "--to-revision",
            revision)) {
      isTheSame(etcd.cluster().channel(0), last);
    }
  }

  @Test
  void aBumpMarksEverythingBelowAsCompactedInAStoreToo() throws Exception {
    Path file = snapshotOfAStore();
    Path target = folder.resolve("bumped");
    JsonNode report =
        Cli.report(
            "restore",
            "--from-snapshot-file",
            file.toString(),
            "--store-dir",
            target.toString(),
            "--bump-revision",
            "1000000");
    long bumped = report.path("revision").asLong();
    assertThat(report.path("compactRevision").asLong()).isEqualTo(bumped);
    try (ServedStore store = ServedStore.start(target)) {
      KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(store.channel());
      ByteString key = ByteString.copyFromUtf8("a");
      assertThat(kv.range(RangeRequest.newBuilder().setKey(key).build()).getKvs(0).getModRevision())
          .isEqualTo(2);
      assertThat(kv.put(PutRequest.newBuilder().setKey(key).build()).getHeader().getRevision())
          .isEqualTo(bumped + 1);
      RangeRequest below = RangeRequest.newBuilder().setKey(key).setRevision(bumped - 1).build();
      assertThatThrownBy(() -> kv.range(below)).hasMessageContaining("has been compacted");
      kv.compact(CompactionRequest.newBuilder().setRevision(bumped + 1).setPhysical(true).build());
    }
    try (ServedStore again = ServedStore.start(target)) {
      assertThat(SourceSampler.sample(again.channel(), 0).revision()).isEqualTo(bumped + 1);
    }
  }

  @Test
  void heldLeasesWaitForTheirFirstKeepAlive() throws Exception {
    Path target = folder.resolve("held");
    Cli.report(
        "restore",
        "--from-snapshot-file",
        snapshotOfAStore().toString(),
        "--store-dir",
        target.toString(),
        "--lease-ttl",
        "hold");
    try (ServedStore store = ServedStore.start(target)) {
      assertThat(lease(store.channel()).getTTL()).isGreaterThan(300_000_000L);
      assertThat(lease(store.channel()).getGrantedTTL()).isEqualTo(3600);
    }
  }

  @Test
  void theRestoredStoreIsTheOnlyMemberOfItsOwnCluster() throws Exception {
    Path target = restored("store", "--from-snapshot-file", snapshotOfAStore().toString());
    try (ServedStore fresh = ServedStore.start(folder.resolve("fresh"));
        ServedStore store = ServedStore.start(target)) {
      assertThat(memberIds(store.channel())).isEqualTo(memberIds(fresh.channel()));
    }
  }

  @Test
  void aDirectoryThatIsNotEmptyIsRefusedAndUntouched() throws Exception {
    Path target = Files.createDirectory(folder.resolve("full"));
    Files.writeString(target.resolve("precious"), "data");
    Cli.Outcome outcome = restore(snapshotOfAStore(), target);
    assertThat(outcome.exitCode()).isEqualTo(ExitCodes.FAILED);
    assertThat(outcome.err()).contains(target.toString()).contains("hint:");
    assertThat(names(target)).containsExactly("precious");
  }

  @Test
  void aDamagedSourceLeavesNoPartOfAStore() throws Exception {
    Path file = snapshotOfAStore();
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes, StandardOpenOption.TRUNCATE_EXISTING);
    Cli.Outcome outcome = restore(file, folder.resolve("never/made"));
    assertThat(outcome.exitCode()).isEqualTo(ExitCodes.DAMAGE);
    assertThat(names(folder)).noneMatch(name -> name.startsWith("never"));
  }

  private static Cli.Outcome restore(Path file, Path target) {
    return Cli.run(
        "restore", "--from-snapshot-file", file.toString(), "--store-dir", target.toString());
  }

  private static List<String> names(Path directory) throws Exception {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).toList();
    }
  }

  private RunningAgent agent(String endpoint) throws Exception {
    return new RunningAgent(folder.resolve("agent.log"), List.of(endpoint), repository());
  }

  /** Restores from the source that {@code from} names; returns the data directory. */
  private Path restored(String name, String... from) throws Exception {
    Path target = folder.resolve(name);
    Stream<String> to = Stream.of("--store-dir", target.toString());
    Cli.report(
        Stream.concat(Stream.of("restore"), Stream.concat(Stream.of(from), to))
            .toArray(String[]::new));
    return target;
  }

  /** Of a store with one key, at revision 2, and the lease. */
  private Path snapshotOfAStore() throws Exception {
    Path file = folder.resolve("ours.db");
    try (ServedStore store = ServedStore.start(folder.resolve("small"))) {
      grantTheLease(store.channel(), "a");
      Cli.report(
          "backup", "snapshot", "--endpoints", store.endpoint(), "--repository", repository());
    }
    Cli.report("restore", "--repository", repository(), "--output-file", file.toString());
    return file;
  }

  private static void isServed(Path dataDir, Sample expected) throws Exception {
    try (ServedStore store = ServedStore.start(dataDir)) {
      isTheSame(store.channel(), expected);
    }
  }

  private static void isTheSame(Channel member, Sample expected) {
    assertThat(SourceSampler.sample(member, expected.revision())).isEqualTo(expected);
    assertThat(lease(member).getGrantedTTL()).isEqualTo(3600);
    assertThat(lease(member).getTTL()).isBetween(3000L, 3600L);
    assertThat(lease(member).getKeysList()).containsExactly(ByteString.copyFromUtf8("held"));
    AuthGrpc.AuthBlockingStub auth = AuthGrpc.newBlockingStub(member);
    assertThat(auth.userList(AuthUserListRequest.getDefaultInstance()).getUsersList())
        .containsExactly("alice", "root");
    auth.authEnable(AuthEnableRequest.getDefaultInstance());
    AuthenticateRequest.Builder login = AuthenticateRequest.newBuilder().setName("alice");
    assertThat(auth.authenticate(login.setPassword("alicepw").build()).getToken()).isNotEmpty();
    AuthenticateRequest wrong = login.setPassword("wrong").build();
    assertThatThrownBy(() -> auth.authenticate(wrong))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Code.INVALID_ARGUMENT));
  }

  private static void prepareUsersAndALease(Channel source) {
    AuthGrpc.AuthBlockingStub auth = AuthGrpc.newBlockingStub(source);
    auth.roleAdd(AuthRoleAddRequest.newBuilder().setName("root").build());
    for (String user : List.of("root", "alice")) {
      auth.userAdd(AuthUserAddRequest.newBuilder().setName(user).setPassword(user + "pw").build());
      auth.userGrantRole(
          AuthUserGrantRoleRequest.newBuilder().setUser(user).setRole("root").build());
    }
    grantTheLease(source, "held");
  }

  private static void grantTheLease(Channel member, String key) {
    LeaseGrpc.newBlockingStub(member)
        .leaseGrant(LeaseGrantRequest.newBuilder().setID(HELD_LEASE).setTTL(3600).build());
    KVGrpc.newBlockingStub(member)
        .put(
            PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setLease(HELD_LEASE)
                .build());
  }

  private static void write(Channel source, long writes) {
    try (Workload workload = Workload.start(3, 0, false, List.of(source, source))) {
      Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> workload.writes() > writes);
    }
  }

  /** The same answer twice: no lease expired in between. */
  private static Sample settled(Channel source) {
    Sample sample = SourceSampler.sample(source, 0);
    Sample again = SourceSampler.sample(source, 0);
    return sample.equals(again) ? sample : settled(source);
  }

  private static LeaseTimeToLiveResponse lease(Channel member) {
    LeaseTimeToLiveRequest request =
        LeaseTimeToLiveRequest.newBuilder().setID(HELD_LEASE).setKeys(true).build();
    return LeaseGrpc.newBlockingStub(member).leaseTimeToLive(request);
  }

  private static List<Long> memberIds(Channel member) {
    return ClusterGrpc.newBlockingStub(member)
        .memberList(MemberListRequest.getDefaultInstance())
        .getMembersList()
        .stream()
        .map(io.lodestone.api.etcdserverpb.Member::getID)
        .toList();
  }
}
