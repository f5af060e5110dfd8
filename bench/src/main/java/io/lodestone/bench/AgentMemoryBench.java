package io.lodestone.bench;

import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.FreePorts;
import io.lodestone.peers.S3Server;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Lets {@code lodestone backup agent}, with the heap that the launcher gives it, take a base of
 * more than a GiB, follow many changes, and then compact, verify, drill and make a base of them.
 *
 * <p>Arguments: the folder to work in, the number of keys of 1 KiB, and of changes, and the
 * repository: {@code s3} or {@code minio} for an S3Proxy of its own, by either client, or the
 * address of an empty one; files in the folder by default. Exit code 0 when the agent lived through
 * all of it within its memory, and no task failed.
 */
public final class AgentMemoryBench {
  private static final int VALUE_BYTES = 1024;
  private static final double MOST_MIB = 256;
  private static final Duration PATIENCE = Duration.ofMinutes(30);
  private static final List<String> TASKS =
      List.of("compact", "expire", "verify", "drill", "synthesize");
  private static final String CLUSTER = "large";

  private final Path folder;
  private final PrintStream out;
  private final URI metrics = URI.create("http://127.0.0.1:" + FreePorts.take() + "/metrics");
  private final HttpClient http = HttpClient.newHttpClient();

  private AgentMemoryBench(Path folder, PrintStream out) throws IOException {
    this.folder = folder;
    this.out = out;
  }

  /** A server for the agent's objects, where the repository is not somewhere else already. */
  private record Place(Optional<S3Server> server, String repository) implements AutoCloseable {
    static Place of(String kind, Path folder) throws IOException, InterruptedException {
      if (!kind.equals("s3") && !kind.equals("minio")) {
        return new Place(Optional.empty(), kind);
      }
      S3Server server = S3Server.start(Files.createDirectories(folder.resolve("s3")));
      String host = URI.create(server.endpoint()).getAuthority();
      return new Place(
          Optional.of(server),
          kind.equals("s3")
              ? "s3://" + server.bucket() + "/bench?endpoint=" + server.endpoint()
              : "minio://" + host + "/" + server.bucket() + "/bench?tls=false");
    }

    Map<String, String> environment() {
      return server
          .map(
              s ->
                  Map.of(
                      "AWS_ACCESS_KEY_ID", s.accessKey(), "AWS_SECRET_ACCESS_KEY", s.secretKey()))
          .orElse(Map.of());
    }

    @Override
    public void close() {
      server.ifPresent(S3Server::close);
    }
  }

  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(System.getProperty("lodestone.home", ".")).toAbsolutePath().normalize();
    Path folder =
        Path.of(arguments.length > 0 ? arguments[0] : "bench/target/agent")
            .toAbsolutePath()
            .normalize();
    int keys = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1_000_000;
    int events = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 500_000;
    String repository =
        arguments.length > 3 ? arguments[3] : "file:" + folder.resolve("repository");
    Files.createDirectories(folder);
    AgentMemoryBench bench = new AgentMemoryBench(folder, System.out);
    boolean kept;
    try (Place place = Place.of(repository, folder)) {
      kept = bench.run(home.resolve("lodestone"), place, keys, events);
    }
    System.exit(kept ? 0 : 1);
  }

  private boolean run(Path lodestone, Place place, int keys, int events) throws Exception {
    EtcdCluster.Plan plan =
        EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("source"))
            .flags("--quota-backend-bytes=17179869184");
    try (EtcdCluster source = plan.start()) {
      Load load = new Load(source.channel(0));
      load.fill(keys, VALUE_BYTES, 128);
      List<String> command =
          List.of(
              lodestone.toString(),
              "backup",
              "agent",
              "--config",
              settings(source, place.repository()).toString());
      out.printf(
          Locale.ROOT,
          "%s: %d keys of %d bytes, %d changes%n",
          place.repository(),
          keys,
          VALUE_BYTES,
          events);
      out.println("| what | seconds | peak memory so far |");
      out.println("|---|---|---|");
      try (ChildProcess agent =
          ChildProcess.start(command, place.environment(), folder.resolve("agent.log"))) {
        long begun = System.nanoTime();
        await(agent, "durable_revision{cluster=\"" + CLUSTER + "\"}", 2);
        tell("base", begun, agent);
        begun = System.nanoTime();
        load.fill(events, 100, 1);
        await(agent, "durable_revision{cluster=\"" + CLUSTER + "\"}", revision(keys, events));
        tell("tail", begun, agent);
        begun = System.nanoTime();
        double since = Instant.now().getEpochSecond();
        for (String task : TASKS) {
          await(agent, "task_success_timestamp_seconds{" + labels(task) + "}", since);
          tell("task " + task, begun, agent);
        }
        double failures = 0;
        for (String task : TASKS) {
          failures += Math.max(0, metric("task_failures_total{" + labels(task) + "}"));
        }
        double most = mebibytes(agent);
        out.printf(
            Locale.ROOT,
            "%.0f tasks failed; %.0f MiB resident at most, %.0f are allowed%n",
            failures,
            most,
            MOST_MIB);
        return agent.isAlive() && failures == 0 && most <= MOST_MIB;
      }
    }
  }

  private static double revision(int keys, int events) {
    return 1 + Math.ceil(keys / 128.0) + events;
  }

  private static String labels(String task) {
    return "cluster=\"" + CLUSTER + "\",task=\"" + task + "\"";
  }

  private Path settings(EtcdCluster source, String repository) throws IOException {
    return Files.writeString(
        folder.resolve("agent.yaml"),
        String.join(
            "\n",
            "agent-id: bench",
            "listen: " + metrics.getAuthority(),
            "spool-directory: " + folder.resolve("spool"),
            "clusters:",
            "  " + CLUSTER + ":",
            "    source: {endpoints: " + source.endpoints() + "}",
            "    repository: '" + repository + "'",
            "    keep: any point for 48 h",
            "    schedules:",
            "      compact: '0/30 * * * * ?'",
            "      expire: '10 * * * * ?'",
            "      verify: '20 0/2 * * * ?'",
            "      drill: '40 0/2 * * * ?'",
            "      synthesize: '50 0/3 * * * ?'",
            ""));
  }

  /** Until the metric is that much; fails where the agent has died. */
  private void await(ChildProcess agent, String series, double least)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (metric(series) < least) {
      if (!agent.isAlive() || System.nanoTime() > deadline) {
        throw new IOException(series + " has not come to " + least + ":\n" + agent.output());
      }
      TimeUnit.SECONDS.sleep(1);
    }
  }

  /** -1 where it cannot be read, or is not there. */
  private double metric(String name) throws InterruptedException {
    String series = "lodestone_agent_" + name + " ";
    try {
      return http.send(
              HttpRequest.newBuilder(metrics).timeout(Duration.ofSeconds(30)).build(),
              HttpResponse.BodyHandlers.ofString())
          .body()
          .lines()
          .filter(line -> line.startsWith(series))
          .mapToDouble(line -> Double.parseDouble(line.substring(series.length())))
          .findFirst()
          .orElse(-1);
    } catch (IOException e) {
      // The agent is starting, busy or dead, which whoever waits finds out.
      return -1;
    }
  }

  private void tell(String what, long begun, ChildProcess agent) {
    out.printf(
        Locale.ROOT,
        "| %s | %.1f | %.0f MiB |%n",
        what,
        (System.nanoTime() - begun) / 1e9,
        mebibytes(agent));
  }

  private static double mebibytes(ChildProcess agent) {
    return Run.highWaterMark(agent.pid()) / 1048576.0;
  }
}
