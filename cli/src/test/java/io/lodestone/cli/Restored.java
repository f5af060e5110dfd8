package io.lodestone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A stock etcd of one member, running on what {@code restore} has written for it.
 *
 * @param report what the command said
 */
record Restored(JsonNode report, EtcdCluster cluster) implements AutoCloseable {
  private static final String[] QUICK_ELECTIONS = {
    "--heartbeat-interval=20", "--election-timeout=200"
  };

  /**
   * Restores from the source that {@code from} names, for example {@code --repository R
   * --to-revision 7}, and starts etcd.
   */
  static Restored start(EtcdRelease release, Path folder, String... from) throws Exception {
    EtcdCluster.Plan plan = EtcdCluster.of(release, folder).flags(QUICK_ELECTIONS);
    List<String> arguments = new ArrayList<>(List.of("restore"));
    arguments.addAll(Arrays.asList(from));
    arguments.addAll(List.of("--name", "m1", "--data-dir", plan.dataDir("m1").toString()));
    arguments.addAll(List.of("--initial-cluster", "m1=" + plan.peerUrls().get("m1")));
    arguments.addAll(List.of("--initial-cluster-token", plan.token()));
    JsonNode report = Cli.report(arguments.toArray(String[]::new));
    return new Restored(report, plan.start());
  }

  @Override
  public void close() {
    cluster.close();
  }
}
