/**
 * The engine: etcd's keyspace with its history, leases, alarms, users and members on RocksDB. Start
 * reading at {@link Engine}; {@code docs/formats/engine.md} gives the bytes, {@code docs/adr/0004}
 * says why its commands are etcd's own.
 *
 * <p>The apply thread is the only writer. Readers use an {@link EngineView}, which does not change
 * under them.
 */
package io.lodestone.mvcc;
