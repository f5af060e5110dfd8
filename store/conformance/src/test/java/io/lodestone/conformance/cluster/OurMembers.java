package io.lodestone.conformance.cluster;

import io.lodestone.conformance.StoreProcess;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.FreePorts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Processes of our store that are one cluster. */
final class OurMembers implements Members {
  private final Path folder;
  private final List<Integer> ports;
  private final int count;
  private final ChildProcess[] processes;

  private OurMembers(Path folder, int count) {
    this.folder = folder;
    this.count = count;
    this.ports = FreePorts.take(2 * count);
    this.processes = new ChildProcess[count];
  }

  static OurMembers start(Path folder, int count) throws IOException {
    OurMembers members = new OurMembers(folder, count);
    for (int i = 0; i < count; i++) {
      members.start(i);
    }
    return members;
  }

  private String peerUrl(int index) {
    return "http://127.0.0.1:" + ports.get(2 * index);
  }

  @Override
  public void start(int index) throws IOException {
    String client = "http://" + endpoints().get(index);
    String all =
        IntStream.range(0, count)
            .mapToObj(i -> "m" + i + "=" + peerUrl(i))
            .collect(Collectors.joining(","));
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx192m"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(StoreProcess.class.getName(), "--name", "m" + index));
    command.addAll(List.of("--data-dir", folder.resolve("m" + index).toString()));
    command.addAll(List.of("--listen-client-urls", client, "--advertise-client-urls", client));
    command.addAll(List.of("--listen-peer-urls", peerUrl(index)));
    command.addAll(List.of("--initial-advertise-peer-urls", peerUrl(index)));
    command.addAll(List.of("--initial-cluster", all, "--snapshot-count", "500"));
    processes[index] = ChildProcess.start(command, Map.of(), folder.resolve("m" + index + ".log"));
  }

  @Override
  public List<String> endpoints() {
    return IntStream.range(0, count).mapToObj(i -> "127.0.0.1:" + ports.get(2 * i + 1)).toList();
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
  public void close() {
    for (ChildProcess process : processes) {
      if (process != null) {
        process.kill();
      }
    }
  }
}
