package io.lodestone.repository;

import com.google.protobuf.ByteString;
import java.util.Optional;

/**
 * How one key differs between two points. Immutable.
 *
 * @param before empty where the key was not there
 * @param after empty where the key is gone
 */
public record KeyChange(ByteString key, Optional<KeyVersion> before, Optional<KeyVersion> after) {

  /** What happened to a key. */
  public enum Kind {
    ADDED,
    CHANGED,
    DELETED
  }

  public Kind kind() {
    if (before.isEmpty()) {
      return Kind.ADDED;
    }
    return after.isEmpty() ? Kind.DELETED : Kind.CHANGED;
  }
}
