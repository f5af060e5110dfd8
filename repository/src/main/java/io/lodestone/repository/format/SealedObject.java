package io.lodestone.repository.format;

import com.google.protobuf.ByteString;
import io.lodestone.repository.format.KeyIndexWriter.KeyIndex;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * An object as it is stored: magic, version, header, frames or filters, hash. Immutable.
 *
 * @param bytes all of it
 * @param hash of all bytes before the hash
 */
public record SealedObject(ByteString bytes, Sha256 hash) {
  /** What is written where nothing needs more. */
  static final int FIRST_VERSION = 1;

  /** Adds spans. */
  static final int SPAN_VERSION = 2;

  /** Adds encrypted contents. */
  static final int ENCRYPTED_VERSION = 3;

  /** Adds histories of the keys below a prefix. */
  static final int NEWEST_VERSION = 4;

  static final int PREFIX_LENGTH = 16;
  static final int CHECKSUM_LENGTH = 4;
  static final int MAX_HEADER_BYTES = 8 << 20;

  /** The most an object may have; a reader holds one or two in memory. */
  public static final int MAX_BYTES = 64 << 20;

  /** All bytes but the header and the frames. */
  static final int ENVELOPE_BYTES = PREFIX_LENGTH + CHECKSUM_LENGTH + Sha256.LENGTH;

  static final ByteString ENTRY_MAGIC = ByteString.copyFromUtf8("LODELOG\n");
  static final ByteString PART_MAGIC = ByteString.copyFromUtf8("LODEPRT\n");
  static final ByteString KEYS_MAGIC = ByteString.copyFromUtf8("LODEKEY\n");

  public static SealedObject entry(ContentCipher cipher, EntryHeader header, Frames frames) {
    return seal(cipher, ENTRY_MAGIC, version(header), header, frames.bytes());
  }

  private static int version(EntryHeader header) {
    if (header.base().flatMap(BaseFacts::prefix).isPresent()) {
      return NEWEST_VERSION;
    }
    return header.span().isPresent() ? SPAN_VERSION : FIRST_VERSION;
  }

  public static SealedObject part(ContentCipher cipher, PartHeader header, Frames frames) {
    return seal(cipher, PART_MAGIC, FIRST_VERSION, header, frames.bytes());
  }

  public static SealedObject keyIndex(ContentCipher cipher, KeyIndex index) {
    return seal(cipher, KEYS_MAGIC, FIRST_VERSION, index.header(), index.filters());
  }

  /** An object without content is not encrypted. */
  private static SealedObject seal(
      ContentCipher cipher,
      ByteString magic,
      int version,
      ObjectHeader header,
      ByteString content) {
    Optional<Encryption> by = content.isEmpty() ? Optional.empty() : cipher.newest();
    if (by.isEmpty()) {
      return seal(head(magic, version, header), content);
    }
    ByteString head = head(magic, Math.max(version, ENCRYPTED_VERSION), header.encrypted(by.get()));
    return seal(head, cipher.seal(content, head));
  }

  private static SealedObject seal(ByteString head, ByteString content) {
    ByteString body = head.concat(checksum(head)).concat(content);
    Sha256 hash = Sha256.of(body);
    return new SealedObject(body.concat(hash.bytes()), hash);
  }

  private static ByteString head(ByteString magic, int version, ObjectHeader header) {
    ByteString json = HeaderJson.write(header);
    if (json.size() > MAX_HEADER_BYTES) {
      throw new IllegalStateException("a header of " + json.size() + " bytes is too long");
    }
    ByteBuffer prefix = ByteBuffer.allocate(PREFIX_LENGTH);
    prefix.put(magic.asReadOnlyByteBuffer()).putInt(version).putInt(json.size()).flip();
    return ByteString.copyFrom(prefix).concat(json);
  }

  private static ByteString checksum(ByteString head) {
    CRC32C crc = new CRC32C();
    crc.update(head.toByteArray());
    return ByteString.copyFrom(
        ByteBuffer.allocate(CHECKSUM_LENGTH).putInt((int) crc.getValue()).flip());
  }

  /**
   * Whether what {@code in} still has, {@code size} bytes, ends with the hash of all before, as
   * sealed objects do.
   */
  public static boolean endsWithItsHash(InputStream in, long size) throws IOException {
    return size > ENVELOPE_BYTES
        && Sha256.of(in, size - Sha256.LENGTH).bytes().equals(ByteString.readFrom(in));
  }
}
