package io.lodestone.auth.token;

import io.lodestone.auth.Identity;
import io.lodestone.auth.Tokens;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Tokens of the form {@code <16 random letters>.<log index of the login>}, known to every member
 * that has applied the login, until they have not been used for their TTL. Not signed; lost with a
 * restart. Thread-safe.
 */
public final class SimpleTokens implements Tokens {
  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  private static final int PREFIX_LENGTH = 16;
  private static final Duration DEFAULT_TTL = Duration.ofMinutes(5);

  private final Map<String, Session> sessions = new ConcurrentHashMap<>();
  private final long ttlNanos;
  private final LongSupplier nanoClock;
  private final RandomGenerator random;
  private volatile boolean enabled;
  private long nextPurgeNanos;

  /**
   * @param ttl from the last use; etcd's default of 5 minutes where it is not positive
   * @param nanoClock as {@link System#nanoTime}
   * @param random unpredictable, thread-safe
   */
  public SimpleTokens(Duration ttl, LongSupplier nanoClock, RandomGenerator random) {
    this.ttlNanos = (ttl.isNegative() || ttl.isZero() ? DEFAULT_TTL : ttl).toNanos();
    this.nanoClock = nanoClock;
    this.random = random;
  }

  @Override
  public Optional<Identity> identify(String token, long authRevision) {
    Session session = sessions.get(token);
    if (session == null || !session.renew(nanoClock.getAsLong(), ttlNanos)) {
      return Optional.empty();
    }
    return Optional.of(new Identity(session.user, authRevision));
  }

  /** 0 for a token that no member can have made, and while nobody logs in. */
  @Override
  public long neededIndex(String token) {
    int dot = enabled ? token.indexOf('.') : -1;
    try {
      return dot < 0 ? 0 : Long.parseUnsignedLong(token.substring(dot + 1));
    } catch (NumberFormatException e) {
      // Not of our form; identify will not know it.
      return 0;
    }
  }

  @Override
  public String prefix() {
    StringBuilder prefix = new StringBuilder(PREFIX_LENGTH);
    for (int i = 0; i < PREFIX_LENGTH; i++) {
      prefix.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return prefix.toString();
  }

  @Override
  public String assign(String user, String prefix, long index) {
    String token = prefix + "." + Long.toUnsignedString(index);
    if (enabled) {
      long now = nanoClock.getAsLong();
      purge(now);
      sessions.put(token, new Session(user, now + ttlNanos));
    }
    return token;
  }

  /** Bounds memory by the logins of one TTL and a bit. Only the apply thread comes here. */
  private void purge(long now) {
    if (now - nextPurgeNanos >= 0) {
      sessions.values().removeIf(session -> session.isOver(now));
      nextPurgeNanos = now + ttlNanos / 10;
    }
  }

  @Override
  public String sign(String assigned, String user, long authRevision) {
    return assigned;
  }

  @Override
  public void invalidate(String user) {
    sessions.values().removeIf(session -> session.user.equals(user));
  }

  @Override
  public void enable() {
    enabled = true;
    nextPurgeNanos = nanoClock.getAsLong();
  }

  /** Every token becomes invalid. */
  @Override
  public void disable() {
    enabled = false;
    sessions.clear();
  }

  @Override
  public void close() {
    disable();
  }

  /** One token's user, and when it ends unless it is used. Thread-safe. */
  private static final class Session {
    private final String user;
    private volatile long endNanos;

    Session(String user, long endNanos) {
      this.user = user;
      this.endNanos = endNanos;
    }

    boolean isOver(long now) {
      return now - endNanos > 0;
    }

    boolean renew(long now, long ttl) {
      if (isOver(now)) {
        return false;
      }
      endNanos = now + ttl;
      return true;
    }
  }
}
