package io.lodestone.etcdfile.bolt;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a bbolt database from start to end in one pass. Buckets may be filled in any order and in
 * turns; the keys of each must ascend. Memory does not depend on the amount of data: one page per
 * level of each bucket's tree, and one output buffer.
 *
 * <p>The meta pages come last, so a file that was not finished is not a database. Without {@link
 * #finish} the caller deletes what {@link #close} leaves behind. Confined to one thread.
 */
public final class BoltWriter implements AutoCloseable {
  public static final int DEFAULT_PAGE_SIZE = 4096;

  /** The transaction a fresh file claims to come from; the other meta page has the one before. */
  public static final long FRESH_TXID = 2;

  /** What lies before the first page that is written once and for all. */
  public static final long META_BYTES = Layout.FIRST_DATA_PAGE * DEFAULT_PAGE_SIZE;

  private static final int OUTPUT_BUFFER_BYTES = 256 << 10;

  /** Small enough to stay in the processor's cache between reading and hashing. */
  private static final int DIGEST_BUFFER_BYTES = 64 << 10;

  private final Path path;
  private final FileChannel channel;
  private final BackgroundSync sync;
  private final PageOutput out;
  private final PageAppender appender;
  private final Map<ByteString, BucketWriter> buckets =
      new TreeMap<>(ByteString.unsignedLexicographicalComparator());

  private BoltWriter(Path path, FileChannel channel, int pageSize) {
    this.path = path;
    this.channel = channel;
    this.sync = new BackgroundSync(path, channel);
    this.out =
        new PageOutput(
            this::writeAt,
            Layout.FIRST_DATA_PAGE * pageSize,
            ByteBuffer.allocateDirect(OUTPUT_BUFFER_BYTES));
    this.appender = new PageAppender(out, pageSize);
  }

  /** Creates or empties {@code path}; its pages have 4096 bytes. */
  public static BoltWriter create(Path path) throws IOException {
    return create(path, DEFAULT_PAGE_SIZE);
  }

  /** Creates or empties {@code path}. */
  public static BoltWriter create(Path path, int pageSize) throws IOException {
    if (!Layout.isPageSize(pageSize)) {
      throw new IllegalArgumentException(
          "page size " + pageSize + " is not a power of two from 512 to 16 MiB");
    }
    FileChannel channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    return new BoltWriter(path, channel, pageSize);
  }

  /** The top-level bucket {@code name}, which is made at the first call, empty or not. */
  public BucketWriter bucket(String name) {
    return buckets.computeIfAbsent(
        ByteString.copyFromUtf8(name),
        key -> new BucketWriter(new TreeBuilder(appender, PageBuilder.leaf())));
  }

  /** Bytes written so far. */
  public long sizeBytes() {
    return out.position();
  }

  /** When this returns, the database is complete and on disk. */
  public void finish() throws IOException {
    writeTrees();
    sync.finish();
  }

  /**
   * As {@link #finish}, and the file ends with the SHA-256 of all its bytes, as etcd's snapshots
   * do. Since the meta pages are known last and hashed first, this reads the file back once.
   */
  public void finishWithTrailer() throws IOException {
    writeTrees();
    writeAt(ByteBuffer.wrap(digest()), channel.size());
    sync.finish();
  }

  private void writeTrees() throws IOException {
    TreeBuilder root = new TreeBuilder(appender, PageBuilder.leafOfBuckets());
    for (Map.Entry<ByteString, BucketWriter> bucket : buckets.entrySet()) {
      root.add(bucket.getKey(), bucket.getValue().finish());
    }
    long rootPage = root.finish();
    out.flush();
    writeMeta(
        0, new Meta(Layout.VERSION, appender.pageSize(), rootPage, appender.pages(), FRESH_TXID));
    writeMeta(
        1,
        new Meta(Layout.VERSION, appender.pageSize(), rootPage, appender.pages(), FRESH_TXID - 1));
  }

  private void writeMeta(int page, Meta meta) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(appender.pageSize()).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(page).putShort((short) Layout.META).putShort((short) 0).putInt(0);
    bytes.put(meta.encode());
    writeAt(bytes.rewind(), (long) page * appender.pageSize());
  }

  private void writeAt(ByteBuffer bytes, long position) throws IOException {
    long at = position;
    try {
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
    } catch (IOException e) {
      throw new IOException("cannot write " + path + ": " + e.getMessage(), e);
    }
    sync.written(at - position);
  }

  private byte[] digest() throws IOException {
    MessageDigest sha256 = BoltFile.sha256();
    ByteBuffer buffer = ByteBuffer.allocateDirect(DIGEST_BUFFER_BYTES);
    long at = 0;
    for (int read = channel.read(buffer, at); read >= 0; read = channel.read(buffer, at)) {
      at += read;
      sha256.update(buffer.flip());
      buffer.clear();
    }
    return sha256.digest();
  }

  /** Closes the file; harmless after {@link #finish}. */
  @Override
  public void close() throws IOException {
    sync.close();
    channel.close();
  }

  @Override
  public String toString() {
    return path.toString();
  }

  /** One bucket being filled. */
  public static final class BucketWriter {
    private final TreeBuilder tree;
    private long sequence;

    private BucketWriter(TreeBuilder tree) {
      this.tree = tree;
    }

    /** {@code key} must be above every key put before. The bytes are kept by reference. */
    public void put(ByteString key, ByteString value) throws IOException {
      tree.add(key, value);
    }

    /** Sets the number that bbolt keeps beside each bucket; etcd never uses its own. */
    public void sequence(long value) {
      sequence = value;
    }

    /** The bucket's value in the root tree: small buckets lie within it. */
    private ByteString finish() throws IOException {
      return tree.fitsInline() ? inline() : header(tree.finish());
    }

    private ByteString header(long rootPage) {
      ByteBuffer header = ByteBuffer.allocate(Layout.BUCKET_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      return ByteString.copyFrom(header.putLong(rootPage).putLong(sequence).flip());
    }

    private ByteString inline() throws IOException {
      return header(0).concat(tree.onlyLeaf().image());
    }
  }
}
