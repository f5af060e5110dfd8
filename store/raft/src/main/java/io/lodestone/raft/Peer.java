package io.lodestone.raft;

/**
 * A member of the cluster and where the others reach it.
 *
 * @param id not 0; unsigned
 * @param host a name or an address; an IPv6 address without brackets
 */
public record Peer(long id, String host, int port, Vote vote) {
  /** What a member counts for. */
  public enum Vote {
    VOTER,
    /** Has everything, and counts for nothing. */
    LEARNER
  }

  public Peer {
    if (id == 0) {
      throw new IllegalArgumentException("0 is no member's id");
    }
    if (host.isEmpty() || port < 1 || port > 65535) {
      throw new IllegalArgumentException("not an address: " + host + ":" + port);
    }
  }

  public static Peer voter(long id, String host, int port) {
    return new Peer(id, host, port, Vote.VOTER);
  }

  public static Peer learner(long id, String host, int port) {
    return new Peer(id, host, port, Vote.LEARNER);
  }

  public boolean learns() {
    return vote == Vote.LEARNER;
  }

  /** {@code host:port}, an IPv6 address in brackets. */
  public String address() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}
