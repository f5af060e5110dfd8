package io.lodestone.bench.migrate;

import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.FreePorts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A cluster that does not run yet, and is started once a migration has written its data. */
interface Newcomer {

  /** {@code host:port} of every member. */
  List<String> endpoints();

  /** Lines of a migration's settings that name it as the destination. */
  List<String> settings();

  /** What is there once its data are. */
  List<Path> targets();

  /** Starts every member; who has started it closes it. */
  Started start() throws IOException, InterruptedException;

  /** A cluster that runs. */
  @FunctionalInterface
  interface Started extends AutoCloseable {
    @Override
    void close();
  }

  /** Stock etcd, such and so many members. */
  static Newcomer etcd(String minor, int members, Path folder) {
    EtcdCluster.Plan plan =
        EtcdCluster.of(EtcdRelease.of(minor), folder)
            .members(members)
            .token("moved")
            .flags("--experimental-enable-lease-checkpoint", MoveRun.QUOTA);
    return new Newcomer() {
      @Override
      public List<String> endpoints() {
        return plan.endpoints();
      }

      @Override
      public List<String> settings() {
        String cluster =
            plan.peerUrls().entrySet().stream()
                .map(member -> member.getKey() + "=" + member.getValue())
                .collect(Collectors.joining(", "));
        return List.of(
            "to-initial-cluster-token: " + plan.token(),
            "to-initial-cluster: [" + cluster + "]",
            "to-data-dir: " + folder);
      }

      @Override
      public List<Path> targets() {
        return plan.peerUrls().keySet().stream().map(plan::dataDir).toList();
      }

      @Override
      public Started start() throws IOException, InterruptedException {
        return plan.start()::close;
      }
    };
  }

  /** One member of ours. */
  static Newcomer store(Path lodestone, Path folder) {
    List<Integer> ports = FreePorts.take(2);
    String client = "127.0.0.1:" + ports.get(0);
    String peer = "http://127.0.0.1:" + ports.get(1);
    return new Newcomer() {
      @Override
      public List<String> endpoints() {
        return List.of(client);
      }

      @Override
      public List<String> settings() {
        return List.of("to-store-dir: " + folder);
      }

      @Override
      public List<Path> targets() {
        return List.of(folder);
      }

      @Override
      public Started start() throws IOException {
        List<String> command =
            List.of(
                lodestone.toString(),
                "store",
                "--data-dir",
                folder.toString(),
                "--listen-client-urls",
                "http://" + client,
                "--advertise-client-urls",
                "http://" + client,
                "--listen-peer-urls",
                peer);
        return ChildProcess.start(
                command, Map.of(), folder.resolveSibling(folder.getFileName() + ".log"))
            ::close;
      }
    };
  }
}
