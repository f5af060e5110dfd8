package io.lodestone.backup.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.lodestone.api.KeyRange;
import io.lodestone.api.LeaseId;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseRevokeRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.repository.Lineage;
import io.lodestone.repository.Position;
import io.lodestone.repository.Repository;
import io.lodestone.repository.VerifyReport;
import io.lodestone.repository.objects.ObjectStores;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Leases that come and go while they are backed up: in the end the backup has those that stayed.
 */
final class LeaseChurnTest {
  private static final int LEASES = Integer.getInteger("lodestone.leases", 500);
  private static final int CLIENTS = 4;
  private static final long STAYS_SECONDS = 36_000;

  /** Leases of 2 to 10 s, and what etcd and the agent take to notice. */
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir Path folder;

  /** Written by all clients. */
  private final Set<Long> staying = new ConcurrentSkipListSet<>();

  @Test
  void theLeasesThatStayedAndTheirKeysAreThoseOfTheBackup() throws Exception {
    String repository = folder.resolve("repository").toString();
    try (EtcdCluster source =
            EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("source")).start();
        RunningDaemon agent =
            new RunningDaemon(
                folder,
                "agent",
                "clusters:",
                "  prod: {source: {endpoints: "
                    + source.endpoints()
                    + "}, seal-interval: 200ms, repository: "
                    + repository
                    + ", schedules: {compact: '0/5 * * * * ?', synthesize: '0/20 * * * * ?'}}")) {
      agent.awaitState("prod", "writing");
      churn(source.channel(0));
      Channel channel = source.channel(0);
      await().atMost(PATIENCE).until(() -> leasedKeys(channel).equals(staying));

      RangeResponse state = range(channel);
      double revision = (double) state.getHeader().getRevision();
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  agent.metric("lodestone_agent_durable_revision{cluster=\"prod\"}").orElse(0)
                      >= revision);
      try (Repository opened = Repository.open(ObjectStores.open(repository))) {
        Lineage lineage = opened.lineages().get(0);
        await().atMost(PATIENCE).until(() -> backedUp(opened, lineage).equals(staying));
        assertThat(rows(opened, lineage, state.getHeader().getRevision()))
            .isEqualTo(state.getKvsList());
      }
    }
    try (Repository opened = Repository.open(ObjectStores.open(repository))) {
      assertThat(opened.verify(VerifyReport.Progress.NONE).problems()).isEmpty();
      assertThat(opened.describe().lineages().get(0).gaps()).isEmpty();
    }
  }

  private void churn(Channel channel) throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    try {
      List<Callable<Boolean>> work = new ArrayList<>();
      for (int client = 0; client < CLIENTS; client++) {
        Random random = new Random(client);
        String name = "client-" + client + "/";
        work.add(() -> churn(channel, random, name));
      }
      for (Future<Boolean> done : clients.invokeAll(work)) {
        assertThat(done.get()).isTrue();
      }
    } finally {
      clients.shutdownNow();
    }
  }

  private boolean churn(Channel channel, Random random, String name) {
    LeaseGrpc.LeaseBlockingStub leases = LeaseGrpc.newBlockingStub(channel);
    for (int i = 0; i < LEASES / CLIENTS; i++) {
      boolean stays = i % 20 == 0;
      long ttl = stays ? STAYS_SECONDS : 2 + random.nextInt(9);
      long lease = leases.leaseGrant(LeaseGrantRequest.newBuilder().setTTL(ttl).build()).getID();
      PutRequest put =
          PutRequest.newBuilder()
              .setKey(ByteString.copyFromUtf8(name + i))
              .setValue(ByteString.copyFromUtf8("ttl " + ttl))
              .setLease(lease)
              .build();
      assertThat(KVGrpc.newBlockingStub(channel).put(put).hasHeader()).isTrue();
      if (stays) {
        staying.add(lease);
      } else if (random.nextInt(3) == 0) {
        assertThat(
                leases
                    .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease).build())
                    .hasHeader())
            .isTrue();
      }
    }
    return true;
  }

  private static RangeResponse range(Channel channel) {
    ByteString all = KeyRange.all().start();
    return KVGrpc.newBlockingStub(channel)
        .range(RangeRequest.newBuilder().setKey(all).setRangeEnd(all).build());
  }

  /** The leases on which there are keys. */
  private static Set<Long> leasedKeys(Channel channel) {
    Set<Long> leases = new TreeSet<>();
    range(channel).getKvsList().forEach(row -> leases.add(row.getLease()));
    return leases;
  }

  private static Set<Long> backedUp(Repository opened, Lineage lineage) throws Exception {
    Map<LeaseId, ?> leases =
        opened.lastPosition(lineage).flatMap(Position::end).orElseThrow().leases();
    Set<Long> ids = new TreeSet<>();
    leases.keySet().forEach(id -> ids.add(id.value()));
    return ids;
  }

  private List<KeyValue> rows(Repository opened, Lineage lineage, long revision) throws Exception {
    List<KeyValue> rows = new ArrayList<>();
    opened
        .contents(lineage, folder)
        .rows(KeyRange.all(), revision, row -> rows.add(row.keyValue()));
    rows.sort(
        Comparator.comparing(KeyValue::getKey, ByteString.unsignedLexicographicalComparator()));
    return rows;
  }
}
