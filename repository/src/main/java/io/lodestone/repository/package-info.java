/**
 * Backups of etcd clusters in an object store: the revision log itself, cut into sealed entries.
 * The format and its promises are in {@code docs/formats/repository.md}.
 *
 * <p>Start at {@link Repository}. {@link RepositoryWriter} is the sink of a backup, {@link
 * RepositorySource} the source of a restore, {@link Contents} looks inside without one. Writers and
 * streams are confined to one thread at a time, everything else here is immutable or thread-safe.
 */
package io.lodestone.repository;
