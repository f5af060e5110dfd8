package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.ClusterGrpc;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.lodestone.api.etcdserverpb.MemberAddRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.Endpoint;
import io.lodestone.client.EtcdConnection;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.FreePorts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A replica whose source is gone becomes a store, or members of stock etcd; one begins on a backup.
 */
final class ReplicaPromoteTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final EtcdRelease ETCD = EtcdRelease.of("3.5");

  @TempDir Path folder;
  private final String endpoint = "127.0.0.1:" + FreePorts.take();

  private ChildProcess replica(EtcdCluster source, String... more) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of("replica", "--endpoints", source.endpoints().get(0), "--data-dir", copy()));
    command.addAll(List.of("--listen-client-urls", "http://" + endpoint));
    command.addAll(List.of("--look-interval", "100ms"));
    command.addAll(List.of(more));
    return Cli.start(folder.resolve("replica.log"), command.toArray(String[]::new));
  }

  private String copy() {
    return folder.resolve("copy").toString();
  }

  /** Returns once the replica has everything, its leases too. */
  private void awaitCopy(EtcdCluster source, ChildProcess replica) throws Exception {
    String head;
    try (EtcdConnection connection =
        EtcdConnection.open(ClientOptions.of(source.endpoints().get(0)))) {
      head = "\"appliedRevision\" : " + connection.revision();
    }
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              assertThat(replica.isAlive()).as(replica.output()).isTrue();
              return status(source).out().contains(head);
            });
  }

  private Cli.Outcome status(EtcdCluster source) {
    String member = source.endpoints().get(0);
    return Cli.run(
        "replica", "status", "--replica", endpoint, "--endpoints", member, "--output", "json");
  }

  private Cli.Outcome promote(String target, String... more) {
    List<String> command = new ArrayList<>(List.of("replica", "promote", "--data-dir", copy()));
    command.addAll(List.of("--store-dir", folder.resolve(target).toString()));
    command.addAll(List.of("--command-timeout", "1", "--output", "json"));
    command.addAll(List.of(more));
    return Cli.run(command.toArray(String[]::new));
  }

  @Test
  void whenTheSourceIsGoneItsClientsGoOnWithTheStoreThatWasMade() throws Exception {
    String source;
    long lease;
    try (EtcdCluster cluster = EtcdCluster.of(ETCD, folder.resolve("source")).start()) {
      source = cluster.endpoints().get(0);
      String granted = cluster.etcdctl("lease", "grant", "300").split(" ", 3)[1];
      lease = Long.parseUnsignedLong(granted, 16);
      cluster.etcdctl("put", "a", "1", "--lease=" + granted);
      cluster.etcdctl("put", "b", "2");
      try (ChildProcess replica = replica(cluster)) {
        awaitCopy(cluster, replica);
        Cli.Outcome held = promote("early", "--force");
        assertThat(held.exitCode()).isEqualTo(ExitCodes.FAILED);
        assertThat(held.err()).contains("hint:");
      }
      Cli.Outcome refused = promote("early", "--endpoints", source);
      assertThat(refused.exitCode()).isEqualTo(ExitCodes.FAILED);
      assertThat(refused.err()).contains("the source answers, and is at revision 3");
      assertThat(promote("early").exitCode()).isEqualTo(2);
      assertThat(folder.resolve("early")).doesNotExist();
    }
    Cli.Outcome promoted = promote("store", "--endpoints", source);
    assertThat(promoted.exitCode()).as(promoted.err()).isZero();
    assertThat(promoted.json().path("revision").asLong()).isEqualTo(1_000_003);
    try (ServedStore store = ServedStore.start(folder.resolve("store"))) {
      KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(store.channel());
      assertThat(kv.range(get("a")).getKvs(0).getValue().toStringUtf8()).isEqualTo("1");
      assertThat(kv.range(get("a")).getKvs(0).getLease()).isEqualTo(lease);
      assertThat(
              LeaseGrpc.newBlockingStub(store.channel())
                  .leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder().setID(lease).build())
                  .getTTL())
          .isBetween(290L, 300L);
      PutRequest put = PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("c")).build();
      assertThat(kv.put(put).getHeader().getRevision()).isEqualTo(1_000_004);
    }
  }

  /** As docs/replica.md tells it. */
  @Test
  void whatWasPromotedGrowsToSeveralMembers() throws Exception {
    try (EtcdCluster cluster = EtcdCluster.of(ETCD, folder.resolve("source")).start()) {
      cluster.etcdctl("put", "a", "1");
      try (ChildProcess replica = replica(cluster)) {
        awaitCopy(cluster, replica);
      }
    }
    assertThat(promote("m1", "--force").exitCode()).isZero();
    List<Integer> ports = FreePorts.take(4);
    String first = "127.0.0.1:" + ports.get(0);
    String second = "127.0.0.1:" + ports.get(1);
    String firstPeer = "http://127.0.0.1:" + ports.get(2);
    String secondPeer = "http://127.0.0.1:" + ports.get(3);
    try (ChildProcess m1 = store("m1", first, firstPeer);
        EtcdConnection client = EtcdConnection.open(ClientOptions.of(first))) {
      awaitRead(m1, client, "a", "1");
      MemberAddRequest add = MemberAddRequest.newBuilder().addPeerURLs(secondPeer).build();
      await()
          .atMost(PATIENCE)
          .ignoreExceptionsInstanceOf(LodestoneException.class)
          .until(() -> client.write(ClusterGrpc.getMemberAddMethod(), add).getMembersCount() == 2);
      try (ChildProcess m2 =
              store(
                  "m2",
                  second,
                  secondPeer,
                  "--initial-cluster-state",
                  "existing",
                  "--initial-cluster",
                  "m1=" + firstPeer + ",m2=" + secondPeer);
          EtcdConnection other = EtcdConnection.open(ClientOptions.of(second))) {
        awaitRead(m2, other, "a", "1");
        PutRequest put =
            PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("b"))
                .setValue(ByteString.copyFromUtf8("2"))
                .build();
        assertThat(other.write(KVGrpc.getPutMethod(), put).getHeader().getRevision())
            .isEqualTo(1_000_003);
        awaitRead(m1, client, "b", "2");
        Endpoint one = client.endpoints().get(0);
        Endpoint two = other.endpoints().get(0);
        assertThat(other.hashKv(two, 1_000_003).getHash())
            .isEqualTo(client.hashKv(one, 1_000_003).getHash());
      }
    }
  }

  private ChildProcess store(String name, String client, String peerUrl, String... more)
      throws IOException {
    List<String> command = new ArrayList<>(List.of("store", "--name", name));
    command.addAll(List.of("--data-dir", folder.resolve(name).toString()));
    command.addAll(List.of("--listen-client-urls", "http://" + client));
    command.addAll(List.of("--advertise-client-urls", "http://" + client));
    command.addAll(List.of("--listen-peer-urls", peerUrl));
    command.addAll(List.of("--initial-advertise-peer-urls", peerUrl));
    command.addAll(List.of(more));
    return Cli.start(folder.resolve(name + ".log"), command.toArray(String[]::new));
  }

  private static void awaitRead(
      ChildProcess store, EtcdConnection client, String key, String value) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(LodestoneException.class)
        .until(
            () -> {
              assertThat(store.isAlive()).as(store.output()).isTrue();
              return client
                  .read(KVGrpc.getRangeMethod(), get(key))
                  .getKvs(0)
                  .getValue()
                  .toStringUtf8()
                  .equals(value);
            });
  }

  private static RangeRequest get(String key) {
    return RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
  }

  @Test
  void stockEtcdStartsOnWhatAReplicaHeld() throws Exception {
    try (EtcdCluster cluster = EtcdCluster.of(ETCD, folder.resolve("source")).start()) {
      cluster.etcdctl("put", "a", "1");
      cluster.etcdctl("put", "a", "2");
      try (ChildProcess replica = replica(cluster)) {
        awaitCopy(cluster, replica);
      }
    }
    try (Restored restored =
        Restored.start(ETCD, folder.resolve("etcd"), "--from-replica-dir", copy())) {
      assertThat(restored.report().path("revision").asLong()).isEqualTo(3);
      assertThat(restored.cluster().etcdctl("get", "a", "--rev=2")).isEqualTo("a\n1\n");
    }
  }

  @Test
  void stockEtcdStartsOnWhatAStoppedStoreHeld() throws Exception {
    Path dataDir = folder.resolve("store");
    try (ServedStore store = ServedStore.start(dataDir)) {
      KVGrpc.newBlockingStub(store.channel())
          .put(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("a")).build());
      Cli.Outcome held =
          Cli.run(
              "restore",
              "--from-store-dir",
              dataDir.toString(),
              "--output-file",
              folder.resolve("never.db").toString());
      assertThat(held.exitCode()).isEqualTo(ExitCodes.FAILED);
      assertThat(folder.resolve("never.db")).doesNotExist();
    }
    try (Restored restored =
        Restored.start(ETCD, folder.resolve("etcd"), "--from-store-dir", dataDir.toString())) {
      assertThat(restored.report().path("revision").asLong()).isEqualTo(2);
      assertThat(restored.cluster().etcdctl("get", "a")).isEqualTo("a\n\n");
    }
  }

  @Test
  void aReplicaThatBeginsOnABackupTakesTheRestFromTheSource() throws Exception {
    String repository = folder.resolve("repository").toString();
    try (EtcdCluster cluster = EtcdCluster.of(ETCD, folder.resolve("source")).start()) {
      String member = cluster.endpoints().get(0);
      cluster.etcdctl("put", "a", "1");
      Cli.report("backup", "snapshot", "--endpoints", member, "--repository", repository);
      cluster.etcdctl("put", "b", "2");
      try (ChildProcess replica = replica(cluster, "--from-repository", repository)) {
        awaitCopy(cluster, replica);
        JsonNode proof =
            Cli.report("replica", "verify", "--replica", endpoint, "--endpoints", member);
        assertThat(proof.path("equal").asBoolean()).isTrue();
      }
    }
  }

  @Test
  void aBackupOfAnotherClusterIsNoBeginning() throws Exception {
    String repository = folder.resolve("repository").toString();
    try (EtcdCluster cluster = EtcdCluster.of(ETCD, folder.resolve("source")).start();
        ServedStore other = ServedStore.start(folder.resolve("other"))) {
      Cli.report("backup", "snapshot", "--endpoints", other.endpoint(), "--repository", repository);
      try (ChildProcess replica = replica(cluster, "--from-repository", repository)) {
        assertThat(replica.waitFor(30)).isEqualTo(ExitCodes.FAILED);
        assertThat(replica.output()).contains("has no backup of cluster");
      }
    }
  }
}
