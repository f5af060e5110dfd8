package io.lodestone.junit5;

import io.lodestone.server.EmbeddedCluster;
import java.io.IOException;

/**
 * Runs a cluster of stores for all tests of a class; it begins empty and leaves nothing behind. Its
 * members can be stopped and started one by one. Confined to the thread of the tests.
 *
 * <pre>{@code
 * final class MyTest {
 *   @RegisterExtension static final ClusterExtension CLUSTER = ClusterExtension.of(3);
 *
 *   @Test
 *   void survives(EmbeddedCluster cluster) throws IOException {
 *     Client client = Client.builder().endpoints(cluster.endpoints()).build();
 *     cluster.stop("m1");
 *     ...
 *     cluster.start("m1");
 *   }
 * }
 * }</pre>
 */
public final class ClusterExtension extends RunningExtension<EmbeddedCluster> {
  private final int members;
  private final String[] flags;

  private ClusterExtension(int members, String[] flags) {
    super(EmbeddedCluster.class);
    this.members = members;
    this.flags = flags;
  }

  /** So many members, named m1, m2 and so on, each with these flags of etcd. */
  public static ClusterExtension of(int members, String... flags) {
    return new ClusterExtension(members, flags.clone());
  }

  @Override
  EmbeddedCluster start() throws IOException {
    return EmbeddedCluster.of(members).flags(flags).start();
  }

  /** The running cluster. */
  public EmbeddedCluster cluster() {
    return running();
  }
}
