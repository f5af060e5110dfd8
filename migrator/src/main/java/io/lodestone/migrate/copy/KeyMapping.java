package io.lodestone.migrate.copy;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;

/**
 * Which keys are copied, and what they are called there: the prefix {@code from} becomes {@code
 * to}. Either may be empty. Immutable.
 */
public record KeyMapping(ByteString from, ByteString to) {
  KeyRange here() {
    return KeyRange.prefix(from);
  }

  KeyRange there() {
    return KeyRange.prefix(to);
  }

  ByteString there(ByteString key) {
    return to.concat(key.substring(from.size()));
  }
}
