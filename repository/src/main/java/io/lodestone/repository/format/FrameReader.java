package io.lodestone.repository.format;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.LeaseId;
import io.lodestone.api.Revision;
import io.lodestone.api.authpb.Role;
import io.lodestone.api.authpb.User;
import io.lodestone.api.etcdserverpb.AlarmMember;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.AlarmState;
import io.lodestone.revisions.StreamItem.AuthState;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.LeaseGone;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.MemberState;
import io.lodestone.revisions.StreamItem.RoleState;
import io.lodestone.revisions.StreamItem.UserState;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Decodes the items of one object's frames, frame by frame. Values are slices of the frame's plain
 * bytes. At the end the counts are held against those of the header. Holds native memory until
 * closed. Confined to one thread.
 */
public final class FrameReader implements AutoCloseable {
  private final String object;
  private final byte[] bytes;
  private final int start;
  private final int end;
  private final ContentFacts expected;
  private final ZstdDecompressCtx zstd = new ZstdDecompressCtx();
  private final CRC32C crc = new CRC32C();

  private int position;
  private int frameOffset;
  private int frames;
  private long records;
  private long items;
  private long uncompressedBytes;

  private byte[] plain = new byte[0];
  private ByteString plainBytes = ByteString.EMPTY;
  private int cursor;
  private long lastMain;
  private long lastSeconds;

  FrameReader(String object, byte[] bytes, int from, int to, ContentFacts expected) {
    this.object = object;
    this.bytes = bytes;
    this.start = from;
    this.position = from;
    this.frameOffset = from;
    this.end = to;
    this.expected = expected;
  }

  /** The next item, or empty at the end of the frames. */
  public Optional<StreamItem> next() {
    if (cursor == plain.length) {
      if (position == end) {
        checkCounts();
        return Optional.empty();
      }
      openFrame();
    }
    items++;
    try {
      return Optional.of(item(plain[cursor++]));
    } catch (ArrayIndexOutOfBoundsException | IllegalArgumentException e) {
      throw corrupt("an item is cut off or has an impossible value", e);
    } catch (InvalidProtocolBufferException e) {
      throw corrupt("an item does not hold the message it says", e);
    }
  }

  private void openFrame() {
    frameOffset = position;
    if (end - position < Frames.HEADER_LENGTH) {
      throw corrupt("a frame begins only " + (end - position) + " bytes before the end");
    }
    ByteBuffer header = ByteBuffer.wrap(bytes, position, Frames.HEADER_LENGTH);
    int packedLength = header.getInt();
    int plainLength = header.getInt();
    if (packedLength <= 0 || packedLength > end - position - Frames.HEADER_LENGTH) {
      throw corrupt("a frame says it has " + Integer.toUnsignedString(packedLength) + " bytes");
    }
    if (plainLength <= 0 || plainLength > Frames.MAX_PLAIN_BYTES) {
      throw corrupt(
          "a frame says it unpacks to " + Integer.toUnsignedString(plainLength) + " bytes");
    }
    if (header.getInt() != FrameWriter.checksum(crc, bytes, position, packedLength)) {
      throw corrupt("the checksum of a frame does not match");
    }
    unpack(packedLength, plainLength);
    position += Frames.HEADER_LENGTH + packedLength;
  }

  private void unpack(int packedLength, int plainLength) {
    byte[] target = new byte[plainLength];
    int unpacked;
    try {
      unpacked =
          zstd.decompressByteArray(
              target, 0, plainLength, bytes, position + Frames.HEADER_LENGTH, packedLength);
    } catch (ZstdException e) {
      throw corrupt("a frame does not unpack to the " + plainLength + " bytes it says", e);
    }
    if (unpacked != plainLength) {
      throw corrupt("a frame unpacks to " + unpacked + " bytes and says " + plainLength);
    }
    plain = target;
    plainBytes = UnsafeByteOperations.unsafeWrap(target);
    cursor = 0;
    lastMain = 0;
    lastSeconds = 0;
    frames++;
    uncompressedBytes += plainLength;
  }

  private StreamItem item(byte kind) throws InvalidProtocolBufferException {
    return switch (kind) {
      case ItemKind.RECORD -> record(false);
      case ItemKind.TOMBSTONE -> record(true);
      case ItemKind.COMPLETE -> complete();
      case ItemKind.COMPACTION -> new Compaction(zigzag(), zigzag());
      case ItemKind.LEASE -> new LeaseState(new LeaseId(zigzag()), zigzag(), zigzag());
      case ItemKind.LEASE_GONE -> new LeaseGone(new LeaseId(zigzag()));
      case ItemKind.AUTH -> new AuthState(varint() == 1, varint());
      case ItemKind.USER -> new UserState(User.parseFrom(slice()));
      case ItemKind.ROLE -> new RoleState(Role.parseFrom(slice()));
      case ItemKind.ALARM -> new AlarmState(AlarmMember.parseFrom(slice()));
      case ItemKind.MEMBER -> new MemberState(Member.parseFrom(slice()));
      default -> throw corrupt("an item has the unknown kind " + kind);
    };
  }

  private RevisionRecord record(boolean tombstone) {
    records++;
    lastMain += varint();
    return new RevisionRecord(new Revision(lastMain, varint()), tombstone, slice());
  }

  private Complete complete() {
    long revision = lastMain + zigzag();
    lastSeconds += zigzag();
    long nanos = varint();
    if (revision < 0 || nanos < 0 || nanos > 999_999_999) {
      throw new IllegalArgumentException("Complete at revision " + revision + ", " + nanos + " ns");
    }
    if (lastSeconds < Instant.MIN.getEpochSecond() || lastSeconds > Instant.MAX.getEpochSecond()) {
      throw new IllegalArgumentException("Complete at second " + lastSeconds);
    }
    return new Complete(revision, Instant.ofEpochSecond(lastSeconds, nanos));
  }

  private ByteString slice() {
    long length = varint();
    if (length < 0 || length > plain.length - cursor) {
      throw new IllegalArgumentException("a length of " + length);
    }
    int from = cursor;
    cursor += (int) length;
    return plainBytes.substring(from, cursor);
  }

  private long zigzag() {
    long folded = varint();
    return (folded >>> 1) ^ -(folded & 1);
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      byte next = plain[cursor++];
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a number of more than 10 bytes");
  }

  private void checkCounts() {
    ContentFacts found = new ContentFacts(frames, end - start, records, items, uncompressedBytes);
    if (!found.equals(expected)) {
      throw corrupt("its frames add up to " + found + ", its header says " + expected);
    }
  }

  private CorruptDataException corrupt(String what) {
    return Damage.corrupt(object, frameOffset, what);
  }

  private CorruptDataException corrupt(String what, Exception cause) {
    return Damage.corrupt(object, frameOffset, what, cause);
  }

  @Override
  public void close() {
    zstd.close();
  }
}
