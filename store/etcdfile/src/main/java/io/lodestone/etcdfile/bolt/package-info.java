/**
 * bbolt files: pages, trees, buckets, read and written without mapping them.
 *
 * <p>Start at {@link io.lodestone.etcdfile.bolt.BoltFile} for reading and {@link
 * io.lodestone.etcdfile.bolt.BoltWriter} for writing; the numbers of the format stand in {@code
 * Layout}. Invariants: no length found in a file is believed before it was compared with the file's
 * size; memory is bounded by the largest page, never by the file. Files and buckets are
 * thread-safe, cursors and writers confined to one thread.
 */
package io.lodestone.etcdfile.bolt;
