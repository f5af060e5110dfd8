package io.lodestone.server.call;

import io.grpc.Context;
import java.util.Optional;

/**
 * What a call says about who makes it; nothing of it is checked yet. Immutable.
 *
 * @param token from the metadata's {@code token}, else {@code authorization}
 * @param certificateName the common name of the client's verified certificate
 */
public record Caller(Optional<String> token, Optional<String> certificateName) {
  public static final Caller ANONYMOUS = new Caller(Optional.empty(), Optional.empty());

  private static final Context.Key<Caller> KEY = Context.keyWithDefault("caller", ANONYMOUS);

  /** The caller of the call that this thread serves now. */
  public static Caller current() {
    return KEY.get();
  }

  Context in(Context context) {
    return context.withValue(KEY, this);
  }
}
