/**
 * Locks and elections on the server's side, by the recipes of etcd's concurrency package: whoever
 * wants something puts a key {@code <name>/<lease in hex>}, and has it once every key under {@code
 * <name>/} that was created earlier is gone. Start reading at {@link
 * io.lodestone.server.concurrency.Queue}.
 *
 * <p>Thread-safe; nothing waits on a thread.
 */
package io.lodestone.server.concurrency;
