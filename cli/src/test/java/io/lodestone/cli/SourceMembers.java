package io.lodestone.cli;

import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdMember;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A cluster whose members can be killed: of stock etcd, or of our store. Closing ends them. */
interface SourceMembers extends AutoCloseable {

  /**
   * Starts three members, and may return before they answer.
   *
   * @param kind {@code store} for our own, or a release of etcd, which tells others that it is
   *     reached at {@code peerHost}
   */
  static SourceMembers start(String kind, Path folder, String peerHost) throws Exception {
    Files.createDirectories(folder);
    return kind.equals("store") ? new Stores(folder) : new Stock(kind, folder, peerHost);
  }

  /** {@code host:port} of each, for clients. */
  List<String> endpoints();

  /** {@code host:port} of each, where it listens to other members. */
  List<String> peers();

  /** SIGKILL. */
  void kill(int member);

  /** Starts a killed one again; returns before it answers. */
  void start(int member) throws IOException;

  @Override
  void close();

  /** Of etcd. */
  final class Stock implements SourceMembers {
    private static final int SIZE = 3;
    private final EtcdCluster cluster;

    private Stock(String release, Path folder, String peerHost) throws Exception {
      cluster =
          EtcdCluster.of(EtcdRelease.of(release), folder).members(SIZE).peerHost(peerHost).start();
    }

    @Override
    public List<String> endpoints() {
      return cluster.endpoints();
    }

    @Override
    public List<String> peers() {
      return cluster.members().stream()
          .map(EtcdMember::peerUrl)
          .map(url -> url.substring("http://".length()))
          .toList();
    }

    @Override
    public void kill(int member) {
      cluster.member(member).kill();
    }

    @Override
    public void start(int member) throws IOException {
      cluster.member(member).start();
    }

    @Override
    public void close() {
      cluster.close();
    }
  }

  /** Of {@code lodestone store}. */
  final class Stores implements SourceMembers {
    private static final int SIZE = 3;
    private final Path folder;
    private final List<Integer> ports = FreePorts.take(2 * SIZE);
    private final ChildProcess[] processes = new ChildProcess[SIZE];

    private Stores(Path folder) throws IOException {
      this.folder = folder;
      for (int i = 0; i < SIZE; i++) {
        start(i);
      }
    }

    @Override
    public List<String> endpoints() {
      return IntStream.range(0, SIZE).mapToObj(i -> "127.0.0.1:" + ports.get(2 * i)).toList();
    }

    @Override
    public List<String> peers() {
      return IntStream.range(0, SIZE).mapToObj(i -> "127.0.0.1:" + ports.get(2 * i + 1)).toList();
    }

    @Override
    public void kill(int member) {
      processes[member].kill();
    }

    @Override
    public void start(int member) throws IOException {
      String client = "http://" + endpoints().get(member);
      String peer = "http://" + peers().get(member);
      String all =
          IntStream.range(0, SIZE)
              .mapToObj(i -> "m" + i + "=http://" + peers().get(i))
              .collect(Collectors.joining(","));
      List<String> command = new ArrayList<>(List.of("store", "--name", "m" + member));
      command.addAll(List.of("--data-dir", folder.resolve("m" + member).toString()));
      command.addAll(List.of("--listen-client-urls", client, "--advertise-client-urls", client));
      command.addAll(List.of("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer));
      command.addAll(List.of("--initial-cluster", all, "--snapshot-count", "500"));
      processes[member] =
          Cli.start(folder.resolve("m" + member + ".log"), command.toArray(String[]::new));
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
}
