package io.lodestone.repository.format;

import com.google.protobuf.ByteString;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The header of a key index: which keys may be in which parts of a set. Immutable.
 *
 * @param content no frames; {@code bytes} are those of the filters
 * @param parts in order, without a hole
 */
public record KeyIndexHeader(
    String lineage,
    String set,
    ContentFacts content,
    List<PartKeys> parts,
    Optional<Encryption> encryption)
    implements ObjectHeader {

  /**
   * What is known of one part.
   *
   * @param records revision records in it
   * @param filterBytes its share of each slice
   * @param firstRevision main revision of its first record, 0 if it has none
   * @param keys the smallest and the greatest key; absent where it has no records, and where keys
   *     are secret
   */
  public record PartKeys(
      int number,
      long records,
      int filterBytes,
      long firstRevision,
      long lastRevision,
      Optional<Bounds> keys) {
    public PartKeys {
      if (number < 1 || records < 0 || filterBytes < 1) {
        throw new IllegalArgumentException("part " + number + " with " + records + " records");
      }
    }

    private PartKeys withoutKeys() {
      return new PartKeys(
          number, records, filterBytes, firstRevision, lastRevision, Optional.empty());
    }
  }

  /** Both in Base64, and cut to their first {@value #MAX_BYTES} bytes. */
  public record Bounds(String first, String last) {
    static final int MAX_BYTES = 64;

    static Bounds of(ByteString first, ByteString last) {
      return new Bounds(cut(first), cut(last));
    }

    private static String cut(ByteString key) {
      byte[] head = key.substring(0, Math.min(MAX_BYTES, key.size())).toByteArray();
      return Base64.getEncoder().encodeToString(head);
    }

    ByteString firstKey() {
      return ByteString.copyFrom(Base64.getDecoder().decode(first));
    }

    /** At least as great as any key, among keys that are cut to its length. */
    ByteString lastKey() {
      return ByteString.copyFrom(Base64.getDecoder().decode(last));
    }
  }

  public KeyIndexHeader {
    parts = List.copyOf(parts);
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("an index of no parts");
    }
    for (int i = 0; i < parts.size(); i++) {
      if (parts.get(i).number() != parts.get(0).number() + i) {
        throw new IllegalArgumentException("part " + parts.get(i).number() + " is out of place");
      }
    }
    if (content.bytes() != KeyHash.SLICES * (long) sliceBytes(parts)) {
      throw new IllegalArgumentException(content.bytes() + " bytes of filters");
    }
  }

  @Override
  public KeyIndexHeader encrypted(Encryption by) {
    List<PartKeys> secret = parts.stream().map(PartKeys::withoutKeys).toList();
    return new KeyIndexHeader(lineage, set, content, secret, Optional.of(by));
  }

  public int firstPart() {
    return parts.get(0).number();
  }

  public int lastPart() {
    return parts.get(parts.size() - 1).number();
  }

  /** Length of one slice: a filter for each part, and a checksum. */
  public int sliceBytes() {
    return sliceBytes(parts);
  }

  static int sliceBytes(List<PartKeys> parts) {
    return Math.toIntExact(
        parts.stream().mapToLong(PartKeys::filterBytes).sum() + SealedObject.CHECKSUM_LENGTH);
  }
}
