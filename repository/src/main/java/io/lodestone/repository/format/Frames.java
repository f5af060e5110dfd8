package io.lodestone.repository.format;

import com.google.protobuf.ByteString;

/**
 * Finished frames, ready to be sealed. Immutable.
 *
 * @param bytes the frames one after another, as they are stored
 * @param uncompressedBytes their plain bytes
 */
public record Frames(
    ByteString bytes, int count, long records, long items, long uncompressedBytes) {
  public static final Frames NONE = new Frames(ByteString.EMPTY, 0, 0, 0, 0);

  static final int HEADER_LENGTH = 12;

  /** Plain bytes at which a frame is closed. */
  public static final int TARGET_BYTES = 1 << 20;

  /** The most a frame may unpack to; also the most that one item may take. */
  static final int MAX_PLAIN_BYTES = 32 << 20;
}
