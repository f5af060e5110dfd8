package io.lodestone.etcdfile.bolt;

import io.lodestone.api.CorruptDataException;
import io.lodestone.api.TruncatedDataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A bbolt database, opened for reading: a member's {@code db}, or a snapshot file of etcd with its
 * trailer.
 *
 * <p>The file must not change meanwhile. Nothing is mapped and nothing is cached: memory is that of
 * the cursors, whatever the file's size. The freelist is not read. Thread-safe.
 */
public final class BoltFile implements AutoCloseable {
  private static final int TRAILER_BYTES = 32;
  private static final int TRAILER_ALIGNMENT = 512;

  /** Small enough to stay in the processor's cache between reading and hashing. */
  private static final int DIGEST_BUFFER_BYTES = 64 << 10;

  private final RawFile file;
  private final Meta meta;

  private BoltFile(RawFile file, Meta meta) {
    this.file = file;
    this.meta = meta;
  }

  /**
   * Opens {@code path} at its newest valid transaction. {@link CorruptDataException} without a
   * valid meta page, {@link TruncatedDataException} where pages are missing at the end.
   */
  public static BoltFile open(Path path) throws IOException {
    RawFile file = RawFile.open(path);
    try {
      Meta meta = new MetaFinder(file).find();
      requireAllPages(file, meta);
      return new BoltFile(file, meta);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static void requireAllPages(RawFile file, Meta meta) {
    if (meta.pages() < Layout.FIRST_DATA_PAGE
        || meta.pages() > Long.MAX_VALUE / Layout.MAX_PAGE_BYTES) {
      throw new CorruptDataException(
          file + ": its meta page counts " + Long.toUnsignedString(meta.pages()) + " pages",
          "the database is damaged; use another copy");
    }
    long needed = meta.pages() * meta.pageSize();
    if (needed > file.size()) {
      throw new TruncatedDataException(
          file + " has " + file.size() + " bytes of the " + needed + " that its meta page counts",
          "the copy was cut short; copy the file again, or use another one");
    }
  }

  /** The bucket of all buckets. */
  public BoltBucket root() {
    return new BoltBucket(file, meta, meta.rootPage(), 0, Optional.empty());
  }

  public int pageSize() {
    return meta.pageSize();
  }

  /** The id of the transaction at which the file was opened. */
  public long txid() {
    return meta.txid();
  }

  /** The bytes of the database's pages: without a trailer, or the reserve of a living member. */
  public long databaseBytes() {
    return meta.pages() * meta.pageSize();
  }

  /** The file's bytes, trailer included. */
  public long sizeBytes() {
    return file.size();
  }

  /** Whether the file ends with the SHA-256 that etcd appends to a snapshot. */
  public boolean hasTrailer() {
    return file.size() % TRAILER_ALIGNMENT == TRAILER_BYTES;
  }

  /**
   * Reads the whole file once and compares it with its trailer. A file without one is {@link
   * TruncatedDataException}: it is either a member's database, or a snapshot cut short.
   */
  public void verifyTrailer() throws IOException {
    if (!hasTrailer()) {
      throw new TruncatedDataException(
          file + " of " + file.size() + " bytes does not end with a snapshot's checksum",
          "a copy of a member's database has none: skip this check for it; else copy the file again");
    }
    long end = file.size() - TRAILER_BYTES;
    byte[] computed = digest(end);
    byte[] stored = file.read(end, TRAILER_BYTES);
    if (!Arrays.equals(computed, stored)) {
      throw new CorruptDataException(
          file
              + ": SHA-256 of its first "
              + end
              + " bytes is "
              + HexFormat.of().formatHex(computed)
              + ", its trailer says "
              + HexFormat.of().formatHex(stored),
          "the snapshot was changed after it was taken; use another one");
    }
  }

  private byte[] digest(long end) throws IOException {
    MessageDigest sha256 = sha256();
    ByteBuffer buffer = ByteBuffer.allocateDirect(DIGEST_BUFFER_BYTES);
    for (long at = 0; at < end; at += buffer.limit()) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), end - at));
      file.fill(buffer, at);
      sha256.update(buffer.flip());
    }
    return sha256.digest();
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
