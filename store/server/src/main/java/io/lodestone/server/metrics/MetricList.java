package io.lodestone.server.metrics;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;

/** Registers metrics whose values are asked for when somebody looks. */
final class MetricList {
  private final PrometheusRegistry registry;
  private final List<String> bare = new CopyOnWriteArrayList<>();

  MetricList(PrometheusRegistry registry) {
    this.registry = registry;
  }

  void gauge(String name, String help, DoubleSupplier value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(registry);
  }

  /** A gauge of 1 whose label tells something. */
  void fact(String name, String help, String label, String value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames(label)
        .callback(callback -> callback.call(1, value))
        .register(registry);
  }

  /** A histogram whose bounds double from {@code first} on. */
  DistributionDataPoint histogram(String name, String help, double first, int bounds) {
    return histograms(name, help, Buckets.doubling(first, bounds));
  }

  /** One histogram for each combination of labels. */
  Histogram histograms(String name, String help, double[] bounds, String... labels) {
    return Histogram.builder()
        .name(name)
        .help(help)
        .labelNames(labels)
        .classicOnly()
        .classicUpperBounds(bounds)
        .withoutExemplars()
        .register(registry);
  }

  /** One count for each combination of labels; its name ends in {@code _total}. */
  Counter counters(String name, String help, String... labels) {
    return Counter.builder()
        .name(name)
        .help(help)
        .labelNames(labels)
        .withoutExemplars()
        .register(registry);
  }

  /** A count whose name does not end in {@code _total}, as some of etcd's; see {@link #spell}. */
  void bareCounter(String name, String help, DoubleSupplier value) {
    bare.add(name);
    counter(name, help, value);
  }

  /** One such count for each combination of labels. */
  Counter bareCounters(String name, String help, String... labels) {
    bare.add(name);
    return counters(name, help, labels);
  }

  /** One gauge for each combination of labels. */
  Gauge gauges(String name, String help, String... labels) {
    return Gauge.builder().name(name).help(help).labelNames(labels).register(registry);
  }

  /** All metrics in Prometheus' text format. */
  String print() {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try {
      PrometheusTextFormatWriter.create()
          .write(text, registry.scrape(), EscapingScheme.UNDERSCORE_ESCAPING);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory cannot fail", e);
    }
    return spell(text.toString(StandardCharsets.UTF_8));
  }

  /** Takes the ending away that the library gives to every counter, where etcd has none. */
  private String spell(String text) {
    String spelled = text;
    for (String name : bare) {
      spelled = spelled.replace(name + "_total", name);
    }
    return spelled;
  }

  void counter(String name, String help, DoubleSupplier value) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(registry);
  }
}
