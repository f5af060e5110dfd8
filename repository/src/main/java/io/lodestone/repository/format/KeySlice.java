package io.lodestone.repository.format;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.repository.format.KeyIndexHeader.PartKeys;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.zip.CRC32C;

/** One slice of a key index: for each part a Bloom filter of those keys that fall into it. */
public final class KeySlice {
  private static final Comparator<ByteString> ORDER =
      ByteString.unsignedLexicographicalComparator();

  private final KeyIndexHeader header;
  private final byte[] bytes;
  private final int offset;

  /** The slice at {@code offset} of bytes that were checked already. */
  KeySlice(KeyIndexHeader header, byte[] bytes, int offset) {
    this.header = header;
    this.bytes = bytes;
    this.offset = offset;
  }

  /** Takes the slice at {@code offset}; a CorruptDataException if its checksum does not match. */
  public static KeySlice open(String object, KeyIndexHeader header, byte[] bytes, int offset) {
    int length = header.sliceBytes() - SealedObject.CHECKSUM_LENGTH;
    CRC32C crc = new CRC32C();
    if (bytes.length - offset < header.sliceBytes()) {
      throw Damage.truncated(object, offset, "a slice of its filters is cut off");
    }
    crc.update(bytes, offset, length);
    if (ByteBuffer.wrap(bytes).getInt(offset + length) != (int) crc.getValue()) {
      throw Damage.corrupt(object, offset, "the checksum of a slice does not match");
    }
    return new KeySlice(header, bytes, offset);
  }

  /** False where the part certainly has no record of the key. */
  public boolean mayContain(int part, KeyHash key) {
    int from = offset;
    for (PartKeys keys : header.parts()) {
      if (keys.number() == part) {
        return keys.records() > 0 && isSet(key.bits(), from, keys.filterBytes());
      }
      from += keys.filterBytes();
    }
    return true;
  }

  private boolean isSet(long hash, int from, int filterBytes) {
    for (int probe = 0; probe < KeyHash.PROBES; probe++) {
      int place = KeyHash.place(hash, probe, filterBytes * Byte.SIZE);
      if ((bytes[from + place / Byte.SIZE] >> (place % Byte.SIZE) & 1) == 0) {
        return false;
      }
    }
    return true;
  }

  /** False where the part certainly has no key of the range. */
  public static boolean mayOverlap(PartKeys part, KeyRange range) {
    if (part.records() == 0) {
      return false;
    }
    if (part.keys().isEmpty()) {
      return true;
    }
    ByteString first = part.keys().get().firstKey();
    ByteString last = part.keys().get().lastKey();
    boolean cut = last.size() == KeyIndexHeader.Bounds.MAX_BYTES && range.start().startsWith(last);
    boolean below = !cut && ORDER.compare(last, range.start()) < 0;
    return !below && !isAbove(first, range);
  }

  private static boolean isAbove(ByteString first, KeyRange range) {
    if (range.isSingle()) {
      return ORDER.compare(first, range.start()) > 0;
    }
    return !range.isFromKey() && ORDER.compare(first, range.end()) >= 0;
  }
}
