package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.mvccpb.Event;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.cli.SourceSampler.Sample;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.Watched;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Chains in the form of Gardener's etcd-backup-restore, of snapshots and events of a real etcd, are
 * restored into a real etcd.
 */
final class GardenerRestoreTest {
  private static final EtcdRelease RELEASE = EtcdRelease.of("3.5");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private Path chain;
  private Sample middle;
  private Sample end;
  private long leased;

  /** Full up to 12, Incr 9 to 20 in the clear, Incr 21 to the end, and one that repeats some. */
  @BeforeEach
  void makeChain() throws Exception {
    chain = Files.createDirectories(folder.resolve("backups/v2"));
    try (EtcdCluster source = EtcdCluster.of(RELEASE, folder.resolve("source")).start()) {
      KVGrpc.KVBlockingStub keys = KVGrpc.newBlockingStub(source.channel(0));
      long early = grant(source);
      keys.put(put("on-a-lease", "1").setLease(early).build());
      for (int i = 0; i < 10; i++) {
        keys.put(put("key-" + i, "first").build());
      }
      try (Watched watched = Watched.from(source.channel(0), 9)) {
        Path snapshot = folder.resolve("snapshot.db");
        source.etcdctl("snapshot", "save", snapshot.toString());
        store("Full-00000000-00000008-1700000000.gz", Files.readAllBytes(snapshot));
        for (int i = 0; i < 8; i++) {
          keys.put(put("key-" + i, "second").build());
        }
        middle = SourceSampler.sample(source.channel(0), 20);
        keys.deleteRange(
            DeleteRangeRequest.newBuilder().setKey(key("key-2")).setRangeEnd(key("key-5")).build());
        keys.txn(
            TxnRequest.newBuilder()
                .addSuccess(RequestOp.newBuilder().setRequestPut(put("a", "")))
                .addSuccess(RequestOp.newBuilder().setRequestPut(put("b", "in one")))
                .build());
        keys.put(put("on-a-lease", "2").setLease(early).build());
        end = SourceSampler.sample(source.channel(0), 0);
        leased =
            keys.put(put("late", "x").setLease(grant(source)).build()).getHeader().getRevision();
        await().atMost(Duration.ofSeconds(30)).until(() -> watched.lastRevision() == leased);
        store("Incr-00000009-00000020-1700000060", events(watched.events(), 9, 20));
        store("Incr-00000018-00000021-1700000070.zlib", events(watched.events(), 18, 21));
        store(
            String.format("Incr-00000021-%08d-1700000120.gz.final", leased),
            events(watched.events(), 21, leased));
      }
    }
    Files.writeString(chain.resolve("something-else"), "not part of it");
  }

