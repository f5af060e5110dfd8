package io.lodestone.mvcc.rocks;

/**
 * How much a store may take. Immutable.
 *
 * @param cacheBytes for cached blocks, filters and write buffers together
 */
public record RocksSettings(long cacheBytes) {
  private static final long LEAST_CACHE = 8 << 20;

  public RocksSettings {
    if (cacheBytes < LEAST_CACHE) {
      throw new IllegalArgumentException(
          "a cache of " + cacheBytes + " bytes is below the least of " + LEAST_CACHE);
    }
  }
}
