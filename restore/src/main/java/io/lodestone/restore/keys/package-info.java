/**
 * Selected keys of any source, put back into a living cluster by its public API. {@link
 * io.lodestone.restore.keys.SelectedKeys} is their state at one revision, on disk; {@link
 * io.lodestone.restore.keys.KeyRestore} compares it with the cluster and writes what is missing,
 * each write guarded by what was seen. Start there. Confined to the calling thread.
 */
package io.lodestone.restore.keys;
