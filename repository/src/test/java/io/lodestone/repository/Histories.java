package io.lodestone.repository;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.repository.format.Holder;
import io.lodestone.repository.objects.MemoryObjectStore;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.StoredObject;
import io.lodestone.revisions.CheckedStream;
import io.lodestone.revisions.RandomHistory;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.StreamOrder;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;

/** What the tests of writers and sources share: one cluster, its agent, its made-up history. */
final class Histories {
  static final long CLUSTER = 0x1234;
  static final Lineage LINEAGE = new Lineage(CLUSTER, 1);
  static final Holder HOLDER = new Holder("agent-1", "host-1", 1);

  /** Every few revisions become a part; no heartbeat comes in between. */
  static final WriterSettings SMALL_PARTS =
      new WriterSettings(1, 3_000, 1, 1, Duration.ofHours(1), Clock.systemUTC());

  private Histories() {}

  /** A base at revision 30 and a tail to 60, without what may follow its last Complete. */
  static List<StreamItem> some(long seed) {
    List<StreamItem> items = new RandomHistory(seed).stream(30, 60);
    int end = items.size();
    while (!(items.get(end - 1) instanceof Complete)) {
      end--;
    }
    return List.copyOf(items.subList(0, end));
  }

  static RepositoryWriter writer(ObjectStore store) throws IOException {
    return Repository.openOrCreate(store)
        .openWriter(CLUSTER, HOLDER, Takeover.WHEN_SILENT, SMALL_PARTS);
  }

  /** Feeds the items, with a commit after every so many Completes, and at the end. */
  static void feed(RepositoryWriter writer, List<StreamItem> items, int revisionsPerCommit)
      throws IOException, InterruptedException {
    int completes = 0;
    for (StreamItem item : items) {
      writer.accept(item);
      if (item instanceof Complete && ++completes % revisionsPerCommit == 0) {
        writer.commit();
      }
    }
    writer.commit();
  }

  static void write(ObjectStore store, List<StreamItem> items, int revisionsPerCommit)
      throws IOException, InterruptedException {
    try (RepositoryWriter writer = writer(store)) {
      feed(writer, items, revisionsPerCommit);
    }
  }

  /** What is behind the position in these items: all of them where there is no base yet. */
  static List<StreamItem> behind(Position position, List<StreamItem> items) {
    if (position.end().isEmpty()) {
      return items;
    }
    Position.End end = position.end().get();
    int last = items.lastIndexOf(new Complete(end.revision(), end.at()));
    return items.subList(last + 1, items.size());
  }

  static List<StreamItem> read(ObjectStore store) throws IOException, InterruptedException {
    return read(source(store).openAtBase(Reason.INITIAL), StreamOrder.atBase());
  }

  /** The number of the newest entry. */
  static long lastSeq(ObjectStore store) throws IOException {
    return Repository.open(store).lastPosition(LINEAGE).orElseThrow().seq();
  }

  static RepositorySource source(ObjectStore store) throws IOException {
    Repository repository = Repository.open(store);
    return repository.source(repository.newest(CLUSTER).orElseThrow());
  }

  static List<StreamItem> read(RevisionStream stream, StreamOrder order)
      throws IOException, InterruptedException {
    List<StreamItem> items = new ArrayList<>();
    try (CheckedStream checked = new CheckedStream(stream, order)) {
      for (StreamItem item = checked.next(); !(item instanceof End); item = checked.next()) {
        items.add(item);
      }
    }
    return items;
  }

  /** The same objects in a store of their own. */
  static ObjectStore copyOf(ObjectStore store) throws IOException {
    ObjectStore copy = new MemoryObjectStore();
    Iterator<StoredObject> all = store.list("", "");
    while (all.hasNext()) {
      String name = all.next().name();
      try (InputStream in = store.read(name, 0, Integer.MAX_VALUE)) {
        copy.create(name, ByteString.readFrom(in));
      }
    }
    return copy;
  }

  /** Something that two do at the same time. */
  interface Work {
    void run() throws IOException, InterruptedException;
  }

  /** Work whose failure ends the test; one that asks to be repeated is passed over. */
  static Runnable repeatable(Work work) {
    return () -> {
      try {
        work.run();
      } catch (LodestoneException e) {
        // Somebody else was at it: nothing was lost, and the next run finishes the work.
        Assertions.assertThat(e.hint()).isNotEmpty();
      } catch (IOException | InterruptedException e) {
        throw new AssertionError(e);
      }
    };
  }

  /** Does both at once, on two threads. */
  static void together(Work one, Work other) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<?> first = threads.submit(repeatable(one));
      Future<?> second = threads.submit(repeatable(other));
      first.get(60, TimeUnit.SECONDS);
      second.get(60, TimeUnit.SECONDS);
    } finally {
      threads.shutdownNow();
    }
  }
}
