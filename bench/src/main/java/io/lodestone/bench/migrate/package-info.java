/**
 * What a move between clusters costs: how long writers wait, with many small writers and with
 * Kubernetes' objects; how fast revisions are repeated, beside {@code etcdctl make-mirror}; and
 * what memory a long backlog takes. {@code bench/migrate} runs it. Start at {@link
 * io.lodestone.bench.migrate.MigrateBench}.
 */
package io.lodestone.bench.migrate;
