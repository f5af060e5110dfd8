package io.lodestone.peers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One etcd process: its name, its two ports, its data directory. May be killed and started again.
 * Confined to one thread.
 */
public final class EtcdMember implements AutoCloseable {
  private final EtcdRelease release;
  private final String name;
  private final int clientPort;
  private final int peerPort;
  private final Path dataDir;
  private final List<String> flags;
  private ChildProcess process;

  EtcdMember(
      EtcdRelease release,
      String name,
      int clientPort,
      int peerPort,
      Path dataDir,
      List<String> flags) {
    this.release = release;
    this.name = name;
    this.clientPort = clientPort;
    this.peerPort = peerPort;
    this.dataDir = dataDir;
    this.flags = new ArrayList<>(flags);
  }

  public String name() {
    return name;
  }

  public Path dataDir() {
    return dataDir;
  }

  /** {@code host:port} of the client port. */
  public String endpoint() {
    return "127.0.0.1:" + clientPort;
  }

  /** Where it listens to other members. */
  public String peerUrl() {
    return scheme("--peer-cert-file") + "://127.0.0.1:" + peerPort;
  }

  /** Whether clients have to speak TLS with it. */
  boolean isSecured() {
    return scheme("--cert-file").equals("https");
  }

  /** Whether anybody takes connections at its client port. */
  boolean listens() {
    try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), clientPort)) {
      return probe.isConnected();
    } catch (IOException e) {
      return false; // nobody does, or not yet
    }
  }

  private String scheme(String certificate) {
    return flags.stream().anyMatch(flag -> flag.startsWith(certificate)) ? "https" : "http";
  }

  /** Starts the process; returns before it answers. */
  public void start() throws IOException {
    Path logs = dataDir.resolveSibling(dataDir.getFileName() + ".log");
    process = ChildProcess.start(command(), Map.of(), logs);
  }

  private List<String> command() {
    String clientUrl = scheme("--cert-file") + "://127.0.0.1:" + clientPort;
    List<String> command = new ArrayList<>(List.of(release.etcd().toString()));
    command.addAll(List.of("--name", name, "--data-dir", dataDir.toString()));
    command.addAll(
        List.of("--listen-client-urls", clientUrl, "--advertise-client-urls", clientUrl));
    command.addAll(List.of("--listen-peer-urls", peerUrl()));
    command.addAll(List.of("--logger", "zap", "--log-level", "warn"));
    command.addAll(flags);
    return command;
  }

  public boolean isAlive() {
    return process != null && process.isAlive();
  }

  /** SIGKILL. */
  public void kill() {
    process.kill();
  }

  /** What the process has logged; useful when it does not come up. */
  public String log() throws IOException {
    Path logs = dataDir.resolveSibling(dataDir.getFileName() + ".log");
    return Files.exists(logs) ? Files.readString(logs) : "";
  }

  @Override
  public void close() {
    if (process != null) {
      process.close();
    }
  }
}
