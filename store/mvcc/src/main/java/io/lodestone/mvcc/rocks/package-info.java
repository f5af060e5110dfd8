/**
 * RocksDB, and the only place that knows it: native memory lives behind the few {@code
 * AutoCloseable}s of this package and never leaves it. Start reading at {@link RocksStore}.
 *
 * <p>Bytes go in and come out as {@code ByteString}. Everything that was opened must be closed
 * before the store is; the store checks, since natively a wrong order is a crash of the process.
 */
package io.lodestone.mvcc.rocks;
