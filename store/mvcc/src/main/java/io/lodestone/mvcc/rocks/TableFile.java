package io.lodestone.mvcc.rocks;

import java.nio.file.Path;
import java.util.Locale;
import org.rocksdb.EnvOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;

/** A table file that is written outside of a store, in the order of its keys. */
final class TableFile implements AutoCloseable {
  /** What was written goes to the disk piece by piece, not all of it at the end. */
  private static final long SYNCED_PIECE_BYTES = 1 << 20;

  private final Natives natives = new Natives();
  private final RowBuffers buffers;
  private final SstFileWriter writer;

  TableFile(Path file, RowBuffers buffers) throws RocksDBException {
    this.buffers = buffers;
    EnvOptions environment = natives.add(new EnvOptions()).setBytesPerSync(SYNCED_PIECE_BYTES);
    writer = natives.add(new SstFileWriter(environment, RocksOptions.tableFiles(natives)));
    try {
      writer.open(file.toString());
    } catch (RocksDBException e) {
      natives.close();
      throw e;
    }
  }

  /**
   * Where the {@code number}-th file of a family that is loaded stands until the store takes it.
   */
  static Path path(Path directory, Family family, int number) {
    String name = family.name().toLowerCase(Locale.ROOT);
    return directory.resolve("load-" + name + "-" + number + ".sst");
  }

  /** Of an array: the key, and the value behind it. */
  void put(byte[] bytes, int keyStart, int keyEnd, int valueEnd) throws RocksDBException {
    buffers.put(bytes, keyStart, keyEnd, valueEnd, writer);
  }

  void delete(byte[] key) throws RocksDBException {
    writer.delete(key);
  }

  /** When this returns, the file is whole and on disk. */
  void finish() throws RocksDBException {
    writer.finish();
  }

  @Override
  public void close() {
    natives.close();
  }
}
