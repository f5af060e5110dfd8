package io.lodestone.backup.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.lodestone.api.LodestoneException;
import io.prometheus.metrics.exporter.httpserver.MetricsHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/**
 * {@code /metrics} and {@code /health} on one port. Health is one line for each cluster; its status
 * is 503 while one of them fails, else 200. It says whether backups work, not whether to restart
 * the agent, which tries by itself.
 */
public final class StatusPort implements AutoCloseable {
  private static final int OK = 200;
  private static final int UNAVAILABLE = 503;

  private final HttpServer server;
  private final ExecutorService thread;

  private StatusPort(HttpServer server, ExecutorService thread) {
    this.server = server;
    this.thread = thread;
  }

  /** Serves from now on, one request at a time. */
  public static StatusPort open(InetSocketAddress address, AgentMetrics metrics) {
    HttpServer server = bind(address);
    ExecutorService thread =
        Executors.newSingleThreadExecutor(
            work -> {
              Thread made = new Thread(work, "agent-status");
              made.setDaemon(true);
              return made;
            });
    server.createContext("/metrics", new MetricsHandler(metrics.registry()));
    server.createContext("/health", exchange -> health(exchange, metrics));
    server.setExecutor(thread);
    server.start();
    return new StatusPort(server, thread);
  }

  private static HttpServer bind(InetSocketAddress address) {
    try {
      return HttpServer.create(address, 0);
    } catch (IOException e) {
      throw new LodestoneException(
          "cannot listen on " + address.getHostString() + ":" + address.getPort(),
          "is it in use, or not an address of this host? change 'listen' in the settings",
          e);
    }
  }

  /** Where it listens, with the port that it got. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  private static void health(HttpExchange exchange, AgentMetrics metrics) throws IOException {
    boolean failing =
        metrics.clusters().values().stream().anyMatch(one -> one.state() == State.FAILING);
    String lines =
        metrics.clusters().entrySet().stream()
            .map(entry -> line(entry.getKey(), entry.getValue()))
            .collect(Collectors.joining());
    byte[] body = lines.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
    exchange.sendResponseHeaders(failing ? UNAVAILABLE : OK, body.length == 0 ? -1 : body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  private static String line(String name, ClusterMetrics cluster) {
    String reason = cluster.reason().isEmpty() ? "" : ": " + cluster.reason();
    return name + " " + cluster.state().label() + reason + "\n";
  }

  @Override
  public void close() {
    server.stop(0);
    thread.shutdownNow();
  }
}
