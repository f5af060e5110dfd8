package io.lodestone.mvcc.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.WatchResponse;
import io.lodestone.api.mvccpb.Event;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.mvcc.Requests;
import io.lodestone.mvcc.TestEngine;
import io.lodestone.mvcc.log.Change;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;

/** Any mix of live, late, slow and future watchers sees what the history says it should. */
class WatchModelTest {
  private static final int ROUNDS = 1500;
  private static final String[] KEYS = {"a", "b", "c", "d", "e", "f", "g"};

  @TempDir Path folder;
  private final long seed = Long.getLong("seed", new Random().nextLong());
  private final Random random = new Random(seed);
  private final List<Event> history = new ArrayList<>();
  private final List<Watching> all = new ArrayList<>();
  private final Set<Long> compactions = new HashSet<>();
  private TestEngine store;
  private WatchHub hub;

  /** A watcher, and what it was asked to be. */
  private record Watching(WatchRequest request, RecordingSink sink, Watcher watcher) {}

  @RepeatedTest(4)
  void everyWatcherSeesEveryMatchingChangeOnceAndInOrder() throws Exception {
    System.out.println("seed " + seed);
    boolean narrow = random.nextBoolean();
    try (TestEngine engine = new TestEngine(folder);
        WatchHub watches = new WatchHub(engine.engine()::view, narrow ? 2_000 : 1 << 20)) {
      store = engine;
      hub = watches;
      engine.engine().listen(hub);
      engine.engine().listen((head, changes) -> changes.forEach(this::remember));
      hub.start();
      for (int i = 0; i < ROUNDS; i++) {
        step();
      }
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(2))
          .untilAsserted(this::everyoneIsDone);
    }
  }

  private void step() throws Exception {
    resumeSome();
    int dice = random.nextInt(100);
    if (dice < 12) {
      watch();
    } else if (dice < 14) {
      long revision = store.revision();
      long behind = random.nextInt(40);
      if (revision - behind > store.compactRevision() && revision - behind > 0) {
        compactions.add(revision - behind);
        store.apply(Requests.compact(revision - behind));
      }
    } else {
      List<InternalRaftRequest> batch = new ArrayList<>();
      for (int i = random.nextInt(6); i >= 0; i--) {
        batch.add(change());
      }
      store.applyAll(batch);
    }
  }

  private InternalRaftRequest change() {
    return switch (random.nextInt(6)) {
      case 0 -> Requests.request(Requests.delete(key()));
      case 1 ->
          Requests.request(
              Requests.delete("b").setRangeEnd(Requests.bytes(random.nextBoolean() ? "d" : "\0")));
      case 2 ->
          Requests.request(
              Requests.txn(
                  Requests.op(Requests.txn(Requests.op(Requests.put("c", "nested")))),
                  Requests.op(Requests.txn(Requests.op(Requests.delete("c")))),
                  Requests.op(Requests.put("a", value()))));
      default -> Requests.request(Requests.put(key(), value()));
    };
  }

  private String key() {
    return KEYS[random.nextInt(KEYS.length)];
  }

  private String value() {
    return "v" + random.nextInt(1000);
  }

  private void watch() {
    ByteString end =
        switch (random.nextInt(4)) {
          case 0 -> ByteString.EMPTY;
          case 1 -> KeyRange.all().end();
          default -> Requests.bytes("h");
        };
    long head = store.revision();
    long start =
        switch (random.nextInt(4)) {
          case 0 -> 0;
          case 1 -> head + random.nextInt(20);
          default -> Math.max(1, head - random.nextInt(200));
        };
    Set<WatchFilter> filters = EnumSet.noneOf(WatchFilter.class);
    if (random.nextInt(4) == 0) {
      filters.add(random.nextBoolean() ? WatchFilter.NO_PUT : WatchFilter.NO_DELETE);
    }
    WatchRequest request =
        new WatchRequest(
            new KeyRange(Requests.bytes(key()), end), start, filters, random.nextBoolean());
    RecordingSink sink = new RecordingSink(random.nextLong(), random.nextInt(3) * 3);
    all.add(new Watching(request, sink, hub.watch(request, sink)));
  }

  private void resumeSome() {
    for (Watching watching : all) {
      if (random.nextInt(5) == 0 && watching.sink.takeRefusal()) {
        watching.watcher.resume();
      }
    }
  }

  /** On the apply thread, which is the test's. */
  private void remember(Change change) {
    Event.Builder event = Event.newBuilder();
    if (change.record().tombstone()) {
      event
          .setType(Event.EventType.DELETE)
          .setKv(
              KeyValue.newBuilder()
                  .setKey(change.record().key())
                  .setModRevision(change.record().main()));
    } else {
      event.setKv(change.record().keyValue());
    }
    for (int i = history.size() - 1; i >= 0; i--) {
      Event before = history.get(i);
      if (before.getKv().getKey().equals(change.record().key())
          && before.getKv().getModRevision() < change.record().main()) {
        if (before.getType() == Event.EventType.PUT) {
          event.setPrevKv(before.getKv());
        }
        break;
      }
    }
    history.add(event.build());
  }

  private void everyoneIsDone() {
    for (Watching watching : all) {
      if (watching.sink.takeRefusal()) {
        watching.watcher.resume();
      }
    }
    for (Watching watching : all) {
      check(watching);
    }
  }

  private void check(Watching watching) {
    RecordingSink sink = watching.sink;
    assertThat(sink.created()).isPositive();
    long start = watching.request.startRevision();
    long from = start == 0 ? sink.created() + 1 : start;
    List<Event> expected =
        history.stream()
            .filter(event -> event.getKv().getModRevision() >= from)
            .filter(event -> watching.request.range().contains(event.getKv().getKey()))
            .filter(event -> !isFiltered(watching.request, event))
            .toList();
    List<Event> seen = sink.events();
    long last = seen.isEmpty() ? from - 1 : last(seen);
    if (sink.compacted() != 0) {
      assertThat(last + 1).as("seed %d", seed).isLessThan(sink.compacted());
    }
    int at = 0;
    for (Event event : expected) {
      if (at < seen.size() && isSame(seen.get(at), event)) {
        checkEvent(watching, seen.get(at), event);
        at++;
      } else if (sink.compacted() == 0 || event.getKv().getModRevision() <= last) {
        assertThat(isGoneByCompaction(event))
            .as("seed %d: %s misses %s", seed, watching.request, event)
            .isTrue();
      }
    }
    assertThat(at).as("seed %d: %s", seed, watching.request).isEqualTo(seen.size());
    sink.batches().forEach(this::checkBatch);
  }

  private static boolean isSame(Event one, Event other) {
    return one.getType() == other.getType() && one.getKv().equals(other.getKv());
  }

  /**
   * At a compacted revision itself, which may still be watched, what was superseded within the
   * revision is gone, as in etcd.
   */
  private boolean isGoneByCompaction(Event event) {
    return event.getType() == Event.EventType.PUT
        && compactions.contains(event.getKv().getModRevision())
        && history.stream()
            .anyMatch(
                other ->
                    other.getType() == Event.EventType.DELETE
                        && other.getKv().getModRevision() == event.getKv().getModRevision()
                        && other.getKv().getKey().equals(event.getKv().getKey()));
  }

  private static long last(List<Event> events) {
    return events.get(events.size() - 1).getKv().getModRevision();
  }

  private static boolean isFiltered(WatchRequest request, Event event) {
    return request
        .filters()
        .contains(
            event.getType() == Event.EventType.DELETE ? WatchFilter.NO_DELETE : WatchFilter.NO_PUT);
  }

  /** What came before may have been compacted, and only then be absent. */
  private void checkEvent(Watching watching, Event seen, Event expected) {
    Event bare = expected.toBuilder().clearPrevKv().build();
    if (!watching.request.previous() || !seen.hasPrevKv()) {
      assertThat(seen).as("seed %d: %s", seed, watching.request).isEqualTo(bare);
      assertThat(
              !watching.request.previous()
                  || !expected.hasPrevKv()
                  || expected.getKv().getModRevision() - 1 < store.compactRevision())
          .isTrue();
    } else {
      assertThat(seen).as("seed %d: %s", seed, watching.request).isEqualTo(expected);
    }
  }

  private void checkBatch(EventBatch batch) {
    WatchResponse.Builder response = WatchResponse.newBuilder();
    for (ByteString event : batch.events()) {
      response.addEvents(RecordingSink.parsed(event));
    }
    assertThat(batch.sizeBytes()).isEqualTo(response.build().getSerializedSize());
  }
}
