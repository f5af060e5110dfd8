package io.lodestone.server.cluster;

/** What a leader knows of the other members. Thread-safe. */
public interface Contacts {
  /** Whether the member, which may be this one, has been heard of late. */
  boolean isHeard(long id);

  /** Whether the member has nine tenths of the log, as etcd demands of a learner. */
  boolean isCaughtUp(long id);
}
