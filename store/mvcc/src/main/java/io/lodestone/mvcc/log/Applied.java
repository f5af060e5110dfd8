package io.lodestone.mvcc.log;

import com.google.protobuf.Message;
import io.lodestone.api.StoreException;
import java.util.Optional;

/**
 * What applying one entry came to. Immutable.
 *
 * @param revision the store's main revision right after it
 * @param response etcd's response to the request, its header absent; absent where refused, and
 *     where the entry had been applied before
 * @param refusal why nothing was changed
 */
public record Applied(long revision, Optional<Message> response, Optional<StoreException> refusal) {
  public static Applied done(long revision, Message response) {
    return new Applied(revision, Optional.of(response), Optional.empty());
  }

  public static Applied refused(long revision, StoreException refusal) {
    return new Applied(revision, Optional.empty(), Optional.of(refusal));
  }

  /** Of an entry that had been applied before. */
  public static Applied before(long revision) {
    return new Applied(revision, Optional.empty(), Optional.empty());
  }
}