  private static long grant(EtcdCluster source) {
    return LeaseGrpc.newBlockingStub(source.channel(0))
        .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(3_600).build())
        .getID();
  }

  private static PutRequest.Builder put(String key, String value) {
    return PutRequest.newBuilder().setKey(key(key)).setValue(key(value));
  }

  private static ByteString key(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private void store(String name, byte[] content) throws IOException {
    ByteArrayOutputStream stored = new ByteArrayOutputStream();
    try (OutputStream out =
        name.contains(".gz")
            ? new GZIPOutputStream(stored)
            : name.contains(".zlib") ? new DeflaterOutputStream(stored) : stored) {
      out.write(content);
    }
    Files.write(chain.resolve(name), stored.toByteArray());
  }

  /** As Go's encoding/json writes them: what is zero is left out. */
  private static byte[] events(List<Event> events, long from, long to) throws Exception {
    ArrayNode array = JSON.createArrayNode();
    for (Event event : events) {
      KeyValue row = event.getKv();
      if (row.getModRevision() >= from && row.getModRevision() <= to) {
        ObjectNode told = array.addObject();
        ObjectNode etcd = told.putObject("etcdEvent");
        if (event.getType() == Event.EventType.DELETE) {
          etcd.put("type", 1);
        }
        ObjectNode kv = etcd.putObject("kv").put("key", row.getKey().toByteArray());
        putUnlessZero(kv, "create_revision", row.getCreateRevision());
        putUnlessZero(kv, "mod_revision", row.getModRevision());
        putUnlessZero(kv, "version", row.getVersion());
        if (!row.getValue().isEmpty()) {
          kv.put("value", row.getValue().toByteArray());
        }
        putUnlessZero(kv, "lease", row.getLease());
        told.put("time", received(row.getModRevision()).atOffset(ZoneOffset.ofHours(1)).toString());
      }
    }
    byte[] json = JSON.writeValueAsBytes(array);
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.write(json);
    whole.write(MessageDigest.getInstance("SHA-256").digest(json));
    return whole.toByteArray();
  }

  /** A revision each second, a part of it behind the full one. */
  private static Instant received(long revision) {
    return Instant.ofEpochSecond(1_700_000_000 + revision, 123_456_789);
  }

  private static void putUnlessZero(ObjectNode object, String name, long number) {
    if (number != 0) {
      object.put(name, number);
    }
  }

  private String address() {
    return folder.resolve("backups").toString();
  }

  @Test
  void anyPointBehindTheSnapshotIsRestoredToTheRevision() throws Exception {
    for (Sample expected : List.of(middle, end)) {
      assertRestored(expected, "--to-revision", Long.toString(expected.revision()));
    }
  }

  @Test
  void aTimeIsTheLastRevisionThatHadBeenReceivedByThen() throws Exception {
    assertRestored(middle, "--to-time", received(middle.revision()).toString());
    assertThat(refused("--to-time", received(1_000).toString()))
        .contains("the chain tells no times between 2023-11-14T22:15:20Z")
        .contains("--to-revision " + leased);
  }

  private void assertRestored(Sample expected, String option, String point) throws Exception {
    try (Restored restored =
        Restored.start(
            RELEASE,
            folder.resolve("restored-" + expected.revision()),
            "--from-gardener",
            address(),
            option,
            point)) {
      assertThat(SourceSampler.sample(restored.cluster().channel(0), expected.revision()))
          .isEqualTo(expected);
    }
  }

  @Test
  void theNewestPointKeepsAKeyWhoseLeaseTheSnapshotDoesNotKnow() throws Exception {
    try (Restored restored =
        Restored.start(RELEASE, folder.resolve("restored"), "--from-gardener", address())) {
      List<KeyValue> keys = SourceSampler.sample(restored.cluster().channel(0), leased).keyValues();
      assertThat(keys)
          .filteredOn(row -> row.getKey().equals(key("late")))
          .singleElement()
          .satisfies(row -> assertThat(row.getLease()).isZero());
      assertThat(keys)
          .filteredOn(row -> row.getKey().equals(key("on-a-lease")))
          .singleElement()
          .satisfies(row -> assertThat(row.getLease()).isNotZero());
    }
  }

  @Test
  void whatIsDamagedMissingOrUnknownIsNamedAndNothingIsLeft() throws Exception {
    Path incr = chain.resolve("Incr-00000009-00000020-1700000060");
    byte[] good = Files.readAllBytes(incr);
    byte[] bad = good.clone();
    bad[good.length / 2] ^= 1;
    Files.write(incr, bad);
    assertThat(refused()).contains("Incr-00000009-00000020", "its hash does not match");

    Files.delete(incr);
    assertThat(refused()).contains("the chain has revision 18 where 13 is awaited");
    Files.write(incr, good);

    Path full = chain.resolve("Full-00000000-00000008-1700000000.gz");
    byte[] snapshot = Files.readAllBytes(full);
    Files.write(full, Arrays.copyOf(snapshot, snapshot.length / 2));
    assertThat(refused()).contains("Full-00000000-00000008", "cannot be decompressed");
    Files.move(full, chain.resolve("Full-00000000-00000008-1700000000.Z"));
    assertThat(refused()).contains("1700000000.Z", "cannot be decompressed");
    Files.delete(chain.resolve("Full-00000000-00000008-1700000000.Z"));
    assertThat(refused()).contains("there is no snapshot of etcd-backup-restore at");
    try (var left = Files.list(folder.resolve("unpacked"))) {
      assertThat(left).isEmpty();
    }
  }

  private String refused(String... point) throws Exception {
    Path target = folder.resolve("refused.db");
    List<String> arguments = new ArrayList<>(List.of("restore", "--from-gardener", address()));
    arguments.addAll(List.of("--unpack-dir", folder.resolve("unpacked").toString()));
    arguments.addAll(List.of("--output-file", target.toString()));
    arguments.addAll(List.of(point));
    Cli.Outcome outcome = Cli.run(arguments.toArray(String[]::new));
    assertThat(outcome.exitCode()).isIn(ExitCodes.FAILED, ExitCodes.DAMAGE);
    assertThat(target).doesNotExist();
    return outcome.err();
  }
}
