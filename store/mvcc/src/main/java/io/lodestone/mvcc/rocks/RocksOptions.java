package io.lodestone.mvcc.rocks;

import java.util.ArrayList;
import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * RocksDB's options as this engine wants them; what each is for stands beside it. Everything native
 * goes to the {@link Natives} it was made with.
 */
final class RocksOptions {
  private static final int BLOOM_BITS = 10;
  private static final int OPEN_FILES = 512;
  private static final long WAL_BYTES = 64 << 20;
  private static final long WRITE_BUFFER_BYTES = 16 << 20;
  private static final int BLOCK_BYTES = 8 << 10;

  /** RocksDB's own: so many files are merged at once. */
  private static final int MERGED_FILES = 4;

  /**
   * The same while loading: so many that a load of a gigabyte has the processor for itself, and
   * what serves afterwards merges beside that.
   */
  private static final int LOADED_MERGED_FILES = 128;

  /**
   * RocksDB's own: what lies above each other is merged from so many bytes on too, however few
   * files they are.
   */
  private static final long LEVEL_BYTES = 256 << 20;

  /** A load waits where so many files of a family wait to be merged. */
  static final int LOADED_FILES = 192;

  /** So many slow writes down, or stop them: more than what a load leaves behind. */
  private static final int SLOWING_FILES = 224;

  private static final int STOPPING_FILES = 288;

  /** Of the cache, for each file that is merged: little, since a load leaves that many of them. */
  private static final long READAHEAD_SHARE = 512;

  private final Natives natives;
  private final RocksSettings settings;
  private final Cache cache;
  private final boolean loading;

  RocksOptions(Natives natives, RocksSettings settings) {
    this.natives = natives;
    this.settings = settings;
    this.cache = natives.add(new LRUCache(settings.cacheBytes()));
    this.loading = settings.use() == RocksSettings.Use.LOADING;
  }

  DBOptions database() {
    // Write buffers are charged to the cache, so that one number bounds both.
    WriteBufferManager buffers =
        natives.add(new WriteBufferManager(settings.cacheBytes() / 2, cache));
    return natives
        .add(new DBOptions())
        .setCreateIfMissing(true)
        .setCreateMissingColumnFamilies(true)
        .setParanoidChecks(true)
        .setWriteBufferManager(buffers)
        .setMaxOpenFiles(OPEN_FILES)
        // Families that are seldom written would otherwise keep old logs, which are read at open.
        .setMaxTotalWalSize(WAL_BYTES)
        .setMaxBackgroundJobs(2)
        // Not charged to the cache, so that it has to be in proportion.
        .setCompactionReadaheadSize(settings.cacheBytes() / READAHEAD_SHARE)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setKeepLogFileNum(2)
        .setStatsDumpPeriodSec(0)
        .setStatsPersistPeriodSec(0);
  }

  /** The default family first, which RocksDB insists on and we leave empty; then ours, in order. */
  List<ColumnFamilyDescriptor> families() {
    List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
    descriptors.add(
        new ColumnFamilyDescriptor(
            RocksDB.DEFAULT_COLUMN_FAMILY,
            // After a full disk, RocksDB waits until the largest write buffer would fit.
            natives.add(new ColumnFamilyOptions()).setWriteBufferSize(WRITE_BUFFER_BYTES)));
    for (Family family : Family.values()) {
      descriptors.add(new ColumnFamilyDescriptor(family.nameBytes(), family()));
    }
    return descriptors;
  }

  private ColumnFamilyOptions family() {
    BlockBasedTableConfig table =
        table(natives)
            .setBlockCache(cache)
            .setCacheIndexAndFilterBlocks(true)
            .setCacheIndexAndFilterBlocksWithHighPriority(true)
            .setPinL0FilterAndIndexBlocksInCache(true);
    int files = smallerFiles();
    return natives
        .add(new ColumnFamilyOptions())
        .setTableFormatConfig(table)
        .setWriteBufferSize(WRITE_BUFFER_BYTES)
        .setLevel0FileNumCompactionTrigger(loading ? LOADED_MERGED_FILES : MERGED_FILES * files)
        .setMaxBytesForLevelBase(loading ? LOADED_MERGED_FILES * WRITE_BUFFER_BYTES : LEVEL_BYTES)
        .setLevel0SlowdownWritesTrigger(SLOWING_FILES * files)
        .setLevel0StopWritesTrigger(STOPPING_FILES * files)
        .setCompressionType(CompressionType.LZ4_COMPRESSION)
        .setBottommostCompressionType(
            loading ? CompressionType.LZ4_COMPRESSION : CompressionType.ZSTD_COMPRESSION);
  }

  /**
   * How many times smaller than a full write buffer what goes to a file is, since all buffers share
   * half of the cache: that many more files are merged at once, or the same rows would be rewritten
   * as many times more often.
   */
  private int smallerFiles() {
    return (int) Math.max(1, WRITE_BUFFER_BYTES / (settings.cacheBytes() / 2));
  }

  /** For table files that are written outside of a store. */
  static Options tableFiles(Natives natives) {
    return natives
        .add(new Options())
        .setTableFormatConfig(table(natives).setNoBlockCache(true))
        .setCompressionType(CompressionType.LZ4_COMPRESSION);
  }

  private static BlockBasedTableConfig table(Natives natives) {
    return new BlockBasedTableConfig()
        .setBlockSize(BLOCK_BYTES)
        .setFilterPolicy(natives.add(new BloomFilter(BLOOM_BITS)))
        .setFormatVersion(6);
  }
}
