package io.lodestone.repository.format;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.lodestone.repository.format.KeyIndexHeader.Bounds;
import io.lodestone.repository.format.KeyIndexHeader.PartKeys;
import io.lodestone.revisions.RevisionRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Makes the key index of a set, part by part. Remembers 8 bytes a record of the part at hand, and
 * the filters of the parts before it until they are taken. Confined to one thread.
 */
public final class KeyIndexWriter {
  /** The most records that a part may have, so that they can be remembered. */
  public static final int MAX_PART_RECORDS = 1 << 20;

  /** Bytes of filters at which an index is ended. */
  private static final int ENOUGH_BYTES = 4 << 20;

  private static final int BITS_PER_KEY = 16;
  private static final int MIN_FILTER_BYTES = 8;

  private long[] hashes = new long[1 << 10];
  private int records;
  private long firstRevision;
  private long lastRevision;
  private ByteString firstKey = ByteString.EMPTY;
  private ByteString lastKey = ByteString.EMPTY;

  private final List<PartKeys> parts = new ArrayList<>();
  private final List<byte[]> filters = new ArrayList<>();
  private long filterBytes;

  /** An index ready to be sealed. */
  public record KeyIndex(KeyIndexHeader header, ByteString filters) {}

  /** Takes a record of the part at hand. */
  public void add(RevisionRecord record) {
    ByteString key = record.key();
    if (records == hashes.length) {
      hashes = Arrays.copyOf(hashes, 2 * records);
    }
    hashes[records] = KeyHash.of(key).bits();
    widen(key);
    firstRevision = records == 0 ? record.main() : firstRevision;
    lastRevision = record.main();
    records++;
  }

  private void widen(ByteString key) {
    var order = ByteString.unsignedLexicographicalComparator();
    firstKey = records == 0 || order.compare(key, firstKey) < 0 ? key : firstKey;
    lastKey = records == 0 || order.compare(key, lastKey) > 0 ? key : lastKey;
  }

  /** Records of the part at hand. */
  public int records() {
    return records;
  }

  /** The part at hand is complete, and has this number. */
  public void endPart(int number) {
    int filter = filterBytes(distinct());
    byte[] filtersOfPart = new byte[KeyHash.SLICES * filter];
    for (int i = 0; i < records; i++) {
      int from = KeyHash.slice(hashes[i]) * filter;
      for (int probe = 0; probe < KeyHash.PROBES; probe++) {
        int place = KeyHash.place(hashes[i], probe, filter * Byte.SIZE);
        filtersOfPart[from + place / Byte.SIZE] |= (byte) (1 << (place % Byte.SIZE));
      }
    }
    Optional<Bounds> keys =
        records == 0 ? Optional.empty() : Optional.of(Bounds.of(firstKey, lastKey));
    parts.add(new PartKeys(number, records, filter, firstRevision, lastRevision, keys));
    filters.add(filtersOfPart);
    filterBytes += filtersOfPart.length;
    records = 0;
    firstRevision = 0;
    lastRevision = 0;
  }

  private int distinct() {
    Arrays.sort(hashes, 0, records);
    int distinct = 0;
    for (int i = 0; i < records; i++) {
      distinct += i == 0 || hashes[i] != hashes[i - 1] ? 1 : 0;
    }
    return distinct;
  }

  private static int filterBytes(int keys) {
    long bits = (long) keys * BITS_PER_KEY / KeyHash.SLICES;
    return (int) Math.max(MIN_FILTER_BYTES, (bits + Byte.SIZE - 1) / Byte.SIZE);
  }

  /** True once there are enough filters for an index. */
  public boolean isFull() {
    return filterBytes >= ENOUGH_BYTES;
  }

  /** The index of all parts that were ended and not taken yet; empty if there are none. */
  public Optional<KeyIndex> take(String lineage, String set) {
    if (parts.isEmpty()) {
      return Optional.empty();
    }
    ByteString slices = slices();
    ContentFacts content = new ContentFacts(0, slices.size(), 0, 0, 0);
    KeyIndex index =
        new KeyIndex(new KeyIndexHeader(lineage, set, content, parts, Optional.empty()), slices);
    parts.clear();
    filters.clear();
    filterBytes = 0;
    return Optional.of(index);
  }

  private ByteString slices() {
    int length = KeyIndexHeader.sliceBytes(parts);
    byte[] bytes = new byte[KeyHash.SLICES * length];
    CRC32C crc = new CRC32C();
    for (int slice = 0; slice < KeyHash.SLICES; slice++) {
      int from = slice * length;
      int to = from;
      for (int part = 0; part < filters.size(); part++) {
        int filter = parts.get(part).filterBytes();
        System.arraycopy(filters.get(part), slice * filter, bytes, to, filter);
        to += filter;
      }
      crc.reset();
      crc.update(bytes, from, to - from);
      ByteBuffer.wrap(bytes).putInt(to, (int) crc.getValue());
    }
    return UnsafeByteOperations.unsafeWrap(bytes);
  }
}
