package io.lodestone.etcdfile.db;

import com.google.protobuf.ByteString;

/** The top-level buckets of etcd's database. */
enum EtcdBucket {
  /** Row keys to encoded KeyValues: the log of revisions. */
  KEY("key"),
  META("meta"),
  /** Lease id, 8 bytes big endian, to an encoded Lease. */
  LEASE("lease"),
  AUTH("auth"),
  /** User name to an encoded User. */
  AUTH_USERS("authUsers"),
  /** Role name to an encoded Role. */
  AUTH_ROLES("authRoles"),
  /** Member id in hex to JSON. */
  MEMBERS("members"),
  MEMBERS_REMOVED("members_removed"),
  CLUSTER("cluster"),
  /** Encoded AlarmMembers to nothing. */
  ALARM("alarm");

  /** Keys of {@link #META}. */
  static final ByteString CONSISTENT_INDEX = ByteString.copyFromUtf8("consistent_index");

  static final ByteString TERM = ByteString.copyFromUtf8("term");
  static final ByteString CONF_STATE = ByteString.copyFromUtf8("confState");
  static final ByteString STORAGE_VERSION = ByteString.copyFromUtf8("storageVersion");
  static final ByteString SCHEDULED_COMPACTION = ByteString.copyFromUtf8("scheduledCompactRev");
  static final ByteString FINISHED_COMPACTION = ByteString.copyFromUtf8("finishedCompactRev");

  /** Key of {@link #CLUSTER}. */
  static final ByteString CLUSTER_VERSION = ByteString.copyFromUtf8("clusterVersion");

  /** Keys of {@link #AUTH}. */
  static final ByteString AUTH_ENABLED = ByteString.copyFromUtf8("authEnabled");

  static final ByteString AUTH_REVISION = ByteString.copyFromUtf8("authRevision");

  private final String bucketName;

  EtcdBucket(String bucketName) {
    this.bucketName = bucketName;
  }

  String bucketName() {
    return bucketName;
  }

  ByteString nameBytes() {
    return ByteString.copyFromUtf8(bucketName);
  }
}
