package io.lodestone.mvcc.apply;

import com.google.protobuf.ByteString;
import io.lodestone.auth.AuthRows;
import io.lodestone.mvcc.compaction.AcceptedCompaction;
import io.lodestone.mvcc.keyspace.AuthKeys;
import io.lodestone.mvcc.keyspace.Head;
import io.lodestone.mvcc.keyspace.Keys;
import io.lodestone.mvcc.keyspace.NewestKeys;
import io.lodestone.mvcc.keyspace.PastKeys;
import io.lodestone.mvcc.keyspace.Standing;
import io.lodestone.mvcc.log.Change;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.mvcc.rocks.Mutations;
import io.lodestone.mvcc.rocks.RocksStore;
import io.lodestone.mvcc.rocks.Rows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a batch of entries changes, until it is written as one. Where an entry has to read what only
 * storage can answer (the past, the keys of a lease), the part before it is written first; each
 * part carries the index up to which it is complete, so that a crash between two parts does no
 * harm.
 */
public final class Draft implements AuthRows {
  private final RocksStore store;
  private final Rows rows;
  private final Mutations mutations;
  private final Overlay keys;
  private final List<Change> changes = new ArrayList<>();
  private final List<AcceptedCompaction> compactions = new ArrayList<>();
  private Standing standing;
  private Standing written;

  public Draft(RocksStore store, Standing standing) {
    this.store = store;
    this.rows = store.latest();
    this.mutations = store.newMutations();
    this.keys = new Overlay(new NewestKeys(rows));
    this.standing = standing;
    this.written = standing;
  }

  /** Where the store stands after the entries applied so far. */
  public Standing standing() {
    return standing;
  }

  void advanceTo(Standing next) {
    standing = next;
  }

  long revision() {
    return standing.revision();
  }

  /** The keys after the changes made so far. */
  Keys keys() {
    return keys;
  }

  Optional<Head> head(ByteString key) {
    return keys.get(key);
  }

  /** The keys at a revision below the current one, or at it before a transaction's own changes. */
  Keys at(long revision) {
    if (revision > written.revision()) {
      throw new IllegalStateException(
          "revision " + revision + " is read, but only " + written.revision() + " is written");
    }
    return new PastKeys(rows, revision);
  }

  /** Makes everything applied so far readable from storage. Between entries only. */
  Rows settled() {
    if (!mutations.isEmpty()) {
      try {
        write(false);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return rows;
  }

  /** Like {@link #settled}, where {@code revision} is not in storage yet. */
  void settle(long revision) {
    if (revision > written.revision() && revision <= standing.revision()) {
      settled();
    }
  }

  void putHead(Head head) {
    keys.put(head.key(), head);
    mutations.put(Family.HEAD, head.key(), head.stored());
  }

  void deleteHead(ByteString key) {
    keys.delete(key);
    mutations.delete(Family.HEAD, key);
  }

  void put(Family family, ByteString key, ByteString value) {
    mutations.put(family, key, value);
  }

  void delete(Family family, ByteString key) {
    mutations.delete(family, key);
  }

  @Override
  public void put(Bucket bucket, ByteString key, ByteString value) {
    put(Family.AUTH, AuthKeys.of(bucket, key), value);
  }

  @Override
  public void delete(Bucket bucket, ByteString key) {
    delete(Family.AUTH, AuthKeys.of(bucket, key));
  }

  /** What the database takes, as etcd's quota sees it. */
  long sizeBytes() {
    return store.sizeBytes() + mutations.sizeBytes();
  }

  void changed(Change change) {
    changes.add(change);
  }

  /** The changes since the last call, in order. */
  public List<Change> takeChanges() {
    List<Change> taken = List.copyOf(changes);
    changes.clear();
    return taken;
  }

  void compacted(long revision) {
    compactions.add(new AcceptedCompaction(standing.compactRevision(), revision));
    advanceTo(standing.compactedAt(revision));
  }

  /** The compactions accepted since the last call, in order. */
  public List<AcceptedCompaction> takeCompactions() {
    List<AcceptedCompaction> taken = List.copyOf(compactions);
    compactions.clear();
    return taken;
  }

  /** When this returns, everything applied is stored; on disk, if {@code durably}. */
  public void write(boolean durably) throws IOException {
    standing.writeTo(mutations);
    if (durably) {
      store.writeDurably(mutations);
    } else {
      store.write(mutations);
    }
    mutations.clear();
    keys.clear();
    written = standing;
  }
}
