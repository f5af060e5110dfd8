package io.lodestone.mvcc.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.mvcc.Requests;
import io.lodestone.mvcc.TestEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchHubTest {
  @TempDir Path folder;
  private TestEngine store;
  private WatchHub hub;
  private final RecordingSink sink = new RecordingSink(1, 0);

  @BeforeEach
  void open() throws IOException {
    store = new TestEngine(folder);
    hub = new WatchHub(store.engine()::view);
    store.engine().listen(hub);
    hub.start();
  }

  @AfterEach
  void close() {
    hub.close();
    store.close();
  }

  private void put(int count) throws IOException {
    List<InternalRaftRequest> requests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      requests.add(Requests.request(Requests.put("key" + i % 7, "value" + i)));
    }
    store.applyAll(requests);
  }

  private Watcher watch(long start) {
    return hub.watch(new WatchRequest(KeyRange.all(), start, Set.of(), false), sink);
  }

  private List<Long> revisions() {
    return sink.events().stream().map(event -> event.getKv().getModRevision()).toList();
  }

  @Test
  void historyComesAThousandRevisionsAtATime() throws IOException {
    put(2500);
    watch(1);
    await().atMost(Duration.ofSeconds(60)).until(() -> sink.events().size() == 2500);
    assertThat(sink.batches())
        .extracting(batch -> batch.events().size())
        .containsExactly(1000, 1000, 500);
    assertThat(sink.batches()).allMatch(batch -> batch.revision() == 2501);
  }

  @Test
  void aWatcherBelowTheCompactedRevisionEndsAndOneAtItDoesNot() throws IOException {
    put(10);
    store.apply(Requests.compact(5));
    watch(4);
    await().atMost(Duration.ofSeconds(60)).until(() -> sink.compacted() == 5);
    RecordingSink atIt = new RecordingSink(1, 0);
    hub.watch(new WatchRequest(KeyRange.all(), 5, Set.of(), false), atIt);
    await().atMost(Duration.ofSeconds(60)).until(() -> atIt.events().size() == 7);
  }

  @Test
  void aFutureStartWaits() throws IOException {
    watch(5);
    put(10);
    await().atMost(Duration.ofSeconds(60)).until(() -> sink.events().size() == 7);
    assertThat(revisions()).startsWith(5L);
  }

  @Test
  void progressComesBehindTheEventsAndOnlyToWhoHasSeenThem() throws Exception {
    put(3);
    Watcher watcher = watch(1);
    await().atMost(Duration.ofSeconds(60)).until(() -> sink.events().size() == 3);
    put(2);
    CompletableFuture<Integer> seen = new CompletableFuture<>();
    hub.progress(
        List.of(watcher),
        revision -> {
          assertThat(revision).isEqualTo(6);
          seen.complete(sink.events().size());
        });
    assertThat(seen.get(10, TimeUnit.SECONDS)).isEqualTo(5);

    Watcher future = watch(100);
    CompletableFuture<Long> never = new CompletableFuture<>();
    hub.progress(List.of(watcher, future), never::complete);
    hub.progress(List.of(), never::complete);
    CompletableFuture<Long> later = new CompletableFuture<>();
    hub.progress(List.of(watcher), later::complete);
    later.get(10, TimeUnit.SECONDS);
    assertThat(never).isNotDone();
  }

  @Test
  void aCancelledWatcherHearsNothingMore() throws Exception {
    Watcher watcher = watch(0);
    put(1);
    CompletableFuture<Long> done = new CompletableFuture<>();
    watcher.cancel(done::complete);
    assertThat(done.get(10, TimeUnit.SECONDS)).isEqualTo(2);
    put(1);
    CompletableFuture<Long> barrier = new CompletableFuture<>();
    Watcher other = hub.watch(watcherRequest(), new RecordingSink(1, 0));
    other.cancel(barrier::complete);
    barrier.get(10, TimeUnit.SECONDS);
    assertThat(sink.events()).hasSize(1);
  }

  private static WatchRequest watcherRequest() {
    return new WatchRequest(KeyRange.all(), 0, Set.of(), false);
  }

  @Test
  void aSinkThatFailsEndsAloneAndOthersGoOn() throws IOException {
    hub.watch(
        watcherRequest(),
        new WatchSink() {
          @Override
          public void created(long revision) {}

          @Override
          public boolean offer(EventBatch events) {
            throw new IllegalStateException("broken");
          }

          @Override
          public void compacted(long compactRevision) {}

          @Override
          public void failed(Exception cause) {}
        });
    watch(0);
    put(3);
    await().atMost(Duration.ofSeconds(60)).until(() -> sink.events().size() == 3);
    put(2);
    await().atMost(Duration.ofSeconds(60)).until(() -> sink.events().size() == 5);
  }

  /** Each comes while nobody else watches, and changes go on. */
  @Test
  void whoComesBehindChangesThatNobodyWatchedMissesNone() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(
            () -> {
              while (!over.get()) {
                putOne();
              }
            });
    try {
      for (int i = 0; i < 100; i++) {
        RecordingSink own = new RecordingSink(1, 0);
        Watcher watcher = hub.watch(watcherRequest(), own);
        await()
            .pollInterval(Duration.ofMillis(1))
            .atMost(Duration.ofSeconds(60))
            .until(() -> own.events().size() >= 3);
        CompletableFuture<Long> gone = new CompletableFuture<>();
        watcher.cancel(gone::complete);
        gone.get(60, TimeUnit.SECONDS);
        List<Long> seen =
            own.events().stream().map(event -> event.getKv().getModRevision()).toList();
        assertThat(seen)
            .isEqualTo(
                LongStream.rangeClosed(own.created() + 1, own.created() + seen.size())
                    .boxed()
                    .toList());
      }
    } finally {
      over.set(true);
      writer.get(60, TimeUnit.SECONDS);
    }
  }

  private void putOne() {
    try {
      put(1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void piecesHoldWholeEventsAndAllOfThem() {
    List<ByteString> events = Collections.nCopies(12, ByteString.copyFrom(new byte[400_000]));
    EventBatch batch = EventBatch.of(7, events);
    List<EventBatch> pieces = batch.pieces(30, 2 << 20);
    assertThat(pieces).extracting(piece -> piece.events().size()).containsExactly(5, 5, 2);
    assertThat(batch.pieces(30, 8 << 20)).containsExactly(batch);
    assertThat(batch.pieces(30, 1000)).hasSize(12);
  }
}
