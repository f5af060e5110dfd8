/**
 * How the keyspace lies in the families {@code revisions}, {@code head} and {@code index}, and how
 * ranges are read from them: the newest state from {@code head}, the past through {@code index}.
 * Start reading at {@link Keys}, then {@link Ranges}. Everything here is immutable or confined to
 * one thread, and only reads.
 */
package io.lodestone.mvcc.keyspace;
