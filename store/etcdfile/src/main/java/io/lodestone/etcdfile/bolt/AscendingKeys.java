package io.lodestone.etcdfile.bolt;

import com.google.protobuf.ByteString;
import java.util.Arrays;

/** Holds that the keys of a bucket ascend, as unsigned bytes. Confined to one thread. */
final class AscendingKeys {
  private byte[] last = new byte[32];
  private int lastLength = -1;
  private byte[] next = new byte[32];

  /** Fails where {@code key} is not above the one before. */
  void advance(ByteString key) {
    int length = key.size();
    if (next.length < length) {
      next = new byte[2 * length];
    }
    key.copyTo(next, 0);
    if (lastLength >= 0 && Arrays.compareUnsigned(last, 0, lastLength, next, 0, length) >= 0) {
      throw new IllegalArgumentException("keys of a bucket must be added in ascending order");
    }
    byte[] spare = last;
    last = next;
    lastLength = length;
    next = spare;
  }
}
