/**
 * The KV service. Writes are checked as etcd checks them before its log ({@link
 * io.lodestone.server.kv.RequestChecks}), then proposed; reads of one key are answered at once on
 * the thread that they arrive on, larger ones from a bounded pool. Start reading at {@link
 * io.lodestone.server.kv.KvService}.
 */
package io.lodestone.server.kv;
