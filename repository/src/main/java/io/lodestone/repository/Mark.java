package io.lodestone.repository;

import java.time.Instant;

/**
 * A revision that somebody asked to keep, whatever the retention. Immutable.
 *
 * @param markedAt by the clock of who marked it
 */
public record Mark(long revision, Instant markedAt) {}
