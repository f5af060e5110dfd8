package io.lodestone.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.AuthGrpc;
import io.lodestone.api.etcdserverpb.AuthUserChangePasswordRequest;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseLeasesRequest;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.etcdserverpb.StatusResponse;
import io.lodestone.api.v3lockpb.LockGrpc;
import io.lodestone.api.v3lockpb.LockRequest;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.TlsOptions;
import io.lodestone.peers.CertificateAuthority;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.FreePorts;
import io.lodestone.peers.Watched;
import io.lodestone.peers.Workload;
import io.lodestone.server.EmbeddedStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A replica of real clusters, beside its source. */
final class ReplicaTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final LeaseLeasesRequest LEASES = LeaseLeasesRequest.getDefaultInstance();

  @TempDir Path folder;

  private EtcdCluster stock(String minor, int members) throws Exception {
    return EtcdCluster.of(EtcdRelease.of(minor), folder.resolve("source-" + minor))
        .members(members)
        .start();
  }

  private Path dataDir() {
    return folder.resolve("replica");
  }

  private static PutRequest put(String key, String value) {
    return PutRequest.newBuilder()
        .setKey(ByteString.copyFromUtf8(key))
        .setValue(ByteString.copyFromUtf8(value))
        .build();
  }

  private static long put(EtcdConnection connection, String key, String value) {
    return connection.write(KVGrpc.getPutMethod(), put(key, value)).getHeader().getRevision();
  }

  private static RangeResponse get(EtcdConnection connection, String key) {
    return connection.read(
        KVGrpc.getRangeMethod(),
        RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build());
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void everyRevisionIsAsAtTheSourceAcrossRestarts(String minor) throws Exception {
    try (EtcdCluster cluster = stock(minor, 3);
        EtcdConnection source = Keyspaces.connect(cluster.endpoints())) {
      try (Workload workload =
          Workload.start(7, 5, false, List.of(cluster.channel(0), cluster.channel(1)))) {
        for (int run = 1; run <= 3; run++) {
          long target = 100L * run;
          await().atMost(PATIENCE).until(() -> workload.writes() >= target);
          try (RunningReplica replica = RunningReplica.start(cluster.endpoints(), dataDir())) {
            replica.awaitRevision(source.revision());
          }
        }
      }
      try (RunningReplica replica = RunningReplica.start(cluster.endpoints(), dataDir())) {
        replica.awaitRevision(source.revision());
        Keyspaces.assertEqual(source, replica.client());
      }
    }
  }

  @Test
  void aReplicaOfOurStoreFollowsItsCompactions() throws Exception {
    try (EmbeddedStore store = EmbeddedStore.builder().dataDir(folder.resolve("store")).start();
        EtcdConnection source = Keyspaces.connect(List.of(store.target()));
        RunningReplica replica = RunningReplica.start(List.of(store.target()), dataDir())) {
      for (int i = 0; i < 50; i++) {
        put(source, "k" + i % 5, "v" + i);
      }
      replica.awaitRevision(source.revision());
      source.compact(source.revision() - 10);
      put(source, "k", "after");
      replica.awaitRevision(source.revision());
      Keyspaces.assertEqual(source, replica.client());
    }
  }

  @Test
  void watchersSeeWhatWatchersOfTheSourceSee() throws Exception {
    try (EtcdCluster cluster = stock("3.5", 1);
        EtcdConnection source = Keyspaces.connect(cluster.endpoints())) {
      long first = put(source, "k", "v") + 1;
      try (RunningReplica replica =
              RunningReplica.start(cluster.endpoints(), dataDir()).awaitRevision(first - 1);
          Watched there = Watched.from(cluster.channel(0), first);
          Watched here = Watched.from(replica.channel(), first)) {
        try (Workload workload =
            Workload.start(11, 2, false, List.of(cluster.channel(0), cluster.channel(0)))) {
          await().atMost(PATIENCE).until(() -> workload.writes() >= 300);
        }
        long head = put(source, "last", "one");
        await().atMost(PATIENCE).until(() -> there.lastRevision() >= head);
        await().atMost(PATIENCE).until(() -> here.lastRevision() >= head);
        assertThat(here.events()).isEqualTo(there.events());
      }
    }
  }

  @Test
  void aLinearizableReadIsNeverOlderThanAnAcknowledgedWrite() throws Exception {
    try (EtcdCluster cluster = stock("3.5", 1);
        EtcdConnection source = Keyspaces.connect(cluster.endpoints());
        RunningReplica replica =
            RunningReplica.start(cluster.endpoints(), dataDir())
                .awaitRevision(put(source, "counter", "-1"))) {
      for (int i = 0; i < 200; i++) {
        long written = put(source, "counter", Integer.toString(i));
        RangeResponse read = get(replica.client(), "counter");
        assertThat(read.getKvs(0).getModRevision()).isEqualTo(written);
      }
    }
  }

  @Test
  void whatChangesSomethingIsForwarded() throws Exception {
    try (EtcdCluster cluster = stock("3.5", 1);
        EtcdConnection source = Keyspaces.connect(cluster.endpoints());
        RunningReplica replica =
            RunningReplica.start(cluster.endpoints(), dataDir())
                .awaitRevision(put(source, "k", "v"))) {
      EtcdConnection client = replica.client();
      put(client, "through", "replica");
      assertThat(get(source, "through").getKvs(0).getValue().toStringUtf8()).isEqualTo("replica");
      client.write(
          KVGrpc.getDeleteRangeMethod(),
          DeleteRangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("through")).build());
      assertThat(get(client, "through").getKvsCount()).isZero();
      long lease =
          client
              .write(
                  LeaseGrpc.getLeaseGrantMethod(),
                  LeaseGrantRequest.newBuilder().setTTL(100).build())
              .getID();
      assertThat(
              client
                  .read(
                      LeaseGrpc.getLeaseTimeToLiveMethod(),
                      LeaseTimeToLiveRequest.newBuilder().setID(lease).build())
                  .getTTL())
          .isBetween(90L, 100L);
      ByteString held =
          LockGrpc.newBlockingStub(replica.channel())
              .lock(LockRequest.newBuilder().setName(ByteString.copyFromUtf8("lock")).build())
              .getKey();
      assertThat(get(client, held.toStringUtf8()).getKvsCount()).isOne();
      client.compact(source.revision());
      put(client, "after", "compaction");
      Keyspaces.assertEqual(source, client);
    }
  }

  @Test
  void withoutForwardingItRefusesAsALearnerDoes() throws Exception {
    try (EtcdCluster cluster = stock("3.5", 1);
        EtcdConnection source = Keyspaces.connect(cluster.endpoints());
        RunningReplica replica =
            RunningReplica.start(
                ClientOptions.of(cluster.endpoints().toArray(String[]::new)),
                dataDir(),
                FreePorts.take(),
                false)) {
      replica.awaitRevision(put(source, "k", "v"));
      assertThatThrownBy(() -> put(replica.client(), "k", "w"))
          .isInstanceOfSatisfying(
              StoreException.class,
              refused -> assertThat(refused.code()).isEqualTo(ErrorCode.NOT_SUPPORTED_FOR_LEARNER));
      assertThat(get(replica.client(), "k").getKvs(0).getValue().toStringUtf8()).isEqualTo("v");
      StatusResponse status = replica.client().status(replica.client().endpoints().get(0));
      assertThat(status.getIsLearner()).isTrue();
      assertThat(status.getHeader().getClusterId()).isEqualTo(source.clusterId());
      assertThat(status.getLeader()).isNotZero();
    }
  }

  @Test
  void aCompactionAtTheHeadWhileItIsDownHealsByANewBase() throws Exception {
    try (EtcdCluster cluster = stock("3.5", 1);
        EtcdConnection source = Keyspaces.connect(cluster.endpoints())) {
      long early = put(source, "k", "v");
      try (RunningReplica replica = RunningReplica.start(cluster.endpoints(), dataDir())) {
        replica.awaitRevision(early);
      }
      for (int i = 0; i < 20; i++) {
        put(source, "k", "v" + i);
      }
      long compacted = source.revision();
      source.compact(compacted);
      put(source, "k", "after");
      try (RunningReplica replica =
              RunningReplica.start(cluster.endpoints(), dataDir())
                  .awaitRevision(source.revision());
          Watched behind = Watched.from(replica.channel(), early + 1)) {
        await().atMost(PATIENCE).until(() -> behind.canceled().isPresent());
        assertThat(behind.canceled().get().getCompactRevision()).isEqualTo(compacted);
        assertThat(Keyspaces.hash(replica.client(), 0).getHash())
            .isEqualTo(Keyspaces.hash(source, 0).getHash());
        await().atMost(PATIENCE).until(() -> bases().size() == 1);
      }
    }
  }

  private Set<String> bases() throws Exception {
    try (var files = Files.list(dataDir().resolve("bases"))) {
      return files
          .filter(Files::isDirectory)
          .map(file -> file.getFileName().toString())
          .collect(Collectors.toSet());
    }
  }

  @Test
  void usersCountAsTheyDoAtTheSource() throws Exception {
    try (EtcdCluster cluster = stock("3.5", 1)) {
      cluster.etcdctl("put", "open/k", "v");
      cluster.etcdctl("put", "closed/k", "v");
      cluster.etcdctl("user", "add", "root:r");
      cluster.etcdctl("user", "add", "ann:a");
      cluster.etcdctl("role", "add", "opener");
      cluster.etcdctl("role", "grant-permission", "opener", "--prefix=true", "readwrite", "open/");
      cluster.etcdctl("user", "grant-role", "ann", "opener");
      cluster.etcdctl("user", "grant-role", "root", "root");
      cluster.etcdctl("auth", "enable");
      ClientOptions root = ClientOptions.of(cluster.member(0).endpoint()).withUser("root", "r");
      try (RunningReplica replica =
              RunningReplica.start(root, dataDir(), FreePorts.take(), true).awaitRevision(3);
          EtcdConnection ann =
              EtcdConnection.open(ClientOptions.of(replica.endpoint()).withUser("ann", "a"));
          EtcdConnection nobody = Keyspaces.connect(List.of(replica.endpoint()))) {
        assertThat(get(ann, "open/k").getKvsCount()).isOne();
        put(ann, "open/k", "w");
        assertThat(get(ann, "open/k").getKvs(0).getValue().toStringUtf8()).isEqualTo("w");
        assertRefused(() -> get(ann, "closed/k"), ErrorCode.PERMISSION_DENIED);
        assertRefused(() -> put(ann, "closed/k", "w"), ErrorCode.PERMISSION_DENIED);
        assertRefused(() -> get(nobody, "open/k"), ErrorCode.USER_EMPTY);
        assertRefused(() -> put(nobody, "open/k", "w"), ErrorCode.USER_EMPTY);
        cluster.etcdctl(
            "--user=root:r",
            "role",
            "grant-permission",
            "opener",
            "--prefix=true",
            "read",
            "closed/");
        await()
            .atMost(PATIENCE)
            .ignoreExceptionsInstanceOf(LodestoneException.class)
            .until(() -> get(ann, "closed/k").getKvsCount() == 1);
        put(ann, "open/k", "x");
        assertThat(get(ann, "open/k").getKvs(0).getValue().toStringUtf8()).isEqualTo("x");
      }
    }
  }

  @Test
  void aChangeOfUsersLeavesWatchesAndConnectionsAlone() throws Exception {
    try (EtcdCluster cluster = stock("3.5", 1)) {
      cluster.etcdctl("user", "add", "root:r");
      cluster.etcdctl("user", "add", "ann:a");
      cluster.etcdctl("role", "add", "reader");
      cluster.etcdctl("user", "grant-role", "ann", "reader");
      cluster.etcdctl("user", "grant-role", "root", "root");
      cluster.etcdctl("auth", "enable");
      ClientOptions root = ClientOptions.of(cluster.member(0).endpoint()).withUser("root", "r");
      try (EtcdConnection source = EtcdConnection.open(root)) {
        long lease =
            source
                .write(
                    LeaseGrpc.getLeaseGrantMethod(),
                    LeaseGrantRequest.newBuilder().setTTL(1000).build())
                .getID();
        long first = put(source, "k", "v");
        try (RunningReplica replica =
                RunningReplica.start(root, dataDir(), FreePorts.take(), true).awaitRevision(first);
            Watched watch = Watched.from(replica.channel(), first + 1);
            EtcdConnection ann =
                EtcdConnection.open(ClientOptions.of(replica.endpoint()).withUser("ann", "a"))) {
          assertRefused(() -> get(ann, "k"), ErrorCode.PERMISSION_DENIED);
          cluster.etcdctl("--user=root:r", "role", "grant-permission", "reader", "read", "k");
          put(source, "k", "beside the change");
          await()
              .atMost(PATIENCE)
              .ignoreExceptionsInstanceOf(LodestoneException.class)
              .until(() -> get(ann, "k").getKvsCount() == 1);
          source.write(
              AuthGrpc.getUserChangePasswordMethod(),
              AuthUserChangePasswordRequest.newBuilder().setName("ann").setPassword("b").build());
          long last = put(source, "k", "behind it");
          await().atMost(PATIENCE).until(() -> watch.lastRevision() >= last);
          assertThat(watch.canceled()).isEmpty();
          assertThat(watch.events()).hasSize(2);
          assertThat(bases()).containsExactly("000001");
          assertThat(
                  replica.client().read(LeaseGrpc.getLeaseLeasesMethod(), LEASES).getLeasesList())
              .singleElement()
              .satisfies(known -> assertThat(known.getID()).isEqualTo(lease));
          Keyspaces.assertEqual(source, replica.client());
        }
        try (RunningReplica replica =
                RunningReplica.start(root, dataDir(), FreePorts.take(), true)
                    .awaitRevision(source.revision());
            EtcdConnection ann =
                EtcdConnection.open(ClientOptions.of(replica.endpoint()).withUser("ann", "b"))) {
          assertThat(get(ann, "k").getKvsCount()).isOne();
          assertThat(bases()).containsExactly("000001");
        }
        cluster.etcdctl("--user=root:r", "role", "revoke-permission", "reader", "k");
        try (RunningReplica replica =
                RunningReplica.start(root, dataDir(), FreePorts.take(), true)
                    .awaitRevision(source.revision());
            EtcdConnection ann =
                EtcdConnection.open(ClientOptions.of(replica.endpoint()).withUser("ann", "b"))) {
          await()
              .atMost(PATIENCE)
              .untilAsserted(() -> assertRefused(() -> get(ann, "k"), ErrorCode.PERMISSION_DENIED));
        }
      }
    }
  }

  private static void assertRefused(ThrowingCallable call, ErrorCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StoreException.class, refused -> assertThat(refused.code()).isEqualTo(code));
  }

  @Test
  void withoutTheRootRoleItSaysSo() throws Exception {
    try (EtcdCluster cluster = stock("3.5", 1)) {
      cluster.etcdctl("user", "add", "root:r");
      cluster.etcdctl("user", "grant-role", "root", "root");
      cluster.etcdctl("user", "add", "ann:a");
      cluster.etcdctl("auth", "enable");
      ClientOptions ann = ClientOptions.of(cluster.member(0).endpoint()).withUser("ann", "a");
      try (RunningReplica replica = RunningReplica.start(ann, dataDir(), FreePorts.take(), true)) {
        assertThat(replica.failure())
            .isInstanceOfSatisfying(
                StoreException.class,
                refused -> assertThat(refused.code()).isEqualTo(ErrorCode.PERMISSION_DENIED));
      }
    }
  }

  @Test
  void aSourceWhoseCertificateIsNotTrustedIsNotCopied() throws Exception {
    CertificateAuthority authority =
        CertificateAuthority.named("source", Files.createDirectories(folder.resolve("tls")));
    CertificateAuthority other =
        CertificateAuthority.named("others", Files.createDirectories(folder.resolve("others")));
    CertificateAuthority.Identity server = authority.issueEc("server");
    try (EmbeddedStore store =
        EmbeddedStore.builder()
            .tls()
            .flags("--cert-file=" + server.certificate(), "--key-file=" + server.key())
            .start()) {
      ClientOptions wrong =
          ClientOptions.of("https://" + store.target())
              .withTls(TlsOptions.trusting(other.caFile()));
      try (RunningReplica replica =
          RunningReplica.start(wrong, dataDir(), FreePorts.take(), true)) {
        assertThat(replica.failure())
            .isInstanceOfSatisfying(
                LodestoneException.class,
                failure -> assertThat(failure.hint()).contains("check the CA file"));
      }
    }
  }

  @Test
  void aReplicaOfAReplicaFollowsAndItsWritesReachTheSource() throws Exception {
    try (EtcdCluster cluster = stock("3.5", 1);
        EtcdConnection source = Keyspaces.connect(cluster.endpoints());
        RunningReplica first =
            RunningReplica.start(cluster.endpoints(), dataDir())
                .awaitRevision(put(source, "k", "v"));
        RunningReplica second =
            RunningReplica.start(List.of(first.endpoint()), folder.resolve("second"))
                .awaitRevision(2)) {
      long written = put(second.client(), "k", "w");
      assertThat(get(second.client(), "k").getKvs(0).getModRevision()).isEqualTo(written);
      Keyspaces.assertEqual(source, second.client());
    }
  }

  @Test
  void oneDataDirectoryIsForOneReplica() throws Exception {
    try (EmbeddedStore store = EmbeddedStore.builder().start();
        RunningReplica first = RunningReplica.start(List.of(store.target()), dataDir())) {
      first.awaitRevision(1);
      try (RunningReplica second = RunningReplica.start(List.of(store.target()), dataDir())) {
        assertThat(second.failure()).hasMessageContaining("is in use");
      }
      assertThat(get(first.client(), "k").getHeader().getRevision()).isEqualTo(1);
    }
  }

  @Test
  void anotherClusterIsRefused() throws Exception {
    try (EmbeddedStore one = EmbeddedStore.builder().flags("--initial-cluster-token=one").start();
        EmbeddedStore other =
            EmbeddedStore.builder().flags("--initial-cluster-token=other").start()) {
      try (RunningReplica replica = RunningReplica.start(List.of(one.target()), dataDir())) {
        replica.awaitRevision(1);
      }
      try (RunningReplica replica = RunningReplica.start(List.of(other.target()), dataDir())) {
        assertThat(replica.failure())
            .isInstanceOf(LodestoneException.class)
            .hasMessageContaining("holds a copy of cluster");
      }
    }
  }

  @Test
  void aSourceThatWentBackInTimeIsRefused() throws Exception {
    Path kept = folder.resolve("store");
    int port = FreePorts.take();
    try (EmbeddedStore store = EmbeddedStore.builder().dataDir(kept).port(port).start();
        EtcdConnection source = Keyspaces.connect(List.of(store.target()));
        RunningReplica replica = RunningReplica.start(List.of(store.target()), dataDir())) {
      for (int i = 0; i < 10; i++) {
        put(source, "k", "v" + i);
      }
      replica.awaitRevision(source.revision());
    }
    try (EmbeddedStore restored =
            EmbeddedStore.builder().dataDir(folder.resolve("restored")).port(port).start();
        RunningReplica replica = RunningReplica.start(List.of(restored.target()), dataDir())) {
      Throwable failure = replica.failure();
      assertThat(failure).isInstanceOf(LodestoneException.class);
      assertThat(failure).hasMessageContaining("at revision 11");
      assertThat(((LodestoneException) failure).hint()).contains("empty --data-dir");
    }
  }

  @Test
  void aComparisonProvesEquality() throws Exception {
    try (EtcdCluster cluster = stock("3.5", 1);
        EtcdConnection source = Keyspaces.connect(cluster.endpoints());
        RunningReplica replica =
            RunningReplica.start(cluster.endpoints(), dataDir())
                .awaitRevision(put(source, "k", "v"))) {
      Comparison.Outcome outcome =
          new Comparison(source, replica.client(), folder.resolve("equal")).compare();
      assertThat(outcome.equal()).isTrue();
      assertThat(outcome.proof()).isEqualTo(Comparison.Proof.HASH_KV);
      assertThat(outcome.revision()).isEqualTo(source.revision());
    }
  }

  @Test
  void aComparisonNamesTheKeysThatDiffer() throws Exception {
    try (EmbeddedStore one = EmbeddedStore.builder().start();
        EmbeddedStore other = EmbeddedStore.builder().start();
        EtcdConnection left = Keyspaces.connect(List.of(one.target()));
        EtcdConnection right = Keyspaces.connect(List.of(other.target()))) {
      for (int i = 0; i < 10; i++) {
        put(left, "k" + i, "v");
        put(right, "k" + i, i == 7 ? "w" : "v");
      }
      Comparison.Outcome outcome =
          new Comparison(left, right, Files.createDirectories(folder.resolve("work"))).compare();
      assertThat(outcome.proof()).isEqualTo(Comparison.Proof.DIGEST);
      assertThat(outcome.keys()).containsExactly(ByteString.copyFromUtf8("k7"));
    }
  }
}
