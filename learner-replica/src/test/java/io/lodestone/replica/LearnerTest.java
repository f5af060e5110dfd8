package io.lodestone.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.AlarmRequest;
import io.lodestone.api.etcdserverpb.AlarmRequest.AlarmAction;
import io.lodestone.api.etcdserverpb.AlarmType;
import io.lodestone.api.etcdserverpb.ClusterGrpc;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseRevokeRequest;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.api.etcdserverpb.MemberPromoteRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.PutResponse;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.etcdserverpb.RequestHeader;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.UnavailableException;
import io.lodestone.etcdfile.db.SnapshotFileSource;
import io.lodestone.mvcc.Durability;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineOptions;
import io.lodestone.mvcc.log.LogEntry;
import io.lodestone.peers.CertificateAuthority;
import io.lodestone.peers.Commands;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.FreePorts;
import io.lodestone.peers.NetworkLink;
import io.lodestone.peers.Workload;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.AlarmState;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.MemberState;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.StreamItem.SideState;
import io.lodestone.revisions.StreamItem.UserState;
import io.lodestone.server.EmbeddedStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A replica that is a learner of real clusters, beside their members. */
@Tag("once")
final class LearnerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir Path folder;
  private final int peerPort = FreePorts.takeLasting();

  private EtcdCluster stock(String minor, int members, String... flags) throws Exception {
    return EtcdCluster.of(EtcdRelease.of(minor), folder.resolve("source-" + minor))
        .members(members)
        .flags(flags)
        .start();
  }

  private RunningReplica learn(EtcdCluster cluster) {
    return RunningReplica.learn(clientOf(cluster), folder.resolve("replica"), peerPort, "http");
  }

  private static ClientOptions clientOf(EtcdCluster cluster) {
    return ClientOptions.of(cluster.endpoints().toArray(String[]::new));
  }

  private static long put(EtcdConnection connection, String key, String value) {
    return write(connection, KVGrpc.getPutMethod(), request(key, value)).getHeader().getRevision();
  }

  /** Rides out an election, after which the write may stand there twice. */
  private static <Q extends Message, A extends Message> A write(
      EtcdConnection connection, MethodDescriptor<Q, A> method, Q request) {
    return await()
        .atMost(PATIENCE)
        .ignoreExceptionsMatching(
            failure ->
                failure instanceof LodestoneException told && UnavailableException.isAbsence(told))
        .until(() -> connection.write(method, request), Objects::nonNull);
  }

  private static PutRequest request(String key, String value) {
    return PutRequest.newBuilder()
        .setKey(ByteString.copyFromUtf8(key))
        .setValue(ByteString.copyFromUtf8(value))
        .build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void followsTheWholeLogThroughCompactionsAndANewLeader(String minor) throws Exception {
    try (EtcdCluster cluster = stock(minor, 3);
        EtcdConnection source = Keyspaces.connect(cluster.endpoints())) {
      put(source, "before", "v");
      try (RunningReplica replica = learn(cluster)) {
        try (Workload workload =
            Workload.start(7, 5, true, List.of(cluster.channel(0), cluster.channel(1)))) {
          replica.awaitRevision(source.revision());
          await().atMost(PATIENCE).until(() -> workload.writes() >= 150);
          int leader = leader(source);
          cluster.member(leader).kill();
          long before = workload.writes();
          await().atMost(PATIENCE).until(() -> workload.writes() >= before + 100);
          cluster.member(leader).start();
          cluster.awaitReady(leader);
        }
        replica.awaitRevision(source.revision());
        Keyspaces.assertEqual(source, replica.client());
      }
    }
  }

  private static int leader(EtcdConnection source) {
    return await()
        .atMost(PATIENCE)
        .until(
            () ->
                source.endpoints().stream()
                    .map(source::status)
                    .map(status -> status.getLeader() == status.getHeader().getMemberId())
                    .toList()
                    .indexOf(true),
            index -> index >= 0);
  }

  /** etcd keeps 5,000 entries behind its last snapshot. */
  @Test
  void takesTheLeadersDatabaseWhereTheLogIsGoneAndGoesOnBehindIt() throws Exception {
    try (EtcdCluster cluster = stock("3.5", 1, "--snapshot-count=100");
        EtcdConnection source = Keyspaces.connect(cluster.endpoints())) {
      long lease = grant(source, 1000);
      try (RunningReplica replica = learn(cluster)) {
        replica.awaitRevision(put(source, "by log", "v"));
        awaitBase("replica", "000001");
      }
      putMany(cluster, 5500);
      source.write(
          LeaseGrpc.getLeaseRevokeMethod(), LeaseRevokeRequest.newBuilder().setID(lease).build());
      grant(source, 2000);
      try (RunningReplica replica = learn(cluster)) {
        replica.awaitRevision(source.revision());
        awaitBase("replica", "000002");
        source.compact(source.revision());
        replica.awaitRevision(put(source, "k", "behind the database"));
        Keyspaces.assertEqual(source, replica.client());
        assertSideStateIsEqual(cluster, replica);
      }
      try (RunningReplica replica = learn(cluster)) {
        replica.awaitRevision(put(source, "k", "after a restart"));
        awaitBase("replica", "000002");
        Keyspaces.assertEqual(source, replica.client());
      }
      Leave.leave(source, folder.resolve("replica"));
      try (RunningReplica replica =
          RunningReplica.learn(clientOf(cluster), folder.resolve("another"), peerPort, "http")) {
        replica.awaitRevision(source.revision());
        awaitBase("another", "000002");
        Keyspaces.assertEqual(source, replica.client());
        assertSideStateIsEqual(cluster, replica);
      }
    }
  }

  /** Until it is the only one: the first is that of an empty log, each database is another. */
  private void awaitBase(String dataDir, String name) {
    Path bases = folder.resolve(dataDir).resolve("bases");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(directories(bases)).containsExactly(name));
  }

  private static List<String> directories(Path parent) throws IOException {
    try (Stream<Path> all = Files.list(parent)) {
      return all.filter(Files::isDirectory).map(child -> child.getFileName().toString()).toList();
    }
  }

  private static void putMany(EtcdCluster cluster, int count) throws Exception {
    KVGrpc.KVFutureStub stub = KVGrpc.newFutureStub(cluster.channel(0));
    for (int done = 0; done < count; done += 500) {
      List<ListenableFuture<PutResponse>> puts = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        puts.add(stub.put(request("many/" + i % 50, "v" + i)));
      }
      for (ListenableFuture<PutResponse> put : puts) {
        put.get();
      }
    }
  }

  private static long grant(EtcdConnection source, long ttlSeconds) {
    return write(
            source,
            LeaseGrpc.getLeaseGrantMethod(),
            LeaseGrantRequest.newBuilder().setTTL(ttlSeconds).build())
        .getID();
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void leasesUsersAndAlarmsAreThoseOfAMember(String minor) throws Exception {
    try (EtcdCluster cluster = stock(minor, 3);
        EtcdConnection source = Keyspaces.connect(cluster.endpoints());
        RunningReplica replica =
            RunningReplica.learn(
                clientOf(cluster).withUser("root", "rootpw"),
                folder.resolve("replica"),
                peerPort,
                "http")) {
      long kept = grant(source, 1000);
      long revoked = grant(source, 1000);
      long expiring = grant(source, 2);
      for (long lease : List.of(kept, revoked, expiring)) {
        write(
            source,
            KVGrpc.getPutMethod(),
            request("leased/" + lease, "v").toBuilder().setLease(lease).build());
      }
      source.write(
          LeaseGrpc.getLeaseRevokeMethod(), LeaseRevokeRequest.newBuilder().setID(revoked).build());
      await().atMost(PATIENCE).until(() -> source.leases().size() == 1);
      alarm(source, AlarmAction.ACTIVATE);
      assertThatThrownBy(() -> put(source, "refused", "v")).hasMessageContaining("space exceeded");
      write(
          source,
          KVGrpc.getDeleteRangeMethod(),
          DeleteRangeRequest.newBuilder()
              .setKey(ByteString.copyFromUtf8("leased/" + kept))
              .build());
      replica.awaitRevision(source.revision());
      assertThat(page(replica, "/health")).contains("ALARM NOSPACE");
      assertSideStateIsEqual(cluster, replica);
      alarm(source, AlarmAction.DEACTIVATE);
      replica.awaitRevision(put(source, "k", "accepted"));
      assertThat(page(replica, "/health")).doesNotContain("ALARM");
      authorize(cluster);
      try (EtcdConnection root = EtcdConnection.open(clientOf(cluster).withUser("root", "rootpw"));
          EtcdConnection user = EtcdConnection.open(clientOf(cluster).withUser("u", "upw"));
          EtcdConnection userHere =
              EtcdConnection.open(ClientOptions.of(replica.endpoint()).withUser("u", "upw"));
          EtcdConnection rootHere =
              EtcdConnection.open(
                  ClientOptions.of(replica.endpoint()).withUser("root", "rootpw"))) {
        put(user, "open/1", "v");
        assertThatThrownBy(() -> put(user, "closed", "v")).hasMessageContaining("denied");
        put(root, "closed", "v");
        long head = root.revision();
        await()
            .atMost(PATIENCE)
            .ignoreExceptions()
            .until(() -> get(rootHere, "closed").getHeader().getRevision() >= head);
        assertThatThrownBy(() -> get(userHere, "closed")).hasMessageContaining("denied");
        Keyspaces.assertEqual(root, rootHere);
        cluster.etcdctl("--user=root:rootpw", "auth", "disable");
      }
      put(source, "k", "free");
      replica.awaitRevision(source.revision());
      assertSideStateIsEqual(cluster, replica);
    }
  }

  private static void alarm(EtcdConnection source, AlarmAction action) {
    write(
        source,
        MaintenanceGrpc.getAlarmMethod(),
        AlarmRequest.newBuilder()
            .setAction(action)
            .setMemberID(source.status(source.endpoints().get(0)).getHeader().getMemberId())
            .setAlarm(AlarmType.NOSPACE)
            .build());
  }

  private static void authorize(EtcdCluster cluster) throws Exception {
    cluster.etcdctl("user", "add", "root:rootpw");
    cluster.etcdctl("user", "grant-role", "root", "root");
    cluster.etcdctl("role", "add", "r");
    cluster.etcdctl("role", "grant-permission", "--prefix=true", "r", "readwrite", "open/");
    cluster.etcdctl("user", "add", "u:upw");
    cluster.etcdctl("user", "grant-role", "u", "r");
    cluster.etcdctl("auth", "enable");
  }

  private static String page(RunningReplica replica, String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://" + replica.endpoint() + path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  /**
   * By the snapshots of a member and of the replica, which has no alarms in it; 3.4 lets each
   * member hash passwords anew.
   */
  private void assertSideStateIsEqual(EtcdCluster cluster, RunningReplica replica)
      throws Exception {
    assertThat(sideState(cluster, replica.endpoint(), "ours.db"))
        .isEqualTo(sideState(cluster, cluster.member(0).endpoint(), "theirs.db"));
  }

  private Set<Object> sideState(EtcdCluster cluster, String endpoint, String name)
      throws Exception {
    Path file = folder.resolve(name);
    Files.deleteIfExists(file);
    Commands.run(
        List.of(
            cluster.release().etcdctl().toString(),
            "--endpoints=" + endpoint,
            "snapshot",
            "save",
            file.toString()));
    Set<Object> all = new HashSet<>();
    try (RevisionStream stream = new SnapshotFileSource(file).openAtBase(Reason.REQUESTED)) {
      for (StreamItem item = stream.next(); !(item instanceof End); item = stream.next()) {
        if (item instanceof UserState user) {
          all.add(user.user().toBuilder().clearPassword().build());
        } else if (item instanceof SideState
            && !(item instanceof MemberState || item instanceof AlarmState)) {
          all.add(item);
        }
      }
    }
    return all;
  }

  private static RangeResponse get(EtcdConnection connection, String key) {
    return connection.read(
        KVGrpc.getRangeMethod(),
        RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build());
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void tellsTheMembersItsNameAndItsHashAsAMemberDoes(String minor) throws Exception {
    try (EtcdCluster cluster = stock(minor, 3);
        EtcdConnection source = Keyspaces.connect(cluster.endpoints());
        RunningReplica replica =
            RunningReplica.learn(
                clientOf(cluster), folder.resolve("replica"), peerPort, "http", "--name=copy")) {
      put(source, "k", "v");
      source.compact(put(source, "k", "later"));
      replica.awaitRevision(put(source, "k", "last"));
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(source.memberList())
                      .filteredOn(Member::getIsLearner)
                      .singleElement()
                      .satisfies(
                          member -> {
                            assertThat(member.getName()).isEqualTo("copy");
                            assertThat(member.getClientURLsList())
                                .containsExactly("http://" + replica.endpoint());
                          }));
      String ours = "http://127.0.0.1:" + peerPort;
      String theirs = cluster.member(0).peerUrl();
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(members(ours))
                      .hasSize(4)
                      .containsExactlyInAnyOrderElementsOf(members(theirs)));
      long revision = source.revision();
      assertThat(asked(ours, revision)).isEqualTo(asked(theirs, revision));
      assertThat(asked(ours, revision + 1)).contains("required revision is a future revision");
      assertThat(asked(ours, 1)).contains("required revision has been compacted");
    }
  }

  private static List<String> members(String peerUrl) throws Exception {
    URI members = URI.create(peerUrl + "/members");
    String json =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(members).build(), HttpResponse.BodyHandlers.ofString())
            .body();
    return List.of(json.strip().replaceAll("^\\[|\\]$", "").split("(?<=}),", -1));
  }

  /** What a member answers who is asked as members ask each other. */
  private static String asked(String peerUrl, long revision) throws Exception {
    HttpRequest question =
        HttpRequest.newBuilder(URI.create(peerUrl + "/members/hashkv"))
            .method("GET", HttpRequest.BodyPublishers.ofString("{\"revision\":" + revision + "}"))
            .build();
    return HttpClient.newHttpClient()
        .send(question, HttpResponse.BodyHandlers.ofString())
        .body()
        .strip();
  }

  @Test
  void theMembersOwnCheckFindsACopyThatSomebodyHasTamperedWith() throws Exception {
    try (EtcdCluster cluster = stock("3.5", 1, "--experimental-corrupt-check-time=1s");
        EtcdConnection source = Keyspaces.connect(cluster.endpoints())) {
      put(source, "k", "v");
      try (RunningReplica replica = learn(cluster)) {
        replica.awaitRevision(source.revision());
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () ->
                    assertThat(source.memberList())
                        .noneMatch(member -> member.getName().isEmpty()));
      }
      tamper(folder.resolve("replica").resolve("bases").resolve("000001"));
      assertThat(cluster.etcdctl("alarm", "list")).isEmpty();
      long revision = put(source, "k", "true");
      try (RunningReplica replica = learn(cluster)) {
        replica.awaitRevision(revision);
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () -> assertThat(cluster.etcdctl("alarm", "list")).contains("alarm:CORRUPT"));
      }
    }
  }

  /** Applies an entry that is not the cluster's in the place of its next one. */
  private static void tamper(Path base) throws IOException {
    try (Engine engine = Engine.open(base, EngineOptions.DEFAULT)) {
      InternalRaftRequest put =
          InternalRaftRequest.newBuilder()
              .setHeader(RequestHeader.newBuilder().setID(1))
              .setPut(request("k", "false"))
              .build();
      engine.apply(
          List.of(new LogEntry(engine.appliedIndex() + 1, engine.appliedTerm(), put)),
          Durability.SYNCED);
    }
  }

  @Test
  void endsWhenItIsRemovedAndJoinsAgainBehindWhatItHas() throws Exception {
    try (EtcdCluster cluster = stock("3.5", 3);
        EtcdConnection source = Keyspaces.connect(cluster.endpoints())) {
      put(source, "k", "v");
      try (RunningReplica replica = learn(cluster)) {
        replica.awaitRevision(source.revision());
        RaftMembership.remove(source, learner(source));
        assertThat(replica.failure()).hasMessageContaining("the cluster has removed this replica");
      }
      try (RunningReplica replica = learn(cluster)) {
        assertThat(replica.failure()).hasMessageContaining("the cluster has removed this replica");
      }
      Leave.leave(source, folder.resolve("replica"));
      put(source, "k", "later");
      try (RunningReplica replica = learn(cluster)) {
        replica.awaitRevision(source.revision());
        Keyspaces.assertEqual(source, replica.client());
        Leave.leave(source, folder.resolve("replica"));
        assertThat(replica.failure()).hasMessageContaining("the cluster has removed this replica");
      }
      assertThat(source.memberList()).hasSize(3);
    }
  }

  private static long learner(EtcdConnection source) {
    return source.memberList().stream()
        .filter(Member::getIsLearner)
        .map(Member::getID)
        .findFirst()
        .orElseThrow();
  }

  /** A cluster of one cannot commit anything without a second vote, once it counts on one. */
  @Test
  void leavesAClusterOfOneWhenSomebodyPromotesIt() throws Exception {
    try (EtcdCluster cluster = stock("3.5", 1);
        EtcdConnection source = Keyspaces.connect(cluster.endpoints());
        RunningReplica replica = learn(cluster)) {
      replica.awaitRevision(put(source, "k", "v"));
      promote(source);
      assertThat(replica.failure()).hasMessageContaining("somebody had promoted this replica");
      put(source, "k", "the cluster goes on");
      assertThat(source.memberList()).hasSize(1);
    }
  }

  @Test
  void saysThatSomebodyHasPromotedItUntilItCanLeave() throws Exception {
    try (EtcdCluster cluster = stock("3.5", 3);
        EtcdConnection source = Keyspaces.connect(cluster.endpoints());
        NetworkLink link = NetworkLink.to(cluster.endpoints().get(0));
        RunningReplica replica =
            RunningReplica.learn(
                ClientOptions.of(link.endpoint()), folder.resolve("replica"), peerPort, "http")) {
      replica.awaitRevision(put(source, "k", "v"));
      link.cut();
      promote(source);
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(page(replica, "/health")).contains("PROMOTED TO VOTER"));
      assertThat(page(replica, "/metrics")).contains("\nlodestone_replica_fault 1");
      link.heal();
      assertThat(replica.failure()).hasMessageContaining("somebody had promoted this replica");
      assertThat(source.memberList()).hasSize(3);
    }
  }

  /** Not before the leader knows that it has come far enough. */
  private static void promote(EtcdConnection source) {
    MemberPromoteRequest request = MemberPromoteRequest.newBuilder().setID(learner(source)).build();
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              try {
                source.write(ClusterGrpc.getMemberPromoteMethod(), request);
                return true;
              } catch (LodestoneException e) {
                return source.memberList().stream().noneMatch(Member::getIsLearner);
              }
            });
  }

  @Test
  void speaksTlsWithMembersThatDo() throws Exception {
    CertificateAuthority authority =
        CertificateAuthority.named("peers", Files.createDirectories(folder.resolve("tls")));
    CertificateAuthority.Identity member = authority.issueEc("member");
    CertificateAuthority.Identity ours = authority.issueEc("replica");
    try (EtcdCluster cluster =
            stock(
                "3.5",
                3,
                "--peer-cert-file=" + member.certificate(),
                "--peer-key-file=" + member.key(),
                "--peer-trusted-ca-file=" + authority.caFile(),
                "--peer-client-cert-auth");
        EtcdConnection source = Keyspaces.connect(cluster.endpoints());
        RunningReplica replica =
            RunningReplica.learn(
                clientOf(cluster),
                folder.resolve("replica"),
                peerPort,
                "https",
                "--peer-cert-file=" + ours.certificate(),
                "--peer-key-file=" + ours.key(),
                "--peer-trusted-ca-file=" + authority.caFile(),
                "--peer-client-cert-auth")) {
      put(source, "k", "v");
      replica.awaitRevision(source.revision());
      Keyspaces.assertEqual(source, replica.client());
    }
  }

  @Test
  void aPeerWhoseCertificateIsNotTrustedIsToldApart() throws Exception {
    Path tls = Files.createDirectories(folder.resolve("tls"));
    CertificateAuthority authority = CertificateAuthority.named("peers", tls);
    CertificateAuthority other =
        CertificateAuthority.named("others", Files.createDirectories(folder.resolve("others")));
    CertificateAuthority.Identity member = authority.issueEc("member");
    CertificateAuthority.Identity ours = other.issueEc("replica");
    try (EtcdCluster cluster =
            stock(
                "3.5",
                1,
                "--peer-cert-file=" + member.certificate(),
                "--peer-key-file=" + member.key(),
                "--peer-trusted-ca-file=" + authority.caFile());
        EtcdConnection source = Keyspaces.connect(cluster.endpoints());
        RunningReplica replica =
            RunningReplica.learn(
                clientOf(cluster),
                folder.resolve("replica"),
                peerPort,
                "https",
                "--peer-cert-file=" + ours.certificate(),
                "--peer-key-file=" + ours.key(),
                "--peer-trusted-ca-file=" + other.caFile())) {
      assertThat(replica.failure())
          .hasMessageContaining("no member answers at its peer URLs")
          .hasMessageContaining("certification path");
      assertThat(source.memberList()).hasSize(1);
    }
  }

  @Test
  void withoutTheRootRoleItDoesNotJoin() throws Exception {
    try (EtcdCluster cluster = stock("3.5", 1)) {
      authorize(cluster);
      try (RunningReplica replica =
          RunningReplica.learn(
              clientOf(cluster).withUser("u", "upw"),
              folder.resolve("replica"),
              peerPort,
              "http")) {
        assertThat(replica.failure()).hasMessageContaining("permission denied");
      }
    }
  }

  @Test
  void refusesAStoreThatDoesNotSpeakThePeerProtocol() throws Exception {
    try (EmbeddedStore store = EmbeddedStore.builder().dataDir(folder.resolve("store")).start();
        RunningReplica replica =
            RunningReplica.learn(
                ClientOptions.of(store.target()), folder.resolve("replica"), peerPort, "http")) {
      assertThat(replica.failure()).hasMessageContaining("no member answers at its peer URLs");
    }
  }

  @Test
  void aDirectoryBelongsToOneWayOfFollowing() throws Exception {
    try (EtcdCluster cluster = stock("3.5", 1);
        EtcdConnection source = Keyspaces.connect(cluster.endpoints())) {
      put(source, "k", "v");
      try (RunningReplica replica =
          RunningReplica.start(cluster.endpoints(), folder.resolve("w"))) {
        replica.awaitRevision(source.revision());
      }
      try (RunningReplica replica =
          RunningReplica.learn(clientOf(cluster), folder.resolve("w"), peerPort, "http")) {
        assertThat(replica.failure()).hasMessageContaining("follows with --mode watch");
      }
      try (RunningReplica replica = learn(cluster)) {
        replica.awaitRevision(source.revision());
      }
      try (RunningReplica replica =
          RunningReplica.start(cluster.endpoints(), folder.resolve("replica"))) {
        assertThat(replica.failure()).hasMessageContaining("follows with --mode raft");
      }
    }
  }
}
