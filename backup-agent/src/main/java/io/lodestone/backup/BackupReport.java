package io.lodestone.backup;

import io.lodestone.repository.Lineage;
import java.time.Duration;

/**
 * What one run of an agent achieved.
 *
 * @param resumedAt the revision it continued behind; 0 where it began with a base
 * @param durable the last durable revision
 * @param records how many records this run made durable
 * @param bytes their values, as stored by etcd
 * @param bases how many bases were among them
 */
public record BackupReport(
    Lineage lineage,
    long resumedAt,
    long durable,
    long records,
    long bytes,
    long bases,
    Duration elapsed) {}
