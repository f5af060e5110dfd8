package io.lodestone.replica;

/** How a replica follows its source. */
public enum Mode {
  /** As a client: a snapshot, then a watch. The source may be any cluster, or a replica. */
  WATCH,
  /** As a Raft learner of a cluster of stock etcd, over its members' peer protocol. */
  RAFT
}
