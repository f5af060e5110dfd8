package io.lodestone.replica.raft;

/**
 * A place in the log. Immutable.
 *
 * @param index 0 for the beginning, before the first entry
 * @param term of the leader that proposed the entry there
 */
public record Position(long index, long term) {}
