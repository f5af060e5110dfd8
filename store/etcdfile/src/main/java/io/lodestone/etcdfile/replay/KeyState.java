package io.lodestone.etcdfile.replay;

import com.google.protobuf.ByteString;
import io.lodestone.api.mvccpb.KeyValue;

/**
 * A live key as far as requests may ask for it. Immutable.
 *
 * @param value empty where no request asks for this key's value
 */
record KeyState(long createRevision, long modRevision, long version, long lease, ByteString value) {
  /** What a compare sees of a key that does not exist. */
  static final KeyState ABSENT = new KeyState(0, 0, 0, 0, ByteString.EMPTY);

  static KeyState of(KeyValue keyValue, boolean withValue) {
    return new KeyState(
        keyValue.getCreateRevision(),
        keyValue.getModRevision(),
        keyValue.getVersion(),
        keyValue.getLease(),
        withValue ? keyValue.getValue() : ByteString.EMPTY);
  }
}
