package io.lodestone.mvcc.rocks;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.rocksdb.EnvOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;

/** A table file that is written outside of a store, in the order of its keys. */
final class TableFile implements AutoCloseable {
  /** What was written goes to the disk piece by piece, not all of it at the end. */
  private static final long SYNCED_PIECE_BYTES = 1 << 20;

  /** Longer rows go another way, with a copy more. */
  private static final int BUFFER_BYTES = 64 << 10;

  private final Natives natives = new Natives();
  private final ByteBuffer keyBuffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final ByteBuffer valueBuffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final SstFileWriter writer;

  TableFile(Path file) throws RocksDBException {
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

  void put(ByteString key, ByteString value) throws RocksDBException {
    if (key.size() > BUFFER_BYTES || value.size() > BUFFER_BYTES) {
      writer.put(key.toByteArray(), value.toByteArray());
      return;
    }
    key.copyTo(keyBuffer.clear());
    value.copyTo(valueBuffer.clear());
    writer.put(keyBuffer.flip(), valueBuffer.flip());
  }

  /** Of an array: the key, and the value behind it. */
  void put(byte[] bytes, int keyStart, int keyEnd, int valueEnd) throws RocksDBException {
    int keySize = keyEnd - keyStart;
    int valueSize = valueEnd - keyEnd;
    if (keySize > BUFFER_BYTES || valueSize > BUFFER_BYTES) {
      writer.put(
          Arrays.copyOfRange(bytes, keyStart, keyEnd), Arrays.copyOfRange(bytes, keyEnd, valueEnd));
      return;
    }
    keyBuffer.clear().put(bytes, keyStart, keySize);
    valueBuffer.clear().put(bytes, keyEnd, valueSize);
    writer.put(keyBuffer.flip(), valueBuffer.flip());
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
