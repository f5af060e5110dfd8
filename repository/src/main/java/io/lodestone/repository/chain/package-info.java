/**
 * The log of a lineage: entries whose names are only their numbers, created conditionally, each
 * holding the hash of the one before. That one mechanism gives order, commit and fencing.
 *
 * <p>Start at {@link EntryLog}. Nothing here keeps state between calls but what constructors say;
 * classes are confined to their caller's thread.
 */
package io.lodestone.repository.chain;
