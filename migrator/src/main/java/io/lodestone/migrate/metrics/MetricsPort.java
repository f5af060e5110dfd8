package io.lodestone.migrate.metrics;

import io.lodestone.api.LodestoneException;
import io.lodestone.migrate.MigrationDirectory;
import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves {@code /metrics} of one migration. Thread-safe. */
public final class MetricsPort implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MetricsPort.class);

  private final HTTPServer server;

  private MetricsPort(HTTPServer server) {
    this.server = server;
  }

  /**
   * Serves from now on, one request at a time.
   *
   * @param port 0 for any that is free
   */
  public static MetricsPort open(String host, int port, MigrationDirectory directory) {
    PrometheusRegistry registry = new PrometheusRegistry();
    registry.register(new MigrationMetrics(directory, Clock.systemUTC()));
    ExecutorService thread =
        Executors.newSingleThreadExecutor(
            work -> {
              Thread made = new Thread(work, "migrate-metrics");
              made.setDaemon(true);
              return made;
            });
    try {
      HTTPServer server =
          HTTPServer.builder()
              .hostname(host)
              .port(port)
              .executorService(thread)
              .registry(registry)
              .buildAndStart();
      log.atInfo()
          .addKeyValue("host", host)
          .addKeyValue("port", server.getPort())
          .log("/metrics is served");
      return new MetricsPort(server);
    } catch (IOException e) {
      thread.shutdown();
      throw new LodestoneException(
          "cannot listen on " + host + ":" + port,
          "is it in use, or not an address of this host? change --listen",
          e);
    }
  }

  /** The port that it got. */
  public int port() {
    return server.getPort();
  }

  @Override
  public void close() {
    server.close(); // and its thread with it
  }
}
