/**
 * A migration's numbers for Prometheus: {@link io.lodestone.migrate.metrics.MetricsPort} serves
 * what the migration's directory tells, its journal and its status, and so what {@code migrate
 * status} prints. They are read anew for each scrape, on the port's thread.
 */
package io.lodestone.migrate.metrics;
