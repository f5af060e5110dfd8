package io.lodestone.revisions;

/**
 * Where a stream comes from. Zero and empty mean unknown: a snapshot file, for one, does not name
 * its cluster.
 *
 * @param clusterId etcd's cluster id
 * @param memberId the member that was read
 * @param serverVersion the member's version, for example {@code 3.5.30}
 */
public record Origin(long clusterId, long memberId, String serverVersion) {
  public static final Origin UNKNOWN = new Origin(0, 0, "");
}
