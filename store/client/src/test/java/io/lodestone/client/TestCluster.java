package io.lodestone.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.revisions.digest.HashKv;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.stream.Stream;

/** A stock cluster, a connection to it, and short words for what tests do with them. */
final class TestCluster implements AutoCloseable {
  final EtcdCluster etcd;
  final EtcdConnection connection;
  private final Path folder;

  TestCluster(EtcdCluster etcd, Path folder) {
    this.etcd = etcd;
    this.folder = folder;
    this.connection = EtcdConnection.open(options(etcd));
  }

  static TestCluster start(EtcdRelease release, Path folder, int members) throws Exception {
    return new TestCluster(
        EtcdCluster.of(release, folder.resolve("etcd")).members(members).start(), folder);
  }

  /** Both lines that are followed in the field. */
  static Stream<EtcdRelease> releases() {
    return Stream.of(EtcdRelease.of("3.4"), EtcdRelease.of("3.5"));
  }

  static ClientOptions options(EtcdCluster etcd) {
    return ClientOptions.of(etcd.endpoints().toArray(String[]::new));
  }

  LivingCluster living() {
    return living(connection, follow());
  }

  LivingCluster living(EtcdConnection through, FollowOptions options) {
    return new LivingCluster(
        through, new RevisionOnlyDecoder(etcd.release()), options, Clock.systemUTC());
  }

  FollowOptions follow() {
    return FollowOptions.in(folder.resolve("spool"))
        .withIntervals(Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofSeconds(1));
  }

  Endpoint endpoint() {
    return connection.endpoints().get(0);
  }

  static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  long put(String key, String value) {
    PutRequest request = PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes(value)).build();
    return connection.write(KVGrpc.getPutMethod(), request).getHeader().getRevision();
  }

  long putTogether(int keys, ByteString value) {
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    for (int i = 0; i < keys; i++) {
      txn.addSuccess(
          RequestOp.newBuilder()
              .setRequestPut(PutRequest.newBuilder().setKey(bytes("big/" + i)).setValue(value)));
    }
    return connection.write(KVGrpc.getTxnMethod(), txn.build()).getHeader().getRevision();
  }

  /** Asks the server for its hash at {@code revision} and computes ours over the same rows. */
  void assertSameHash(Collected collected, long revision) throws Exception {
    HashKVResponse theirs = connection.hashKv(endpoint(), revision);
    assertThat(HashKv.of(collected.scan(), theirs.getCompactRevision(), revision).hash())
        .as("HashKV at %d of %d", revision, collected.complete())
        .isEqualTo(theirs.getHash());
  }

  @Override
  public void close() {
    connection.close();
    etcd.close();
  }
}
