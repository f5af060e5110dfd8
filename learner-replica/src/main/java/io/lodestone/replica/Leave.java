package io.lodestone.replica;

import io.lodestone.api.LodestoneException;
import io.lodestone.client.EtcdConnection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * Takes a replica that follows as a learner out of its cluster. What it has copied stays, and where
 * it starts again it joins anew and goes on behind that. Stateless.
 */
public final class Leave {
  private Leave() {}

  /**
   * Of the replica in {@code dataDir}; one that runs ends by itself. The member's id is returned;
   * it never comes back.
   */
  public static long leave(EtcdConnection source, Path dataDir) throws IOException {
    OptionalLong id = ReplicaDirectory.memberId(dataDir);
    if (id.isEmpty()) {
      throw new LodestoneException(
          dataDir + " holds no replica that is a learner of a cluster",
          "name the --data-dir of a replica that runs, or ran, with --mode raft");
    }
    ReplicaDirectory.requireCluster(dataDir, source.clusterId());
    RaftMembership.remove(source, id.getAsLong());
    ReplicaDirectory.forgetMember(dataDir, source.clusterId());
    return id.getAsLong();
  }
}
