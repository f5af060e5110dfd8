package io.lodestone.mvcc.compaction;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lodestone.revisions.digest.HashKv;
import java.util.List;
import java.util.Map.Entry;
import java.util.Optional;
import java.util.TreeMap;

/** The hashes of the last compactions, by their revisions, of which etcd keeps ten. Thread-safe. */
final class HashCache {
  private static final int MOST = 10;

  private final Object lock = new Object();

  @GuardedBy("lock")
  private final TreeMap<Long, HashKv> hashes = new TreeMap<>();

  void add(HashKv hash) {
    synchronized (lock) {
      hashes.put(hash.revision(), hash);
      while (hashes.size() > MOST) {
        Entry<Long, HashKv> oldest = hashes.firstEntry();
        hashes.remove(oldest.getKey());
      }
    }
  }

  /** The newest first. */
  List<HashKv> all() {
    synchronized (lock) {
      return List.copyOf(hashes.descendingMap().values());
    }
  }

  Optional<HashKv> at(long revision) {
    synchronized (lock) {
      return Optional.ofNullable(hashes.get(revision));
    }
  }
}
