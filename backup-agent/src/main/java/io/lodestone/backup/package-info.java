/**
 * When and what to back up. {@link BackupAgent} joins a living cluster to a repository: one base,
 * then the tail, sealed in short intervals, for as long as it is let; start there.
 *
 * <p>An agent runs on the thread that calls it. The package {@code daemon} runs many, by settings
 * and schedules.
 */
package io.lodestone.backup;
