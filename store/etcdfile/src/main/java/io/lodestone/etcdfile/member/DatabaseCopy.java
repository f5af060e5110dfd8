package io.lodestone.etcdfile.member;

import io.lodestone.etcdfile.bolt.BackgroundSync;
import io.lodestone.etcdfile.bolt.BoltWriter;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A copy of a database that is still being written. Its pages are written once and for all, but for
 * the first ones, so that they are copied, and brought to disk, before the database is finished.
 * Confined to one thread.
 */
final class DatabaseCopy implements AutoCloseable {
  private final Path original;
  private final Path path;
  private final FileChannel channel;
  private final BackgroundSync sync;
  private long copied = BoltWriter.META_BYTES;

  /** {@code path} does not exist yet. */
  DatabaseCopy(Path original, Path path) throws IOException {
    this.original = original;
    this.path = path;
    this.channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    this.sync = new BackgroundSync(path, channel);
  }

  /** The database was begun anew. */
  void beginAnew() {
    copied = BoltWriter.META_BYTES;
  }

  /** Copies what is there by now. */
  void catchUp() throws IOException {
    try (FileChannel from = FileChannel.open(original, StandardOpenOption.READ)) {
      copyFrom(from, copied, from.size());
      copied = Math.max(copied, from.size());
    }
  }

  /** The database is finished. When this returns, so is the copy, and on disk. */
  void finish() throws IOException {
    try (FileChannel from = FileChannel.open(original, StandardOpenOption.READ)) {
      copyFrom(from, copied, from.size());
      copyFrom(from, 0, BoltWriter.META_BYTES);
      channel.truncate(from.size());
    }
    sync.finish();
  }

  private void copyFrom(FileChannel from, long start, long end) throws IOException {
    try {
      channel.position(start);
      for (long at = start; at < end; ) {
        at += from.transferTo(at, end - at, channel);
      }
    } catch (IOException e) {
      throw new IOException("cannot write " + path + ": " + e.getMessage(), e);
    }
    sync.written(Math.max(0, end - start));
  }

  @Override
  public void close() throws IOException {
    sync.close();
    channel.close();
  }
}
