package io.lodestone.peers;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real S3 server (S3Proxy) in a process of its own, on a free loopback port, with one bucket. It
 * checks signatures and keeps its objects as files below a directory of the caller, so they survive
 * a restart. Confined to one thread.
 */
public final class S3Server implements AutoCloseable {
  /** System property that names the directory with the server's jars. */
  public static final String LIB_PROPERTY = "lodestone.s3proxy.lib";

  private static final Path LIB_IN_PROJECT = Path.of("peers", "s3proxy", "target", "lib");
  private static final String ACCESS_KEY = "lodestone";
  private static final String SECRET_KEY = "lodestone-secret";
  private static final String BUCKET = "backups";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long ASK_EVERY_MILLIS = 100;

  private final ChildProcess process;
  private final String endpoint;

  private S3Server(ChildProcess process, String endpoint) {
    this.process = process;
    this.endpoint = endpoint;
  }

  /**
   * Starts the server; returns when it answers. Its log is {@code s3proxy.log} in the directory.
   */
  public static S3Server start(Path directory) throws IOException, InterruptedException {
    Path buckets = directory.resolve("buckets");
    Files.createDirectories(buckets.resolve(BUCKET));
    String endpoint = "http://127.0.0.1:" + FreePorts.take();
    Path properties = directory.resolve("s3proxy.properties");
    Files.write(
        properties,
        List.of(
            "s3proxy.endpoint=" + endpoint,
            "s3proxy.authorization=aws-v2-or-v4",
            "s3proxy.identity=" + ACCESS_KEY,
            "s3proxy.credential=" + SECRET_KEY,
            "jclouds.provider=filesystem-nio2",
            "jclouds.filesystem.basedir=" + buckets.toAbsolutePath()));
    ChildProcess process =
        ChildProcess.start(command(properties), Map.of(), directory.resolve("s3proxy.log"));
    S3Server server = new S3Server(process, endpoint);
    boolean up = false;
    try {
      server.awaitAnswer();
      up = true;
      return server;
    } finally {
      if (!up) {
        server.close();
      }
    }
  }

  private static List<String> command(Path properties) throws IOException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    return List.of(
        java.toString(),
        "-Xmx192m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        library() + "/*",
        "org.gaul.s3proxy.Main",
        "--properties",
        properties.toString());
  }

  private static Path library() throws IOException {
    String named = System.getProperty(LIB_PROPERTY);
    if (named != null) {
      return Path.of(named);
    }
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (hasJars(at.resolve(LIB_IN_PROJECT))) {
        return at.resolve(LIB_IN_PROJECT);
      }
    }
    throw new IOException(
        "the S3 server's jars are not in "
            + LIB_IN_PROJECT
            + ": build the module peers/s3proxy, or name their directory with -D"
            + LIB_PROPERTY);
  }

  private static boolean hasJars(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.anyMatch(file -> file.toString().endsWith(".jar"));
    }
  }

  private void awaitAnswer() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!answers()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new IOException("the S3 server did not come up: " + process.output());
      }
      TimeUnit.MILLISECONDS.sleep(ASK_EVERY_MILLIS);
    }
  }

  /** Any answer will do: without a signature it is a refusal. */
  private boolean answers() throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(endpoint)).timeout(Duration.ofSeconds(2)).build();
    try {
      HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.discarding());
      return true;
    } catch (IOException e) {
      return false; // not listening yet
    }
  }

  /** {@code http://127.0.0.1:port}. */
  public String endpoint() {
    return endpoint;
  }

  public String accessKey() {
    return ACCESS_KEY;
  }

  public String secretKey() {
    return SECRET_KEY;
  }

  /** The bucket that exists from the start. */
  public String bucket() {
    return BUCKET;
  }

  public long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    process.kill();
  }
}
