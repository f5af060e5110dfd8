/**
 * Metrics under etcd's own names, wherever they mean the same here, so that dashboards and alerts
 * made for etcd work. {@link io.lodestone.server.metrics.ServerMetrics} is the list. Counting costs
 * an addition; everything else is asked when somebody looks.
 */
package io.lodestone.server.metrics;
