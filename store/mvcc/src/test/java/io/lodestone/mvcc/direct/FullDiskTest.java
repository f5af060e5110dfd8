package io.lodestone.mvcc.direct;

import static io.lodestone.mvcc.Requests.bytes;
import static io.lodestone.mvcc.Requests.compact;
import static io.lodestone.mvcc.Requests.everything;
import static io.lodestone.mvcc.Requests.grant;
import static io.lodestone.mvcc.Requests.put;
import static io.lodestone.mvcc.Requests.range;
import static io.lodestone.mvcc.Requests.request;
import static io.lodestone.mvcc.Requests.revoke;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.LeaseId;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.PutResponse;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineOptions;
import io.lodestone.mvcc.EngineView;
import io.lodestone.mvcc.log.Applied;
import io.lodestone.peers.SmallDisk;
import io.lodestone.revisions.digest.HashKv;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real file system without a byte left: what was acknowledged stays, and writes come back. */
@Timeout(120)
final class FullDiskTest {
  private static final int DISK_MIB = 96;
  private static final int ENOUGH = 20_000;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Random random = new Random(7);

  /** Told to listeners: the row of each key's revision. */
  private final Map<Long, ByteString> told = new ConcurrentSkipListMap<>();

  /** By key, the number of the put that was acknowledged. */
  private final Map<String, Applied> acknowledged = new ConcurrentSkipListMap<>();

  private final Set<String> failed = new HashSet<>();

  @TempDir Path folder;
  private SmallDisk disk;
  private Engine engine;
  private DirectLog log;

  @BeforeEach
  void start() throws IOException {
    disk = SmallDisk.make(Files.createDirectory(folder.resolve("disk")), DISK_MIB);
    engine = open(disk.root().resolve("store"));
    engine.listen((head, changes) -> changes.forEach(this::hear));
    engine.leases().promote(Duration.ZERO);
    log = new DirectLog(engine);
    log.start();
  }

  @AfterEach
  void stop() throws IOException {
    log.close();
    engine.close();
    disk.close();
  }

  private static Engine open(Path directory) throws IOException {
    return Engine.open(directory, EngineOptions.DEFAULT);
  }

  private void hear(io.lodestone.mvcc.log.Change change) {
    assertThat(told.put(change.record().main(), change.record().key())).isNull();
  }

  /** Values that no compression makes smaller. */
  private PutRequest.Builder largePut(String key) {
    byte[] value = new byte[5000];
    random.nextBytes(value);
    return PutRequest.newBuilder().setKey(bytes(key)).setValue(ByteString.copyFrom(value));
  }

  /**
   * Now and then a lease comes and goes; its end has to know its keys, so that a batch is stored in
   * parts.
   */
  private InternalRaftRequest numbered(int number) {
    return switch (number % 10) {
      case 3 -> grant(number, 600);
      case 7 -> revoke(number - 4);
      default -> request(largePut("key" + number));
    };
  }

  /** Many in flight, until the first of them fails. */
  private void writeUntilTheDiskIsFull(int first) throws Exception {
    List<CompletableFuture<Applied>> answers = new ArrayList<>();
    int number = first;
    while (!engine.diskFull()) {
      assertThat(number).as("writes to a full disk").isLessThan(first + ENOUGH);
      for (int i = 0; i < 100; i++) {
        String key = "key" + number;
        CompletableFuture<Applied> answer = log.propose(numbered(number++));
        answers.add(
            answer.whenComplete(
                (applied, failure) -> {
                  if (failure == null && applied.response().orElseThrow() instanceof PutResponse) {
                    acknowledged.put(key, applied);
                  }
                }));
      }
      answers.get(answers.size() - 100).handle((applied, failure) -> true).get();
    }
    for (int i = 0; i < answers.size(); i++) {
      String key = "key" + (first + i);
      if (answers.get(i).handle((applied, failure) -> failure != null).get()) {
        failed.add(key);
      }
    }
    assertThat(failed).isNotEmpty();
  }

