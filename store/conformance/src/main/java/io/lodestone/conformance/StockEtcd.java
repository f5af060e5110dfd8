package io.lodestone.conformance;

import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdMember;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A process of stock etcd. */
final class StockEtcd implements Contestant {
  private static final int ATTEMPTS = 3;

  private final EtcdCluster cluster;

  private StockEtcd(EtcdCluster cluster) {
    this.cluster = cluster;
  }

  /** Tries again on other ports where somebody takes the ports first. */
  static StockEtcd start(EtcdRelease release, Path folder, List<String> flags)
      throws IOException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      Path data = folder.resolve("attempt-" + attempt);
      try {
        EtcdCluster.Plan plan = EtcdCluster.of(release, data).flags(flags.toArray(String[]::new));
        return new StockEtcd(plan.start());
      } catch (IOException e) {
        if (attempt == ATTEMPTS || !String.valueOf(e.getMessage()).contains("address already")) {
          throw e;
        }
      }
    }
  }

  @Override
  public String name() {
    return "etcd " + cluster.release().version();
  }

  @Override
  public String endpoint() {
    return member().endpoint();
  }

  @Override
  public void kill() {
    member().kill();
  }

  @Override
  public void restart() throws IOException, InterruptedException {
    member().close();
    member().start();
    cluster.awaitReady();
  }

  @Override
  public void close() {
    cluster.close();
  }

  private EtcdMember member() {
    return cluster.member(0);
  }
}
