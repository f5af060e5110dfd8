package io.lodestone.server.maintenance;

/** The release of etcd that clients are told this server is. */
public final class ReportedVersion {
  public static final String SERVER = "3.5.30";

  /** What the members of a cluster agree on: major and minor version. */
  public static final String CLUSTER = "3.5.0";

  private ReportedVersion() {}
}
