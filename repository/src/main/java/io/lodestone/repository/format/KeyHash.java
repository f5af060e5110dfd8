package io.lodestone.repository.format;

import com.google.common.hash.Hashing;
import com.google.protobuf.ByteString;

/**
 * How a key is looked for in a key index: by the first 64 bits of MurmurHash3_x64_128 with seed 0,
 * whose top bits choose a slice, and whose halves the places in it. Immutable.
 *
 * @param bits the hash, as MurmurHash3 gives it
 */
public record KeyHash(long bits) {
  /** Into how many slices the filters of an index are cut. */
  public static final int SLICES = 64;

  static final int PROBES = 8;
  private static final int SLICE_SHIFT = 58;

  public static KeyHash of(ByteString key) {
    return new KeyHash(Hashing.murmur3_128().hashBytes(key.asReadOnlyByteBuffer()).asLong());
  }

  /** Which slice has this key's bits, in [0, {@link #SLICES}). */
  public int slice() {
    return slice(bits);
  }

  static int slice(long bits) {
    return (int) (bits >>> SLICE_SHIFT);
  }

  /** The place number {@code probe} in a filter of {@code filterBits} bits. */
  static int place(long bits, int probe, int filterBits) {
    int low = (int) bits;
    int high = (int) (bits >>> Integer.SIZE);
    return Integer.remainderUnsigned(low + probe * high, filterBits);
  }
}
