package io.lodestone.client.lockstep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.lodestone.api.LeaseId;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.Endpoint;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.UnavailableException;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.revisions.RowScan;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.digest.HashKv;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/** A stock cluster that is replayed into. */
final class Destination implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(30);

  final EtcdCluster etcd;
  final EtcdConnection connection;

  Destination(EtcdCluster etcd) {
    this.etcd = etcd;
    this.connection =
        EtcdConnection.open(
            ClientOptions.of(etcd.endpoints().toArray(String[]::new))
                .withTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(2)));
  }

  /** A source that has forgotten all its leases. */
  LockstepSink sink() throws InterruptedException {
    return LockstepSink.open(connection, lease -> OptionalLong.empty(), PATIENCE);
  }

  static long replay(LockstepSink sink, List<StreamItem> items)
      throws IOException, InterruptedException {
    for (StreamItem item : items) {
      sink.accept(item);
    }
    return sink.commit();
  }

  long put(String key) {
    PutRequest put = PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
    return connection.write(KVGrpc.getPutMethod(), put).getHeader().getRevision();
  }

  /** Kills the first member once it is at {@code revision}, and starts it again. */
  void killAndRestartAt(long revision) {
    await()
        .atMost(Duration.ofMinutes(2))
        .ignoreExceptionsInstanceOf(UnavailableException.class)
        .until(() -> connection.revision() >= revision);
    etcd.member(0).kill();
    try {
      etcd.member(0).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  LeaseTimeToLiveResponse timeToLive(LeaseId lease) {
    return connection.read(
        LeaseGrpc.getLeaseTimeToLiveMethod(),
        LeaseTimeToLiveRequest.newBuilder().setID(lease.value()).build());
  }

  /** Every member hashes {@code revision} as {@code rows} do. */
  void assertHash(RowScan rows, long compacted, long revision) throws Exception {
    HashKv expected =
        etcd.release().minor().equals("3.4")
            ? HashKv.asBefore3516(rows, compacted, revision)
            : HashKv.of(rows, compacted, revision);
    for (Endpoint endpoint : connection.endpoints()) {
      HashKVResponse found = connection.hashKv(endpoint, revision);
      assertThat(found.getCompactRevision()).isEqualTo(compacted);
      assertThat(found.getHash())
          .as("HashKV at %d, compacted %d, on %s", revision, compacted, endpoint)
          .isEqualTo(expected.hash());
    }
  }

  @Override
  public void close() {
    connection.close();
    etcd.close();
  }
}
