package io.lodestone.mvcc.rocks;

/**
 * How much a store may take, and how it is used. Immutable.
 *
 * @param cacheBytes for cached blocks, filters and write buffers together
 * @param use what it is opened for
 */
public record RocksSettings(long cacheBytes, Use use) {
  /** What a store is opened for. */
  public enum Use {
    /** Reads and writes as they come. */
    SERVING,
    /**
     * Many rows before the first read: more files may lie above each other, and are compressed
     * lightly. What serves afterwards merges the rest.
     */
    LOADING
  }

  private static final long LEAST_CACHE = 8 << 20;

  public RocksSettings {
    if (cacheBytes < LEAST_CACHE) {
      throw new IllegalArgumentException(
          "a cache of " + cacheBytes + " bytes is below the least of " + LEAST_CACHE);
    }
  }

  public static RocksSettings serving(long cacheBytes) {
    return new RocksSettings(cacheBytes, Use.SERVING);
  }

  public static RocksSettings loading(long cacheBytes) {
    return new RocksSettings(cacheBytes, Use.LOADING);
  }
}
