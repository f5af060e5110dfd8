package io.lodestone.auth;

import java.util.Optional;

/** Knows no token and makes an empty one, as etcd with an empty token type. Immutable. */
public final class NoTokens implements Tokens {
  @Override
  public Optional<Identity> identify(String token, long authRevision) {
    return Optional.empty();
  }

  @Override
  public String prefix() {
    return "";
  }

  @Override
  public String assign(String user, String prefix, long index) {
    return "";
  }

  @Override
  public String sign(String assigned, String user, long authRevision) {
    return assigned;
  }

  @Override
  public void invalidate(String user) {}

  @Override
  public void enable() {}

  @Override
  public void disable() {}

  @Override
  public void close() {}
}
