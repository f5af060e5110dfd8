package io.lodestone.mvcc.keyspace;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.mvccpb.KeyValue;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Encoded KeyValues as etcd stores them: ascending fields, zero and empty ones left out. Written
 * and read without copying values more than once.
 */
public final class KeyValues {
  private KeyValues() {}

  /** The encoded row of a deletion: only the key. */
  public static ByteString tombstone(ByteString key) {
    byte[] bytes = new byte[CodedOutputStream.computeBytesSize(KeyValue.KEY_FIELD_NUMBER, key)];
    try {
      CodedOutputStream.newInstance(bytes).writeBytes(KeyValue.KEY_FIELD_NUMBER, key);
    } catch (IOException e) {
      throw new IllegalStateException("an array of the computed size holds the row", e);
    }
    return UnsafeByteOperations.unsafeWrap(bytes);
  }

  /** Reads an encoded KeyValue; key and value share the memory of {@code bytes}. */
  public static KeyValue parse(ByteString bytes) {
    try {
      CodedInputStream in = bytes.newCodedInput();
      in.enableAliasing(true);
      return KeyValue.parseFrom(in);
    } catch (IOException e) {
      throw new CorruptDataException(
          "a stored row of " + bytes.size() + " bytes is not an encoded KeyValue",
          "check the disk; restore this data directory from a backup",
          e);
    }
  }

  /** {@code encoded}, then {@code number} in 4 bytes: a value of the head family. */
  static ByteString followedBy(ByteString encoded, int number) {
    byte[] bytes = new byte[encoded.size() + Integer.BYTES];
    encoded.copyTo(bytes, 0);
    ByteBuffer.wrap(bytes).putInt(encoded.size(), number);
    return UnsafeByteOperations.unsafeWrap(bytes);
  }
}
