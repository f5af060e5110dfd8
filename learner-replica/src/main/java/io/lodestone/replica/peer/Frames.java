package io.lodestone.replica.peer;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.lodestone.api.raftpb.Message;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** Messages with their length in front: {@code length u64 BE | protobuf}. Stateless. */
final class Frames {
  /**
   * A leader sends entries of about 1 MiB together, or one that is larger; a single request of etcd
   * may have 1.5 MiB unless its flags say otherwise.
   */
  static final int MOST_BYTES = 64 << 20;

  private Frames() {}

  /**
   * Reads one; the memory for it grows with what arrives.
   *
   * @param mostBytes longer ones are refused
   */
  static <M extends MessageLite> M read(DataInputStream in, Parser<M> parser, long mostBytes)
      throws IOException {
    long length = in.readLong();
    if (length < 0 || length > Math.min(mostBytes, MOST_BYTES)) {
      throw new IOException(
          "a member sent a message of " + Long.toUnsignedString(length) + " bytes");
    }
    return parser.parseFrom(exactly(in, (int) length));
  }

  private static byte[] exactly(InputStream in, int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException(
          "the message ended after " + bytes.length + " of " + length + " bytes");
    }
    return bytes;
  }

  static byte[] of(Message message) {
    byte[] bytes = message.toByteArray();
    return ByteBuffer.allocate(Long.BYTES + bytes.length).putLong(bytes.length).put(bytes).array();
  }
}
