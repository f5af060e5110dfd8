package io.lodestone.server;

import io.lodestone.etcdfile.db.DurableFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A cluster of stores inside this process, named m1, m2 and so on, on ports of loopback. Confined
 * to one thread.
 *
 * <pre>{@code
 * try (EmbeddedCluster cluster = EmbeddedCluster.of(3).start()) {
 *   Client client = Client.builder().endpoints(cluster.endpoints()).build();
 *   ...
 * }
 * }</pre>
 */
public final class EmbeddedCluster implements AutoCloseable {
  private final Plan plan;
  private final Path directory;
  private final Map<String, EmbeddedStore> running = new TreeMap<>();

  private EmbeddedCluster(Plan plan, Path directory) {
    this.plan = plan;
    this.directory = directory;
  }

  /** A cluster of so many members, in a temporary directory unless told otherwise. */
  public static Plan of(int members) {
    return new Plan(members);
  }

  /** How the cluster will be. Confined to one thread. */
  public static final class Plan {
    private final int members;
    private final List<String> flags = new ArrayList<>();
    private Optional<Path> folder = Optional.empty();
    private List<Integer> ports = List.of();

    private Plan(int members) {
      this.members = members;
    }

    /** Keeps the members' data below {@code directory}. */
    public Plan folder(Path directory) {
      folder = Optional.of(directory);
      return this;
    }

    /** Further flags of etcd for all members. */
    public Plan flags(String... more) {
      flags.addAll(List.of(more));
      return this;
    }

    /** When this returns, the members can be connected to; soon one of them leads. */
    public EmbeddedCluster start() throws IOException {
      ports = freePorts(2 * members);
      Path directory =
          folder.isPresent() ? folder.get() : Files.createTempDirectory("lodestone-cluster");
      EmbeddedCluster cluster = new EmbeddedCluster(this, directory);
      try {
        for (String name : cluster.names()) {
          cluster.start(name);
        }
      } catch (IOException | RuntimeException e) {
        cluster.close();
        throw e;
      }
      return cluster;
    }

    /** Free just now; all different. */
    private static List<Integer> freePorts(int count) throws IOException {
      List<ServerSocket> taken = new ArrayList<>();
      try {
        for (int i = 0; i < count; i++) {
          taken.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        }
        return taken.stream().map(ServerSocket::getLocalPort).toList();
      } finally {
        for (ServerSocket socket : taken) {
          socket.close();
        }
      }
    }
  }

  /** All members' names, running or not. */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    for (int i = 1; i <= plan.members; i++) {
      names.add("m" + i);
    }
    return names;
  }

  private String peerUrl(String name) {
    return "http://127.0.0.1:" + plan.ports.get(2 * names().indexOf(name));
  }

  /** Starts a member that is not running, on the data it has. */
  public void start(String name) throws IOException {
    String all =
        names().stream()
            .map(member -> member + "=" + peerUrl(member))
            .collect(Collectors.joining(","));
    EmbeddedStore.Builder store =
        EmbeddedStore.builder()
            .dataDir(directory.resolve(name))
            .port(plan.ports.get(2 * names().indexOf(name) + 1))
            .flags(
                "--name=" + name,
                "--listen-peer-urls=" + peerUrl(name),
                "--initial-advertise-peer-urls=" + peerUrl(name),
                "--initial-cluster=" + all)
            .flags(plan.flags.toArray(String[]::new));
    running.put(name, store.start());
  }

  /** Ends a member that runs; its data stay. */
  public void stop(String name) throws IOException {
    running.remove(name).close();
  }

  /** A member that runs. */
  public EmbeddedStore member(String name) {
    return running.get(name);
  }

  /** Of the members that run, for example {@code http://127.0.0.1:34567}. */
  public String[] endpoints() {
    return running.values().stream().map(EmbeddedStore::endpoint).toArray(String[]::new);
  }

  /** Stops all members; deletes the data where the directory was a temporary one. */
  @Override
  public void close() throws IOException {
    try (Closing closing = new Closing()) {
      running.values().forEach(closing::add);
    }
    running.clear();
    if (plan.folder.isEmpty()) {
      DurableFiles.deleteTree(directory);
    }
  }
}