  private void assertRefused(InternalRaftRequest request) {
    assertThatThrownBy(() -> log.propose(request).get())
        .cause()
        .isInstanceOfSatisfying(
            StoreException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.DISK_FULL));
  }

  private void awaitRoom() {
    await().atMost(PATIENCE).until(() -> !engine.diskFull());
  }

  /** The revisions of all keys, and nothing that listeners were not told. */
  private void assertNothingIsLost(Engine of) throws IOException {
    try (EngineView view = of.view()) {
      for (Map.Entry<String, Applied> put : acknowledged.entrySet()) {
        List<KeyValue> found = view.range(range(put.getKey()).build()).getKvsList();
        assertThat(found).as(put.getKey()).hasSize(1);
        assertThat(found.get(0).getModRevision()).isEqualTo(put.getValue().revision());
      }
    }
  }

  private void assertListenersWereToldWhatIsStored() throws IOException {
    List<Long> revisions = new ArrayList<>();
    try (EngineView view = engine.view()) {
      view.rows()
          .scan(
              row -> {
                assertThat(told).containsEntry(row.main(), row.key());
                return revisions.add(row.main());
              });
      assertThat(revisions).hasSize(told.size());
      assertThat(told).hasSize((int) view.revision() - 1);
    }
  }

  private static HashKv hash(Engine of) throws IOException {
    try (EngineView view = of.view()) {
      return view.hashKv(0);
    }
  }

  @Test
  void writesComeBackWithTheRoomAndNothingAcknowledgedIsLost() throws Exception {
    log.propose(request(put("key0", "first"))).get();
    for (int round = 1; round <= 2; round++) {
      disk.makeRoom();
      awaitRoom();
      log.propose(grant(round, 600)).get();
      disk.fill();
      writeUntilTheDiskIsFull(round * 100_000);

      assertRefused(request(put("refused", "x")));
      assertRefused(grant(99, 600));
      assertNothingIsLost(engine);
    }
    disk.makeRoom();
    awaitRoom();

    assertThat(log.propose(request(put("last", "x"))).get().revision())
        .isEqualTo(engine.revision());
    assertThat(engine.leases().list())
        .contains(new LeaseId(1), new LeaseId(2))
        .doesNotContain(new LeaseId(99));
    assertNothingIsLost(engine);
    assertListenersWereToldWhatIsStored();
    try (EngineView view = engine.view()) {
      assertThat(view.range(range("refused").build()).getCount()).isZero();
    }
    HashKv before = hash(engine);
    log.close();
    engine.close();
    engine = open(disk.root().resolve("store"));
    log = new DirectLog(engine);
    log.start();
    assertThat(hash(engine)).isEqualTo(before);
    assertNothingIsLost(engine);
  }

  /** The files as a crash would leave them. */
  @Test
  void aCrashWhileTheDiskIsFullLosesNothingThatWasAcknowledged() throws Exception {
    disk.fill();
    writeUntilTheDiskIsFull(100_000);
    Path left = folder.resolve("left");
    copy(disk.root().resolve("store"), left);

    try (Engine after = open(left)) {
      assertNothingIsLost(after);
    }
  }

  private static void copy(Path store, Path target) throws IOException {
    Files.createDirectory(target);
    try (Stream<Path> files = Files.list(store)) {
      for (Path file : files.toList()) {
        try {
          Files.copy(file, target.resolve(file.getFileName()));
        } catch (NoSuchFileException e) {
          // A table file that a flush has just begun, and given up for want of room.
          assertThat(file.toString()).endsWith(".sst");
        }
      }
    }
  }

  @Test
  void aCompactionWaitsForRoom() throws Exception {
    for (int i = 0; i < 3000; i++) {
      var unused = log.propose(request(put("key" + i % 10, "" + i)));
    }
    long upTo = log.propose(request(put("key0", "last"))).get().revision();
    disk.fill();
    assertThat(log.propose(compact(upTo)).handle((applied, failure) -> true).get()).isTrue();
    writeUntilTheDiskIsFull(100_000);
    disk.makeRoom();
    awaitRoom();
    var unused = log.propose(compact(upTo)).handle((applied, failure) -> true).get();

    assertThat(engine.whenCompacted(upTo)).succeedsWithin(PATIENCE);
    try (EngineView view = engine.view()) {
      assertThat(view.compactRevision()).isEqualTo(upTo);
      assertThat(view.range(everything().setLimit(1).build()).getKvsCount()).isEqualTo(1);
    }
  }
}
