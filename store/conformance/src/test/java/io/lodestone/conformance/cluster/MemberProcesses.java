package io.lodestone.conformance.cluster;

import io.lodestone.conformance.StoreProcess;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.FreePorts;
import io.lodestone.peers.JavaProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Processes that are one cluster: of our store, or of stock etcd to see that the test is right. */
final class MemberProcesses implements Members {
  private static final boolean ENCRYPTED = Boolean.getBoolean("lodestone.cluster.tls");

  private final List<String> program;
  private final Path folder;
  private final Surroundings surroundings;
  private final List<String> flags;
  private final Set<Integer> newcomers = new HashSet<>();
  private final List<Integer> ports;
  private final int count;
  private final int founders;
  private final ChildProcess[] processes;

  private MemberProcesses(
      List<String> program,
      Path folder,
      int count,
      int founders,
      Surroundings surroundings,
      List<String> flags) {
    this.program = program;
    this.folder = folder;
    this.count = count;
    this.founders = founders;
    this.surroundings = surroundings;
    this.flags = flags;
    this.ports = FreePorts.take(2 * count);
    this.processes = new ChildProcess[count];
  }

  /**
   * @param release of stock etcd; empty for our store
   * @param flags for all members, besides those of their places
   */
  static MemberProcesses start(
      Path folder,
      int count,
      Optional<EtcdRelease> release,
      Surroundings surroundings,
      String... flags)
      throws IOException {
    MemberProcesses members =
        new MemberProcesses(program(release), folder, count, count, surroundings, List.of(flags));
    for (int i = 0; i < count; i++) {
      members.start(i);
    }
    return members;
  }

  /**
   * A new cluster of the first {@code founders}; the others of {@code count} may join it later.
   *
   * @param release of stock etcd; empty for our store
   */
  static MemberProcesses startFounders(
      Path folder, int founders, int count, Optional<EtcdRelease> release) throws IOException {
    MemberProcesses members =
        new MemberProcesses(
            program(release), folder, count, founders, Surroundings.PLAIN, List.of());
    for (int i = 0; i < count; i++) {
      if (i < founders) {
        members.start(i);
      } else {
        members.newcomers.add(i);
      }
    }
    return members;
  }

  private static List<String> program(Optional<EtcdRelease> release) {
    return release
        .map(stock -> List.of(stock.etcd().toString()))
        .orElseGet(() -> JavaProgram.command(StoreProcess.class, List.of("-Xmx192m")));
  }

  private String host(int index) {
    return surroundings.network().map(some -> some.host(index + 1)).orElse("127.0.0.1");
  }

  private Path data(int index) {
    return index == 0 && surroundings.disk().isPresent()
        ? surroundings.disk().get().root().resolve("m0")
        : folder.resolve("m" + index);
  }

  @Override
  public String peerUrl(int index) {
    return (ENCRYPTED ? "https://" : "http://") + host(index) + ":" + ports.get(2 * index);
  }

  @Override
  public void start(int index) throws IOException {
    String client = "http://" + endpoints().get(index);
    String all =
        IntStream.range(0, newcomers.contains(index) ? count : founders)
            .mapToObj(i -> "m" + i + "=" + peerUrl(i))
            .collect(Collectors.joining(","));
    List<String> command =
        new ArrayList<>(
            surroundings.network().map(some -> some.within(index + 1)).orElse(List.of()));
    command.addAll(program);
    command.addAll(List.of("--name", "m" + index));
    command.addAll(List.of("--data-dir", data(index).toString()));
    command.addAll(List.of("--listen-client-urls", client, "--advertise-client-urls", client));
    command.addAll(List.of("--listen-peer-urls", peerUrl(index)));
    command.addAll(List.of("--initial-advertise-peer-urls", peerUrl(index)));
    command.addAll(List.of("--initial-cluster", all, "--snapshot-count", "500"));
    command.add("--peer-auto-tls=" + ENCRYPTED);
    command.addAll(
        List.of("--initial-cluster-state", newcomers.contains(index) ? "existing" : "new"));
    command.addAll(flags);
    Map<String, String> environment =
        surroundings.clocks().isPresent()
            ? surroundings.clocks().get().environment(index)
            : Map.of();
    processes[index] =
        ChildProcess.start(command, environment, folder.resolve("m" + index + ".log"));
  }

  @Override
  public List<String> endpoints() {
    return IntStream.range(0, count).mapToObj(i -> host(i) + ":" + ports.get(2 * i + 1)).toList();
  }

  @Override
  public void kill(int index) {
    processes[index].kill();
  }

  @Override
  public long pid(int index) {
    return processes[index].pid();
  }

  @Override
  public boolean isAlive(int index) {
    return processes[index].isAlive();
  }

  @Override
  public void forget(int index) throws IOException {
    newcomers.add(index);
    try (Stream<Path> files = Files.walk(data(index))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Override
  public void close() {
    for (ChildProcess process : processes) {
      if (process != null) {
        process.kill();
      }
    }
  }
}
