package io.lodestone.repository.format;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.UnsupportedFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A sealed object that was read whole and found intact, as far as its own hash tells. An encrypted
 * content is decrypted when it is asked for. Confined to one thread.
 *
 * @param <H> what its header is
 */
public final class OpenedObject<H extends ObjectHeader> {
  private final String name;
  private final H header;
  private final byte[] bytes;
  private final int framesOffset;
  private final Sha256 hash;
  private final ContentCipher cipher;

  /** The content in the clear, once it was asked for. */
  private Optional<byte[]> decrypted = Optional.empty();

  private OpenedObject(
      String name, H header, byte[] bytes, int framesOffset, Sha256 hash, ContentCipher cipher) {
    this.name = name;
    this.header = header;
    this.bytes = bytes;
    this.framesOffset = framesOffset;
    this.hash = hash;
    this.cipher = cipher;
  }

  /** Reads an entry from its first byte on; the stream is not closed. */
  public static OpenedObject<EntryHeader> entry(String name, InputStream in, ContentCipher cipher)
      throws IOException {
    return open(name, in, EntryHeader.class, cipher);
  }

  /** Reads a part from its first byte on; the stream is not closed. */
  public static OpenedObject<PartHeader> part(String name, InputStream in, ContentCipher cipher)
      throws IOException {
    return open(name, in, PartHeader.class, cipher);
  }

  /** Reads no more than the header of an entry; its frames and its hash are not looked at. */
  public static EntryHeader entryHeader(String name, InputStream in) throws IOException {
    return head(name, in, EntryHeader.class).header;
  }

  /** Reads a key index from its first byte on; the stream is not closed. */
  public static OpenedObject<KeyIndexHeader> keyIndex(
      String name, InputStream in, ContentCipher cipher) throws IOException {
    return open(name, in, KeyIndexHeader.class, cipher);
  }

  /** Reads no more than the header of a key index. */
  public static KeyIndexHead keyIndexHead(String name, InputStream in) throws IOException {
    Head<KeyIndexHeader> head = head(name, in, KeyIndexHeader.class);
    return new KeyIndexHead(head.header, head.bytes.length);
  }

  /** The header of a key index, and where in the object the filters begin. */
  public record KeyIndexHead(KeyIndexHeader header, int filtersOffset) {}

  private static final class Head<H> {
    private final byte[] bytes;
    private final H header;

    Head(byte[] bytes, H header) {
      this.bytes = bytes;
      this.header = header;
    }
  }

  private static <H extends ObjectHeader> OpenedObject<H> open(
      String name, InputStream in, Class<H> type, ContentCipher cipher) throws IOException {
    Head<H> head = head(name, in, type);
    if (head.header.encryption().isPresent()) {
      return checked(name, head, wholeOf(name, head.bytes, in), cipher);
    }
    int framesOffset = head.bytes.length;
    long size = (long) framesOffset + head.header.content().bytes() + Sha256.LENGTH;
    if (size > SealedObject.MAX_BYTES) {
      throw Damage.corrupt(name, SealedObject.PREFIX_LENGTH, "it says it has " + size + " bytes");
    }
    byte[] bytes = Arrays.copyOf(head.bytes, (int) size);
    fill(name, in, bytes, framesOffset);
    if (in.read() >= 0) {
      throw Damage.corrupt(name, size, "there are bytes behind its end");
    }
    return checked(name, head, bytes, cipher);
  }

  /** How long an encrypted content is only its end tells. */
  private static byte[] wholeOf(String name, byte[] head, InputStream in) throws IOException {
    byte[] rest = in.readNBytes(SealedObject.MAX_BYTES - head.length + 1);
    long size = (long) head.length + rest.length;
    if (size > SealedObject.MAX_BYTES) {
      throw Damage.corrupt(name, size, "it is longer than an object may be");
    }
    if (rest.length < Sha256.LENGTH) {
      throw Damage.truncated(name, size, "it ends here, before its hash");
    }
    byte[] bytes = Arrays.copyOf(head, (int) size);
    System.arraycopy(rest, 0, bytes, head.length, rest.length);
    return bytes;
  }

  private static <H extends ObjectHeader> OpenedObject<H> checked(
      String name, Head<H> head, byte[] bytes, ContentCipher cipher) {
    H header = head.header;
    int hashOffset = bytes.length - Sha256.LENGTH;
    Sha256 hash = Sha256.of(bytes, hashOffset);
    var opened = new OpenedObject<>(name, header, bytes, head.bytes.length, hash, cipher);
    if (!hash.equals(Sha256.stored(bytes, hashOffset))) {
      if (!(header instanceof KeyIndexHeader) && header.encryption().isEmpty()) {
        opened.pointAtDamage();
      }
      throw Damage.corrupt(name, hashOffset, "its hash does not match its bytes");
    }
    return opened;
  }

