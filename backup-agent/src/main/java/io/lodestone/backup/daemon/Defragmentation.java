package io.lodestone.backup.daemon;

import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.StatusResponse;
import io.lodestone.client.Endpoint;
import io.lodestone.client.EtcdConnection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Defragments a cluster member by member, the leader last: a member serves nothing while it is at
 * it. Begins only, and goes on only, while all members that the connection names are well. Confined
 * to one thread.
 */
final class Defragmentation {
  private static final Logger LOG = LoggerFactory.getLogger(Defragmentation.class);

  private final EtcdConnection connection;

  Defragmentation(EtcdConnection connection) {
    this.connection = connection;
  }

  /** Returns when all members are done. */
  void run() {
    for (Candidate candidate : leaderLast()) {
      leaderLast();
      long before = candidate.sizeBytes;
      connection.defragment(candidate.endpoint);
      LOG.atInfo()
          .addKeyValue("member", candidate.endpoint)
          .addKeyValue("bytesBefore", before)
          .addKeyValue("bytesAfter", connection.status(candidate.endpoint).getDbSize())
          .log("defragmented");
    }
  }

  private record Candidate(Endpoint endpoint, boolean leads, long sizeBytes) {}

  /** Fails where one of them is away, or knows no leader. */
  private List<Candidate> leaderLast() {
    Set<Long> known = new HashSet<>();
    List<Candidate> candidates = new ArrayList<>();
    for (Endpoint endpoint : connection.endpoints()) {
      StatusResponse status = connection.status(endpoint);
      if (status.getLeader() == 0) {
        throw new LodestoneException(
            endpoint + " has no leader: the cluster is not well enough to be defragmented",
            "heal the cluster; the next scheduled time tries again");
      }
      long member = status.getHeader().getMemberId();
      if (known.add(member)) {
        candidates.add(new Candidate(endpoint, status.getLeader() == member, status.getDbSize()));
      }
    }
    candidates.sort(Comparator.comparing(Candidate::leads));
    return candidates;
  }
}
