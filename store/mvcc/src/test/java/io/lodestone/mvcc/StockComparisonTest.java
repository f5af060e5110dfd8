package io.lodestone.mvcc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.CompactionRequest;
import io.lodestone.api.etcdserverpb.HashKVRequest;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.ResponseHeader;
import io.lodestone.mvcc.log.Applied;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.revisions.digest.HashKv;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same requests to stock etcd and to the engine: responses, refusals, revisions and hashes must
 * be equal.
 */
final class StockComparisonTest {
  private static final int REQUESTS = 4000;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void theEngineAnswersAsStockEtcdDoes(long seed) throws Exception {
    System.out.println("seed " + seed);
    EtcdRelease release = EtcdRelease.of("3.5");
    try (EtcdCluster cluster = EtcdCluster.of(release, folder.resolve("stock")).start();
        TestEngine ours = new TestEngine(folder.resolve("ours"))) {
      Comparison comparison = new Comparison(new Stock(cluster.channel(0)), ours, seed);
      for (int i = 0; i < REQUESTS; i++) {
        comparison.step(i);
      }
      comparison.compareHashes();
      assertThat(comparison.compared).isGreaterThan(REQUESTS / 2);
    }
  }

  /** The stock side, as blocking calls. */
  private static final class Stock {
    private final KVGrpc.KVBlockingStub kv;
    private final LeaseGrpc.LeaseBlockingStub leases;
    private final MaintenanceGrpc.MaintenanceBlockingStub maintenance;

    Stock(Channel channel) {
      kv = KVGrpc.newBlockingStub(channel);
      leases = LeaseGrpc.newBlockingStub(channel);
      maintenance = MaintenanceGrpc.newBlockingStub(channel);
    }

    Message call(InternalRaftRequest request) {
      if (request.hasPut()) {
        return kv.put(request.getPut());
      }
      if (request.hasDeleteRange()) {
        return kv.deleteRange(request.getDeleteRange());
      }
      if (request.hasTxn()) {
        return kv.txn(request.getTxn());
      }
      if (request.hasCompaction()) {
        return kv.compact(request.getCompaction());
      }
      return request.hasLeaseGrant()
          ? leases.leaseGrant(request.getLeaseGrant())
          : leases.leaseRevoke(request.getLeaseRevoke());
    }
  }

  /** An answer without its header, or the text of the refusal. */
  private record Answer(Optional<Message> response, String refusal, long revision) {
    static Answer of(Supplier<Message> call) {
      try {
        Message response = call.get();
        FieldDescriptor field = response.getDescriptorForType().findFieldByName("header");
        ResponseHeader header = (ResponseHeader) response.getField(field);
        Message bare = response.toBuilder().clearField(field).build();
        return new Answer(Optional.of(bare), "", header.getRevision());
      } catch (StatusRuntimeException e) {
        return new Answer(Optional.empty(), description(e.getStatus()), 0);
      }
    }

    private static String description(Status status) {
      return String.valueOf(status.getDescription());
    }

    static Answer of(Applied applied) {
      return applied
          .refusal()
          .map(refusal -> new Answer(Optional.empty(), refusal.getMessage(), 0))
          .orElseGet(() -> new Answer(applied.response(), "", applied.revision()));
    }

    static Answer of(TestEngine store, RangeRequest request) {
      try {
        return new Answer(Optional.of(store.range(request.toBuilder())), "", store.revision());
      } catch (StoreException e) {
        return new Answer(Optional.empty(), e.getMessage(), 0);
      }
    }
  }

  private static final class Comparison {
    private final Stock stock;
    private final TestEngine ours;
    private final Random random;
    private final RandomRequests requests;
    private final Set<Long> compacted = new HashSet<>();
    private final Set<Long> forgotten = new HashSet<>();
    private int compared;

    Comparison(Stock stock, TestEngine ours, long seed) {
      this.stock = stock;
      this.ours = ours;
      this.random = new Random(seed);
      this.requests = RandomRequests.forServer(random);
    }

    void step(int number) throws Exception {
      long head = ours.revision();
      int dice = random.nextInt(100);
      if (dice < 45) {
        RangeRequest range = requests.range(head).build();
        compare(number, range, Answer.of(() -> stock.kv.range(range)), Answer.of(ours, range));
      } else if (dice < 65) {
        compare(number, Requests.request(requests.put()));
      } else if (dice < 72) {
        compare(number, Requests.request(requests.delete()));
      } else if (dice < 92) {
        compare(number, Requests.request(requests.txn(head)));
      } else if (dice < 96) {
        compare(number, Requests.grant(requests.lease(), 600));
      } else if (dice < 98) {
        compare(number, Requests.revoke(1000 + random.nextInt(4)));
      } else if (dice < 99) {
        compact(number, head);
      } else {
        restart();
      }
    }

    /**
     * Hashes remembered at compactions do not outlive a process, and only ours is restarted. One at
     * revision 0 is what who asks for the current hash gets from then on.
     */
    private void restart() throws Exception {
      ours.restart();
      forgotten.addAll(compacted);
    }

    private void compact(int number, long head) throws Exception {
      long revision = head + 1 - random.nextInt(40);
      InternalRaftRequest request =
          InternalRaftRequest.newBuilder()
              .setCompaction(CompactionRequest.newBuilder().setRevision(revision).setPhysical(true))
              .build();
      Applied applied = compare(number, request);
      if (applied.refusal().isEmpty()) {
        compacted.add(revision);
        ours.engine().whenCompacted(revision).get();
        compareHashes();
      }
    }

    private Applied compare(int number, InternalRaftRequest request) throws Exception {
      if (request.hasLeaseGrant() && request.getLeaseGrant().getID() == 0) {
        return Applied.before(0);
      }
      Answer expected = Answer.of(() -> stock.call(request));
      if (expected.refusal.contains("duplicate key")) {
        return Applied.before(0);
      }
      Applied applied = ours.apply(request);
      compare(number, request, expected, Answer.of(applied));
      return applied;
    }

    private void compare(int number, Message request, Answer expected, Answer found) {
      compared++;
      assertThat(found).as("request %d: %s", number, request).isEqualTo(expected);
    }

    /** At the current revision, at the compaction, and at some in between. */
    void compareHashes() throws Exception {
      long head = ours.revision();
      for (int i = 0; i < 5; i++) {
        long revision = i == 0 ? 0 : Math.max(1, head - random.nextInt(60));
        if (forgotten.contains(revision)) {
          continue;
        }
        HashKVRequest request = HashKVRequest.newBuilder().setRevision(revision).build();
        try {
          HashKVResponse expected = stock.maintenance.hashKV(request);
          HashKv found = ours.hashKv(revision);
          assertThat(found.hash()).as("hash at %d", revision).isEqualTo(expected.getHash());
          assertThat(found.compactRevision()).isEqualTo(expected.getCompactRevision());
        } catch (StatusRuntimeException e) {
          assertThat(e.getStatus().getDescription()).contains("compacted");
        }
      }
    }
  }
}
