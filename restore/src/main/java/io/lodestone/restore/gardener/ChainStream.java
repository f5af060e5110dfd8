package io.lodestone.restore.gardener;

import io.lodestone.api.LeaseId;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.Revision;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.etcdfile.db.SnapshotFileSource;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.restore.gardener.DeltaEvents.Event;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A snapshot and the events behind it as one stream. The snapshot may hold revisions that the first
 * events tell again; these are passed over. Confined to one reader.
 */
final class ChainStream implements RevisionStream {
  private final ObjectStore store;
  private final Path directory;
  private final Deque<ChainObject> waiting;
  private final Unpacked snapshot;
  private final Set<LeaseId> leases = new HashSet<>();
  private Optional<RevisionStream> base;
  private Optional<DeltaEvents> delta = Optional.empty();

  /** Given away once what comes behind it is known. */
  private Optional<Event> last = Optional.empty();

  private final Deque<StreamItem> ready = new ArrayDeque<>();
  private long complete;

  /** What the objects before have told; no revision is in two of them but as a repetition. */
  private long told;

  private long sub;

  private ChainStream(
      ObjectStore store,
      Path directory,
      Deque<ChainObject> waiting,
      Unpacked snapshot,
      RevisionStream base) {
    this.store = store;
    this.directory = directory;
    this.waiting = waiting;
    this.snapshot = snapshot;
    this.base = Optional.of(base);
  }

  /**
   * @param chain the snapshot first
   */
  static ChainStream open(ObjectStore store, Path directory, List<ChainObject> chain, Reason reason)
      throws IOException, InterruptedException {
    Unpacked snapshot = Unpacked.of(store, chain.get(0), directory);
    boolean opened = false;
    try {
      RevisionStream base = SnapshotFileSource.verified(snapshot.file()).openAtBase(reason);
      opened = true;
      Deque<ChainObject> deltas = new ArrayDeque<>(chain.subList(1, chain.size()));
      return new ChainStream(store, directory, deltas, snapshot, base);
    } finally {
      if (!opened) {
        snapshot.close();
      }
    }
  }

  @Override
  public Optional<StreamItem> poll(Duration maxWait) throws IOException, InterruptedException {
    while (ready.isEmpty()) {
      if (base.isPresent()) {
        takeFromBase(base.get());
      } else {
        takeFromDeltas();
      }
    }
    return Optional.of(ready.remove());
  }

  private void takeFromBase(RevisionStream stream) throws IOException, InterruptedException {
    StreamItem item = stream.next();
    if (item instanceof End) {
      stream.close();
      snapshot.close();
      base = Optional.empty();
      return;
    }
    if (item instanceof LeaseState lease) {
      leases.add(lease.id());
    } else if (item instanceof Complete mark) {
      complete = mark.revision();
    }
    ready.add(item);
  }

  private void takeFromDeltas() throws IOException {
    Optional<Event> next = nextEvent();
    boolean revisionEnds =
        last.isPresent() && next.map(event -> revision(event) > revision(last.get())).orElse(true);
    if (revisionEnds) {
      complete = revision(last.get());
      sub = 0;
      ready.add(new Complete(complete, last.get().at()));
    }
    last = next;
    if (next.isEmpty()) {
      ready.add(new End());
      return;
    }
    ready.add(record(next.get()));
  }

  private static long revision(Event event) {
    return event.keyValue().getModRevision();
  }

  /** The next event that tells something new; empty at the end of the chain. */
  private Optional<Event> nextEvent() throws IOException {
    while (true) {
      if (delta.isEmpty()) {
        if (waiting.isEmpty()) {
          return Optional.empty();
        }
        delta = Optional.of(DeltaEvents.open(Unpacked.of(store, waiting.remove(), directory)));
      }
      Optional<Event> event = delta.get().next();
      if (event.isEmpty()) {
        delta.get().close();
        delta = Optional.empty();
        told = last.map(ChainStream::revision).orElse(complete);
      } else if (revision(event.get()) > Math.max(complete, told)) {
        return event;
      }
    }
  }

  private RevisionRecord record(Event event) {
    long expected = complete + 1;
    if (revision(event) != expected) {
      throw new LodestoneException(
          "the chain has revision " + revision(event) + " where " + expected + " is awaited",
          "an Incr object is missing: restore with --to-revision " + complete + " or below");
    }
    KeyValue row = event.keyValue();
    Revision revision = new Revision(expected, sub++);
    if (event.deleted()) {
      return RevisionRecord.delete(revision, row.getKey());
    }
    boolean leased = row.getLease() != 0 && leases.contains(new LeaseId(row.getLease()));
    return RevisionRecord.put(revision, leased ? row : row.toBuilder().clearLease().build());
  }

  @Override
  public void close() throws IOException {
    try {
      if (base.isPresent()) {
        base.get().close();
      }
      if (delta.isPresent()) {
        delta.get().close();
      }
    } finally {
      snapshot.close();
    }
  }
}
