package io.lodestone.server.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.lodestone.api.authpb.UserAddOptions;
import io.lodestone.api.etcdserverpb.AuthGrpc;
import io.lodestone.api.etcdserverpb.AuthUserAddRequest;
import io.lodestone.api.etcdserverpb.CompactionRequest;
import io.lodestone.api.etcdserverpb.HashRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseRevokeRequest;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.SnapshotRequest;
import io.lodestone.api.etcdserverpb.SnapshotResponse;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.etcdfile.db.BackendHash;
import io.lodestone.etcdfile.db.EtcdDatabase;
import io.lodestone.etcdfile.db.SnapshotFileSource;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.StreamItem.UserState;
import io.lodestone.server.EmbeddedStore;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code Maintenance.Snapshot} sends, and the hash of it. */
final class SnapshotTest {
  private static final int SNAPSHOTS = 20;
  private static final long LEASES_ALIVE = 3;

  @TempDir Path folder;

  private static ManagedChannel channel(EmbeddedStore store) {
    return Grpc.newChannelBuilder(store.target(), InsecureChannelCredentials.create()).build();
  }

  @Test
  void keysLeasesAndUsersAreOfOneMomentWhileWritersRun() throws Exception {
    try (EmbeddedStore store = EmbeddedStore.builder().start()) {
      ManagedChannel channel = channel(store);
      AtomicBoolean stop = new AtomicBoolean();
      CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> write(channel, stop));
      long before = 0;
      for (int i = 0; i < SNAPSHOTS; i++) {
        before = isOfOneMoment(download(channel, "consistent-" + i + ".db"), before);
      }
      stop.set(true);
      writer.get();
      channel.shutdownNow();
    }
  }

  /** For each n: a user, a lease, a key with that lease; and the lease before last goes. */
  private static void write(Channel store, AtomicBoolean stop) {
    for (long n = 1; !stop.get(); n++) {
      AuthGrpc.newBlockingStub(store)
          .userAdd(
              AuthUserAddRequest.newBuilder()
                  .setName("user-" + n)
                  .setOptions(UserAddOptions.newBuilder().setNoPassword(true))
                  .build());
      LeaseGrpc.newBlockingStub(store)
          .leaseGrant(LeaseGrantRequest.newBuilder().setID(n).setTTL(1000).build());
      KVGrpc.newBlockingStub(store).put(put("key-" + n, n));
      if (n > LEASES_ALIVE) {
        LeaseGrpc.newBlockingStub(store)
            .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(n - LEASES_ALIVE).build());
      }
    }
  }

  private static PutRequest put(String key, long lease) {
    return PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).setLease(lease).build();
  }

  /** Returns how many keys had been written. */
  private static long isOfOneMoment(Path file, long atLeast) throws Exception {
    Set<Long> leases = new HashSet<>();
    Map<ByteString, Long> alive = new HashMap<>();
    long users = 0;
    long written = 0;
    try (RevisionStream stream = SnapshotFileSource.verified(file).openAtBase(Reason.INITIAL)) {
      for (StreamItem item = stream.next(); !(item instanceof End); item = stream.next()) {
        if (item instanceof LeaseState lease) {
          leases.add(lease.id().value());
        } else if (item instanceof UserState) {
          users++;
        } else if (item instanceof RevisionRecord record && record.tombstone()) {
          alive.remove(record.key());
        } else if (item instanceof RevisionRecord record) {
          written++;
          alive.put(record.key(), KeyValue.parseFrom(record.value()).getLease());
        }
      }
    }
    assertThat(leases).containsAll(alive.values());
    assertThat(leases.size() - alive.size()).as("a lease whose key comes next").isBetween(0, 1);
    assertThat(users - written).as("a user whose key comes next").isBetween(0L, 1L);
    assertThat(written).isGreaterThanOrEqualTo(atLeast);
    return written;
  }

  @Test
  void theHashIsThatOfTheDatabaseThatASnapshotSendsAsInStockEtcd() throws Exception {
    try (EtcdCluster etcd = EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("etcd")).start()) {
      theHashIsThatOfTheSnapshot(etcd.channel(0), "etcd");
    }
    try (EmbeddedStore store = EmbeddedStore.builder().start()) {
      ManagedChannel channel = channel(store);
      theHashIsThatOfTheSnapshot(channel, "store");
      channel.shutdownNow();
    }
  }

  private void theHashIsThatOfTheSnapshot(Channel member, String name) throws Exception {
    LeaseGrpc.LeaseBlockingStub leases = LeaseGrpc.newBlockingStub(member);
    for (long lease = 1; lease <= 30; lease++) {
      leases.leaseGrant(LeaseGrantRequest.newBuilder().setID(lease).setTTL(1000).build());
      KVGrpc.newBlockingStub(member).put(put("key-" + lease % 7, lease));
    }
    int before = hash(member);
    assertThat(before).isEqualTo(hashOf(download(member, name + "-1.db")));
    leases.leaseGrant(LeaseGrantRequest.newBuilder().setID(31).setTTL(1000).build());
    assertThat(hash(member)).as("with one more lease").isNotEqualTo(before);
    KVGrpc.newBlockingStub(member)
        .compact(CompactionRequest.newBuilder().setRevision(20).setPhysical(true).build());
    assertThat(hash(member)).isEqualTo(hashOf(download(member, name + "-2.db")));
  }

  private static int hash(Channel member) {
    return MaintenanceGrpc.newBlockingStub(member).hash(HashRequest.getDefaultInstance()).getHash();
  }

  private static int hashOf(Path file) throws IOException {
    try (EtcdDatabase database = EtcdDatabase.open(file)) {
      return (int) BackendHash.ETCD_3_5.of(database);
    }
  }

  private Path download(Channel member, String name) throws IOException {
    Path file = folder.resolve(name);
    Iterator<SnapshotResponse> pieces =
        MaintenanceGrpc.newBlockingStub(member).snapshot(SnapshotRequest.getDefaultInstance());
    try (OutputStream out = Files.newOutputStream(file)) {
      while (pieces.hasNext()) {
        pieces.next().getBlob().writeTo(out);
      }
    }
    return file;
  }
}