  /** Fails with the offset of the first damaged frame, if the damage is in one. */
  private void pointAtDamage() {
    try (FrameReader frames = frames()) {
      while (frames.next().isPresent()) {
        // only its checks matter
      }
    }
  }

  private static <H extends ObjectHeader> Head<H> head(String name, InputStream in, Class<H> type)
      throws IOException {
    byte[] prefix = new byte[SealedObject.PREFIX_LENGTH];
    fill(name, in, prefix, 0);
    int headerLength = headerLength(name, prefix, type);
    int end = SealedObject.PREFIX_LENGTH + headerLength;
    byte[] bytes = Arrays.copyOf(prefix, end + SealedObject.CHECKSUM_LENGTH);
    fill(name, in, bytes, SealedObject.PREFIX_LENGTH);
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, end);
    if (ByteBuffer.wrap(bytes).getInt(end) != (int) crc.getValue()) {
      throw Damage.corrupt(name, end, "the checksum of its header does not match");
    }
    H header = HeaderJson.read(type, name, bytes, SealedObject.PREFIX_LENGTH, end);
    return new Head<>(bytes, header);
  }

  private static int headerLength(String name, byte[] prefix, Class<?> type) {
    byte[] magic = magic(type).toByteArray();
    if (!Arrays.equals(prefix, 0, magic.length, magic, 0, magic.length)) {
      throw Damage.corrupt(name, 0, "it does not begin like an object of this repository");
    }
    ByteBuffer numbers = ByteBuffer.wrap(prefix).position(magic.length);
    int version = numbers.getInt();
    if (version < SealedObject.FIRST_VERSION || version > SealedObject.NEWEST_VERSION) {
      throw new UnsupportedFormatException(
          "object "
              + name
              + " has format version "
              + Integer.toUnsignedString(version)
              + "; this program knows versions up to "
              + SealedObject.NEWEST_VERSION,
          "use the program that wrote it, or a newer one");
    }
    int length = numbers.getInt();
    if (length <= 0 || length > SealedObject.MAX_HEADER_BYTES) {
      throw Damage.corrupt(
          name, 12, "it says its header has " + Integer.toUnsignedString(length) + " bytes");
    }
    return length;
  }

  private static ByteString magic(Class<?> type) {
    if (type == EntryHeader.class) {
      return SealedObject.ENTRY_MAGIC;
    }
    return type == PartHeader.class ? SealedObject.PART_MAGIC : SealedObject.KEYS_MAGIC;
  }

  private static void fill(String name, InputStream in, byte[] bytes, int from) throws IOException {
    int missing = bytes.length - from;
    int count = in.readNBytes(bytes, from, missing);
    if (count < missing) {
      throw Damage.truncated(
          name, (long) from + count, "it ends here; " + (missing - count) + " bytes are missing");
    }
  }

  public H header() {
    return header;
  }

  /** All of it, as it is stored. */
  public ByteString stored() {
    return UnsafeByteOperations.unsafeWrap(bytes);
  }

  public Sha256 hash() {
    return hash;
  }

  /** Size of the whole object. */
  public long sizeBytes() {
    return bytes.length;
  }

  /** The items in its frames; the caller closes the reader. */
  public FrameReader frames() {
    if (header.encryption().isPresent()) {
      byte[] content = decrypted();
      return new FrameReader(name, content, 0, content.length, header.content());
    }
    return new FrameReader(
        name, bytes, framesOffset, bytes.length - Sha256.LENGTH, header.content());
  }

  /** A LodestoneException where the key is not at hand. */
  private byte[] decrypted() {
    if (decrypted.isEmpty()) {
      ByteString all = UnsafeByteOperations.unsafeWrap(bytes);
      ByteString head = all.substring(0, framesOffset - SealedObject.CHECKSUM_LENGTH);
      ByteString sealed = all.substring(framesOffset, bytes.length - Sha256.LENGTH);
      byte[] content = cipher.open(name, header.encryption().orElseThrow(), sealed, head);
      if (content.length != header.content().bytes()) {
        throw Damage.corrupt(
            name,
            framesOffset,
            "it decrypts to " + content.length + " bytes, its header says " + header.content());
      }
      decrypted = Optional.of(content);
    }
    return decrypted.get();
  }

  /** The slice of a key index that tells of a key. */
  public static KeySlice slice(OpenedObject<KeyIndexHeader> index, KeyHash key) {
    int slice = key.slice() * index.header.sliceBytes();
    return index.header.encryption().isPresent()
        ? new KeySlice(index.header, index.decrypted(), slice)
        : new KeySlice(index.header, index.bytes, index.framesOffset + slice);
  }

  /** A failure that points into this object's header. */
  public LodestoneException badHeader(String what) {
    return Damage.corrupt(name, SealedObject.PREFIX_LENGTH, what);
  }

  public String name() {
    return name;
  }
}
