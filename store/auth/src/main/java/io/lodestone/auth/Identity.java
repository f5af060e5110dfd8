package io.lodestone.auth;

import io.lodestone.api.etcdserverpb.RequestHeader;

/**
 * Who asks, and since which auth revision that has been known. Immutable.
 *
 * @param user empty for nobody
 * @param authRevision of the moment when the token was checked; 0 for nobody
 */
public record Identity(String user, long authRevision) {
  /** A request without a login. */
  public static final Identity NOBODY = new Identity("", 0);

  /** Who proposed a request of the log. */
  public static Identity of(RequestHeader header) {
    return new Identity(header.getUsername(), header.getAuthRevision());
  }

  /** Adds this identity to a request's header, where the log carries it. */
  public void writeTo(RequestHeader.Builder header) {
    header.setUsername(user).setAuthRevision(authRevision);
  }
}
