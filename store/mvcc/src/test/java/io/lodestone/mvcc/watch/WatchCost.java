package io.lodestone.mvcc.watch;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.Revision;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.mvcc.TestEngine;
import io.lodestone.mvcc.log.Change;
import io.lodestone.revisions.RevisionRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** Measures what watchers cost: prints events per second for a number of watchers. */
final class WatchCost {
  private static final int EVENTS = 200_000;

  private WatchCost() {}

  public static void main(String[] arguments) throws Exception {
    for (int round = 0; round < 2; round++) {
      measure("one watcher of everything", 1, i -> KeyRange.all());
      measure("10,000 watchers of a key each", 10_000, i -> KeyRange.single(key(i)));
      measure("10,000 watchers of a prefix each", 10_000, i -> KeyRange.prefix(key(i)));
      measure("100 watchers of everything", 100, i -> KeyRange.all());
    }
  }

  private interface Ranges {
    KeyRange of(int watcher);
  }

  private static ByteString key(int i) {
    return ByteString.copyFromUtf8(String.format("key-%05d", i));
  }

  private static void measure(String what, int watchers, Ranges ranges) throws Exception {
    Path folder = Files.createTempDirectory("watch-cost");
    AtomicLong seen = new AtomicLong();
    try (TestEngine engine = new TestEngine(folder);
        WatchHub hub = new WatchHub(engine.engine()::view)) {
      hub.start();
      for (int i = 0; i < watchers; i++) {
        hub.watch(new WatchRequest(ranges.of(i), 0, Set.of(), false), counting(seen));
      }
      CountDownLatch registered = new CountDownLatch(1);
      hub.revision(revision -> registered.countDown());
      registered.await();
      long start = System.nanoTime();
      for (int i = 0; i < EVENTS; i++) {
        hub.changed(i + 2, List.of(change(i)));
        if (i % 1000 == 0) {
          awaitTurn(hub);
        }
      }
      awaitTurn(hub);
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(
          "%-34s %,9.0f changes/s, %,11.0f events/s%n",
          what, EVENTS / seconds, seen.get() / seconds);
    }
  }

  private static void awaitTurn(WatchHub hub) throws InterruptedException {
    CountDownLatch turn = new CountDownLatch(1);
    hub.revision(revision -> turn.countDown());
    turn.await();
  }

  private static Change change(int i) {
    KeyValue keyValue =
        KeyValue.newBuilder()
            .setKey(key(i % 10_000))
            .setCreateRevision(1)
            .setModRevision(i + 2L)
            .setVersion(1)
            .setValue(ByteString.copyFrom(new byte[256]))
            .build();
    return new Change(RevisionRecord.put(new Revision(i + 2, 0), keyValue), Optional.empty());
  }

  private static WatchSink counting(AtomicLong seen) {
    return new WatchSink() {
      @Override
      public void created(long revision) {}

      @Override
      public boolean offer(EventBatch events) {
        seen.addAndGet(events.events().size());
        return true;
      }

      @Override
      public void compacted(long compactRevision) {}

      @Override
      public void failed(Exception cause) {}
    };
  }
}
