package io.lodestone.restore.gardener;

import io.lodestone.api.LodestoneException;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.StoredObject;
import io.lodestone.revisions.RevisionSource;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StopAt;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The chain of one cluster as a source: the newest snapshot at or below the revision that is asked
 * for, and the events behind it. Whatever lies in the directories below the store's address counts
 * as that one cluster's. Thread-safe.
 *
 * <p>The chain has less than a repository: leases, users and roles are those of the snapshot. Keys
 * that were put on a lease that is not among these keep no lease, as Gardener's own restore has it.
 */
public final class GardenerSource implements RevisionSource {
  private final ObjectStore store;
  private final Path spoolDirectory;
  private final OptionalLong until;

  /**
   * @param store stays the caller's to close
   * @param spoolDirectory where objects are unpacked, one at a time
   */
  public GardenerSource(ObjectStore store, Path spoolDirectory) {
    this(store, spoolDirectory, OptionalLong.empty());
  }

  private GardenerSource(ObjectStore store, Path spoolDirectory, OptionalLong until) {
    this.store = store;
    this.spoolDirectory = spoolDirectory;
    this.until = until;
  }

  /** The same chain, cut at main revision {@code revision}. */
  public GardenerSource at(long revision) {
    return new GardenerSource(store, spoolDirectory, OptionalLong.of(revision));
  }

  /**
   * The same chain, cut at the last main revision that etcd-backup-restore had received at {@code
   * time}, by its clock. Fails where the chain tells nothing of that time.
   */
  public GardenerSource at(Instant time) throws IOException {
    return at(new ChainClock(store, spoolDirectory, list()).revisionAt(time));
  }

  @Override
  public RevisionStream openAtBase(Reason reason) throws IOException, InterruptedException {
    List<ChainObject> chain = chain(list());
    RevisionStream stream = ChainStream.open(store, spoolDirectory, chain, reason);
    return until.isPresent() ? new StopAt(stream, until.getAsLong()) : stream;
  }

  /** A chain is read from a snapshot on: this is a base again. */
  @Override
  public RevisionStream openAfter(long revision) throws IOException, InterruptedException {
    return openAtBase(Reason.INITIAL);
  }

  private List<ChainObject> list() throws IOException {
    List<ChainObject> objects = new ArrayList<>();
    Iterator<StoredObject> listed = store.list("", "");
    while (listed.hasNext()) {
      StoredObject next = listed.next();
      ChainObject.of(next.name(), next.sizeBytes()).ifPresent(objects::add);
    }
    objects.sort(
        Comparator.comparingLong(ChainObject::lastRevision).thenComparing(ChainObject::created));
    return objects;
  }

  /** The snapshot, and the events that are needed behind it. */
  private List<ChainObject> chain(List<ChainObject> objects) {
    Optional<ChainObject> full =
        objects.stream()
            .filter(
                object -> object.full() && object.lastRevision() <= until.orElse(Long.MAX_VALUE))
            .reduce((older, newer) -> newer)
            .or(() -> objects.stream().filter(ChainObject::full).findFirst());
    if (full.isEmpty()) {
      throw new LodestoneException(
          "there is no snapshot of etcd-backup-restore at " + store.location(),
          "give the address above the directories v1 or v2, in which objects Full-... are");
    }
    List<ChainObject> chain = new ArrayList<>(List.of(full.get()));
    objects.stream()
        .filter(object -> !object.full() && object.lastRevision() > full.get().lastRevision())
        .filter(object -> object.firstRevision() <= until.orElse(Long.MAX_VALUE))
        .sorted(
            Comparator.comparingLong(ChainObject::firstRevision)
                .thenComparingLong(ChainObject::lastRevision))
        .forEach(chain::add);
    return chain;
  }
}
