package io.lodestone.restore.keys;

/**
 * What came of a restore of keys, or would.
 *
 * @param selected keys that the source has
 * @param same those that the cluster has already
 * @param created keys that were missing
 * @param overwritten keys that had another value
 * @param deleted keys that the source does not have
 * @param kept keys with another value that were left as they are
 * @param extra keys that the source does not have and that were left as they are
 * @param leased keys that were left out because they hung on a lease
 * @param raced keys that somebody else changed between the comparison and the write; left as they
 *     are
 * @param leases granted anew
 */
public record KeyRestoreReport(
    long selected,
    long same,
    long created,
    long overwritten,
    long deleted,
    long kept,
    long extra,
    long leased,
    long raced,
    long leases) {}
