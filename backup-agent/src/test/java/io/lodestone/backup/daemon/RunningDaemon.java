package io.lodestone.backup.daemon;

import static org.awaitility.Awaitility.await;

import io.lodestone.backup.config.AgentConfigFile;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * A daemon in this process, with its settings in a file of its own and its port read as a client.
 */
final class RunningDaemon implements AutoCloseable {
  private final Path file;
  private final AgentDaemon daemon;

  /**
   * @param lines the settings, without {@code listen} and {@code spool-directory}
   */
  RunningDaemon(Path folder, String agentId, String... lines) throws IOException {
    this(folder, agentId, Clock.systemUTC(), lines);
  }

  /** The same by a clock of the caller's, but for the schedules. */
  RunningDaemon(Path folder, String agentId, Clock clock, String... lines) throws IOException {
    Files.createDirectories(folder);
    this.file = folder.resolve(agentId + ".yaml");
    write(agentId, folder, lines);
    this.daemon =
        AgentDaemon.start(new AgentConfigFile(file, Map.of()), clock, QuartzSchedules.start());
  }

  private void write(String agentId, Path folder, String... lines) throws IOException {
    String head =
        String.join(
            "\n",
            "agent-id: " + agentId,
            "listen: 127.0.0.1:0",
            "spool-directory: " + folder.resolve("spool-" + agentId),
            "");
    Files.writeString(file, head + String.join("\n", lines));
  }

  void reload(Path folder, String agentId, String... lines) throws Exception {
    write(agentId, folder, lines);
    daemon.reload();
  }

  int port() {
    return daemon.statusAddress().orElseThrow().getPort();
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + port() + path);
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  /** One series, for example {@code lodestone_agent_durable_revision{cluster="a"}}. */
  OptionalDouble metric(String series) throws IOException, InterruptedException {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst();
  }

  List<String> metrics() throws IOException, InterruptedException {
    return get("/metrics").body().lines().toList();
  }

  void awaitMetric(String series, double least) {
    await()
        .atMost(Duration.ofSeconds(40))
        .pollInterval(Duration.ofMillis(100))
        .untilAsserted(
            () -> {
              OptionalDouble now = metric(series);
              if (now.orElse(Double.NEGATIVE_INFINITY) < least) {
                throw new AssertionError(
                    series + " is " + now + ", not yet " + least + "; " + get("/health").body());
              }
            });
  }

  void awaitDurable(String cluster, long revision) {
    double least = (double) revision;
    awaitMetric("lodestone_agent_durable_revision{cluster=\"" + cluster + "\"}", least);
  }

  void awaitState(String cluster, String state) {
    awaitMetric("lodestone_agent_state{cluster=\"" + cluster + "\",state=\"" + state + "\"}", 1);
  }

  /** In order; closing it again is harmless. */
  void stop() {
    daemon.close();
  }

  @Override
  public void close() {
    stop();
  }
}
