package io.lodestone.server.forward;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.lodestone.auth.Identity;
import io.lodestone.auth.Tokens;
import java.time.Duration;
import java.util.Optional;

/**
 * The tokens that the source gave to those who logged in through this server, and whose they are.
 * Any other token is unknown here, so that its owner logs in again. Thread-safe.
 */
public final class SourceTokens implements Tokens {
  private static final int MOST = 100_000;

  private final Cache<String, String> users;

  /** {@code ttl} counts from a token's last use. */
  public SourceTokens(Duration ttl) {
    users = CacheBuilder.newBuilder().expireAfterAccess(ttl).maximumSize(MOST).build();
  }

  /** The source has given {@code token} to {@code user}. */
  void remember(String token, String user) {
    users.put(token, user);
  }

  @Override
  public Optional<Identity> identify(String token, long authRevision) {
    return Optional.ofNullable(users.getIfPresent(token))
        .map(user -> new Identity(user, authRevision));
  }

  @Override
  public String prefix() {
    throw notOurs();
  }

  /** A login that the source's log tells of: whoever got that token logs in here by itself. */
  @Override
  public String assign(String user, String prefix, long index) {
    return "";
  }

  @Override
  public String sign(String assigned, String user, long authRevision) {
    throw notOurs();
  }

  private static IllegalStateException notOurs() {
    return new IllegalStateException("tokens are made by the source");
  }

  @Override
  public void invalidate(String user) {
    users.asMap().values().removeIf(user::equals);
  }

  @Override
  public void enable() {}

  @Override
  public void disable() {
    users.invalidateAll();
  }

  @Override
  public void close() {
    users.invalidateAll();
  }
}
