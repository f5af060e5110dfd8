package io.lodestone.peers;

import java.io.IOException;
import java.util.List;

/**
 * A network namespace for every member of a cluster, numbered from 1, on one bridge, which this
 * process reaches too. Needs root and iproute2; one at a time on a machine. Confined to one thread.
 */
public final class Namespaces implements AutoCloseable {
  private static final String BRIDGE = "lodestone-t";
  private static final String NETWORK = "10.203.77.";
  private static final String CHOKED = "root tbf rate 1mbit burst 4kb limit 12kb";
  private final int size;

  public Namespaces(int size) throws IOException, InterruptedException {
    this.size = size;
    remove();
    run("ip", "link", "add", BRIDGE, "type", "bridge");
    run("ip", "addr", "add", NETWORK + "254/24", "dev", BRIDGE);
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

  /** The address of a member. */
  public String host(int id) {
    return NETWORK + id;
  }

  /** What puts a command into the namespace of a member. */
  public List<String> within(int id) {
    return List.of("ip", "netns", "exec", name(id));
  }

  /** Everything from and to the member is lost from now on, without anybody being told. */
  public void cut(int id) throws IOException, InterruptedException {
    run("ip", "link", "set", link(id), "down");
  }

  /** Undoes {@link #cut}. */
  public void mend(int id) throws IOException, InterruptedException {
    run("ip", "link", "set", link(id), "up");
  }

  /** Nothing gets from one member to another any more; what comes back still does. */
  public void mute(int from, int to) throws IOException, InterruptedException {
    run("ip", "-n", name(from), "route", "add", "blackhole", host(to) + "/32");
  }

  /** Undoes {@link #mute}. */
  public void unmute(int from, int to) throws IOException, InterruptedException {
    run("ip", "-n", name(from), "route", "del", "blackhole", host(to) + "/32");
  }

  /**
   * From now on the network is slow towards the member and from it, and loses what does not fit
   * into a short queue.
   */
  public void choke(int id) throws IOException, InterruptedException {
    run(arguments("tc qdisc add dev " + link(id), CHOKED));
    run(arguments("tc -n " + name(id) + " qdisc add dev eth0", CHOKED));
  }

  /** Undoes {@link #choke}. */
  public void release(int id) throws IOException, InterruptedException {
    run(arguments("tc qdisc del dev " + link(id), "root"));
    run(arguments("tc -n " + name(id) + " qdisc del dev eth0", "root"));
  }

  private static String[] arguments(String command, String more) {
    return (command + " " + more).split(" ", -1);
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Commands.run(List.of(command));
  }

  private void remove() throws IOException {
    for (int id = 1; id <= size; id++) {
      tryTo("ip", "netns", "del", name(id));
      tryTo("ip", "link", "del", link(id));
    }
    tryTo("ip", "link", "del", BRIDGE);
  }

  /** What is not there need not be removed. */
  private static void tryTo(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getInputStream().readAllBytes();
    process.onExit().join();
  }

  /** Removes all of it. */
  @Override
  public void close() throws IOException {
    remove();
  }
}
