package io.lodestone.repository;

/**
 * What copying one lineage did. Immutable.
 *
 * @param entries how many entries and spans were stored
 * @param objects all objects that were stored, and {@code bytes} their size
 * @param present parts that an earlier copy, which did not come to its end, had stored already
 * @param lastSeq where the copy ends now; 0 where there is nothing to copy
 * @param revision the last one that the copy has, 0 where it has no base yet
 */
public record CopyReport(
    long entries, long objects, long bytes, long present, long lastSeq, long revision) {}
