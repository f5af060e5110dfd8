package io.lodestone.etcdfile.bolt;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.Optional;

/**
 * A bucket of a {@link BoltFile}: a sorted map of keys to values, or to further buckets. Immutable;
 * each cursor is independent and may live on its own thread.
 */
public final class BoltBucket {
  private final RawFile file;
  private final Meta meta;
  private final long rootPage;
  private final long sequence;
  private final Optional<Page> inlineRoot;

  BoltBucket(RawFile file, Meta meta, long rootPage, long sequence, Optional<Page> inlineRoot) {
    this.file = file;
    this.meta = meta;
    this.rootPage = rootPage;
    this.sequence = sequence;
    this.inlineRoot = inlineRoot;
  }

  /** A cursor before the first entry. */
  public BoltCursor cursor() {
    return new BoltCursor(new PageReader(file, meta), rootPage, inlineRoot.orElse(null));
  }

  /** The value of {@code key}; empty where it is absent or names a bucket. */
  public Optional<ByteString> get(ByteString key) throws IOException {
    return find(key).filter(cursor -> !cursor.isBucket()).map(BoltCursor::value);
  }

  public Optional<BoltBucket> bucket(ByteString name) throws IOException {
    return find(name).filter(BoltCursor::isBucket).map(this::open);
  }

  /** The number that bbolt keeps beside each bucket; 0 in files of etcd. */
  public long sequence() {
    return sequence;
  }

  private BoltBucket open(BoltCursor cursor) {
    return cursor.bucketAt(
        (root, number) -> new BoltBucket(file, meta, root, number, Optional.empty()),
        (root, number) -> new BoltBucket(file, meta, 0, number, Optional.of(root)));
  }

  private Optional<BoltCursor> find(ByteString key) throws IOException {
    BoltCursor cursor = cursor();
    cursor.seek(key);
    return cursor.next() && cursor.key().equals(key) ? Optional.of(cursor) : Optional.empty();
  }
}
