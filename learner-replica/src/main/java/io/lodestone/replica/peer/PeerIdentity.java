package io.lodestone.replica.peer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Who a member is, as it says with every request. Immutable.
 *
 * @param peerUrls where others reach it
 */
public record PeerIdentity(long clusterId, long memberId, List<String> peerUrls) {
  static final String CLUSTER_ID = "X-Etcd-Cluster-ID";
  static final String SERVER_VERSION = "X-Server-Version";

  /** Whom a stream is asked of. */
  static final String TO = "X-Raft-To";

  /** Members compare it with the least version they talk to, which is 3.0.0. */
  static final String VERSION = "3.5.0";

  public PeerIdentity {
    peerUrls = List.copyOf(peerUrls);
  }

  Map<String, String> headers() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("X-Server-From", Long.toHexString(memberId));
    headers.put(SERVER_VERSION, VERSION);
    headers.put("X-Min-Cluster-Version", "3.0.0");
    headers.put(CLUSTER_ID, Long.toHexString(clusterId));
    headers.put("X-PeerURLs", String.join(",", peerUrls));
    return headers;
  }
}
