package io.lodestone.backup.daemon;

import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.FlakyHttpProxy;
import io.lodestone.peers.JavaProgram;
import io.lodestone.peers.NetworkLink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An agent as a process, with ways of its own to the object store and to each member of its source,
 * which can be spoiled. Confined to one thread.
 */
final class LifeAgent implements AutoCloseable {
  private final Path folder;
  private final String name;
  private final FastClock clock;
  private final List<String> cluster;
  private final FlakyHttpProxy store;
  private final List<NetworkLink> source = new ArrayList<>();
  private int moves;
  private ChildProcess process;

  /**
   * @param endpoints of the source
   * @param cluster its settings, but for the source; one line each
   */
  LifeAgent(
      Path folder,
      String name,
      FastClock clock,
      FlakyHttpProxy store,
      List<String> endpoints,
      List<String> cluster)
      throws IOException {
    this.folder = folder;
    this.name = name;
    this.clock = clock;
    this.cluster = List.copyOf(cluster);
    this.store = store;
    for (String endpoint : endpoints) {
      source.add(NetworkLink.to(endpoint));
    }
    this.process = started();
  }

  private ChildProcess started() throws IOException {
    String id = name + "-" + moves;
    List<String> lines = new ArrayList<>();
    lines.add("agent-id: " + id);
    lines.add("spool-directory: " + folder.resolve("spool-" + id));
    lines.add("clusters:");
    lines.add("  prod:");
    lines.add(
        "    source: {command-timeout: 3s, endpoints: "
            + source.stream().map(NetworkLink::endpoint).toList()
            + "}");
    cluster.forEach(line -> lines.add("    " + line));
    Path settings = folder.resolve(id + ".yaml");
    Files.write(settings, lines);
    return ChildProcess.start(
        JavaProgram.command(
            FastAgent.class,
            List.of(
                "-Xmx224m",
                "-Xshare:auto",
                "-Dhttp.proxyHost=127.0.0.1",
                "-Dhttp.proxyPort=" + store.port(),
                "-Dhttp.nonProxyHosts="),
            settings.toString(),
            clock.toString()),
        Map.of(),
        log());
  }

  private Path log() {
    return folder.resolve(name + ".log");
  }

  FlakyHttpProxy store() {
    return store;
  }

  void silenceSource() {
    source.forEach(NetworkLink::silence);
  }

  void cutSource() {
    source.forEach(NetworkLink::cut);
  }

  void healSource() {
    source.forEach(NetworkLink::heal);
  }

  void kill() {
    process.kill();
  }

  void restart() throws IOException {
    process = started();
  }

  /** Under another name, with another directory: on another machine, so to speak. */
  void restartElsewhere() throws IOException {
    moves++;
    restart();
  }

  /** Stops its time, as a machine does that is moved. */
  void pause() throws IOException, InterruptedException {
    signal("STOP");
  }

  void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String what) throws IOException, InterruptedException {
    int code =
        new ProcessBuilder("kill", "-" + what, Long.toString(process.pid())).start().waitFor();
    if (code != 0) {
      throw new IOException("kill -" + what + " ended with " + code);
    }
  }

  String output() throws IOException {
    return process.output();
  }

  /** SIGTERM. */
  void stop() {
    process.close();
  }

  @Override
  public void close() throws IOException {
    stop();
    store.close();
    for (NetworkLink link : source) {
      link.close();
    }
  }
}
