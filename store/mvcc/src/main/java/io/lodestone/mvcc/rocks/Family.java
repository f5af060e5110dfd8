package io.lodestone.mvcc.rocks;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The column families of a store. {@code docs/formats/engine.md} gives the bytes of each. */
public enum Family {
  /** What the engine knows of itself: format, applied index, revision, compactions. */
  META,
  /** Row key to row value, byte for byte etcd's {@code key} bucket. */
  REVISIONS,
  /** User key to its live KeyValue. */
  HEAD,
  /** User key and revision, newest first, to whether that revision deleted the key. */
  INDEX,
  /** Lease id to an encoded Lease. */
  LEASE,
  /** Lease id and user key to nothing. */
  LEASE_KEYS,
  /** The rows of etcd's buckets auth, authUsers and authRoles, each behind its bucket's name. */
  AUTH,
  /** Encoded AlarmMembers to nothing. */
  ALARM,
  /** Member id to an encoded Member; empty for a member that was removed. */
  MEMBERS,
  /** Cluster version and downgrade state. */
  CLUSTER;

  byte[] nameBytes() {
    return name().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
  }
}
