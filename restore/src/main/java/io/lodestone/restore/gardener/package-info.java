/**
 * Backups of Gardener's etcd-backup-restore, read only, for those who come from there: a snapshot
 * of etcd ({@code Full}) and what a watch showed behind it ({@code Incr}), as objects in a bucket
 * or directory. Start at {@link io.lodestone.restore.gardener.GardenerSource}. The format's facts
 * are from github.com/gardener/etcd-backup-restore, its documents and the packages snapstore,
 * snapshotter and compressor. Confined to one thread.
 */
package io.lodestone.restore.gardener;
