package io.lodestone.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A network namespace for every member, on one bridge; needs root. */
final class Namespaces {
  private static final String BRIDGE = "lodestone-t";
  private final int size;

  Namespaces(int size) throws IOException, InterruptedException {
    this.size = size;
    remove();
    run("ip", "link", "add", BRIDGE, "type", "bridge");
    run("ip", "link", "set", BRIDGE, "up");
    for (int id = 1; id <= size; id++) {
      run("ip", "netns", "add", name(id));
      run("ip", "link", "add", link(id), "type", "veth", "peer", "name", "eth0", "netns", name(id));
      run("ip", "link", "set", link(id), "master", BRIDGE, "up");
      run("ip", "-n", name(id), "addr", "add", host(id) + "/24", "dev", "eth0");
      run("ip", "-n", name(id), "link", "set", "eth0", "up");
      run("ip", "-n", name(id), "link", "set", "lo", "up");
    }
  }

  private static String name(int id) {
    return BRIDGE + id;
  }

  private static String link(int id) {
    return "lodet" + id;
  }

  String host(int id) {
    return "10.203.77." + id;
  }

  /** What puts a command into the namespace of a member. */
  List<String> within(int id) {
    return List.of("ip", "netns", "exec", name(id));
  }

  /** Everything from and to the member is lost from now on, without anybody being told. */
  void cut(int id) throws IOException, InterruptedException {
    run("ip", "link", "set", link(id), "down");
  }

  void mend(int id) throws IOException, InterruptedException {
    run("ip", "link", "set", link(id), "up");
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(String.join(" ", command) + ": " + said).isZero();
  }

  /** All of it. */
  void remove() throws IOException, InterruptedException {
    for (int id = 1; id <= size; id++) {
      tryTo("ip", "netns", "del", name(id));
      tryTo("ip", "link", "del", link(id));
    }
    tryTo("ip", "link", "del", BRIDGE);
  }

  private static void tryTo(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getInputStream().readAllBytes();
    process.waitFor();
  }
}
