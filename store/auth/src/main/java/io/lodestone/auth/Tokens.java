package io.lodestone.auth;

import java.util.Optional;

/**
 * What a login gets and later shows instead of its password. {@link #identify}, {@link #prefix} and
 * {@link #sign} are thread-safe; the others are called on the apply thread. Tokens of which nothing
 * is kept have no random part, and nothing to do when users change.
 */
public interface Tokens extends AutoCloseable {
  /** Who shows this token; empty where it is unknown, expired or forged. Never blocks. */
  Optional<Identity> identify(String token, long authRevision);

  /**
   * The log index that must be applied here before {@link #identify} can know the token; 0 where it
   * needs none.
   */
  default long neededIndex(String token) {
    return 0;
  }

  /** The random part of the next token, chosen before the proposal that carries it. */
  default String prefix() {
    return "";
  }

  /** A login has been applied, on every member. Returns what its response carries. */
  default String assign(String user, String prefix, long index) {
    return "";
  }

  /**
   * Makes the final token of what the response carried. May be slow; fails with TOKEN_VERIFY_ONLY
   * where there is no key to sign with.
   */
  String sign(String assigned, String user, long authRevision);

  /** The user is gone or has another password. */
  default void invalidate(String user) {}

  default void enable() {}

  default void disable() {}

  @Override
  default void close() {}
}
