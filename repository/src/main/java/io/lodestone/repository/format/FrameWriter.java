package io.lodestone.repository.format;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.lodestone.api.LodestoneException;
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
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Encodes items into compressed frames and collects these until {@link #take}. A value is copied
 * once, into the frame's plain bytes. Holds native memory until closed. Confined to one thread.
 */
public final class FrameWriter implements AutoCloseable {
  /** Kind byte and the varints of the longest item, without its bytes. */
  private static final int MAX_OVERHEAD = 1 + 10 * 4;

  private final ZstdCompressCtx zstd;
  private final CRC32C crc = new CRC32C();
  private final int targetBytes;
  private byte[] plain;
  private byte[] packed = new byte[0];
  private int length;
  private long lastMain;
  private long lastSeconds;

  private final List<ByteString> frames = new ArrayList<>();
  private long bytes;
  private long records;
  private long items;
  private long uncompressedBytes;

  /**
   * @param targetBytes plain bytes at which a frame is closed; {@link Frames#TARGET_BYTES} or less
   * @param level of zstd's compression
   */
  public FrameWriter(int targetBytes, int level) {
    this.zstd = new ZstdCompressCtx().setLevel(level);
    this.targetBytes = targetBytes;
    this.plain = new byte[targetBytes + MAX_OVERHEAD];
  }

  /** Takes the next item; a LodestoneException if it is longer than 32 MiB. */
  public void add(StreamItem item) {
    items++;
    if (item instanceof RevisionRecord record) {
      add(record);
    } else if (item instanceof Complete mark) {
      add(mark);
    } else if (item instanceof Compaction compaction) {
      begin(ItemKind.COMPACTION, 0);
      zigzag(compaction.scheduled());
      zigzag(compaction.finished());
    } else if (item instanceof LeaseState lease) {
      begin(ItemKind.LEASE, 0);
      zigzag(lease.id().value());
      zigzag(lease.grantedTtlSeconds());
      zigzag(lease.remainingTtlSeconds());
    } else if (item instanceof LeaseGone gone) {
      begin(ItemKind.LEASE_GONE, 0);
      zigzag(gone.id().value());
    } else if (item instanceof AuthState auth) {
      begin(ItemKind.AUTH, 0);
      varint(auth.enabled() ? 1 : 0);
      varint(auth.authRevision());
    } else if (item instanceof UserState user) {
      message(ItemKind.USER, user.user().toByteString());
    } else if (item instanceof RoleState role) {
      message(ItemKind.ROLE, role.role().toByteString());
    } else if (item instanceof AlarmState alarm) {
      message(ItemKind.ALARM, alarm.alarm().toByteString());
    } else if (item instanceof MemberState member) {
      message(ItemKind.MEMBER, member.member().toByteString());
    } else {
      throw new IllegalArgumentException("does not belong into a frame: " + item);
    }
  }

  private void add(RevisionRecord record) {
    records++;
    ByteString value = record.value();
    begin(record.tombstone() ? ItemKind.TOMBSTONE : ItemKind.RECORD, value.size());
    varint(record.main() - lastMain);
    lastMain = record.main();
    varint(record.revision().sub());
    bytes(value);
  }

  private void add(Complete mark) {
    Instant at = mark.at();
    begin(ItemKind.COMPLETE, 0);
    zigzag(mark.revision() - lastMain);
    zigzag(at.getEpochSecond() - lastSeconds);
    varint(at.getNano());
    lastSeconds = at.getEpochSecond();
  }

  private void message(byte kind, ByteString message) {
    begin(kind, message.size());
    bytes(message);
  }

  /** Stored bytes of the frames finished so far. */
  public long bytes() {
    return bytes;
  }

  public boolean isEmpty() {
    return items == 0;
  }

  /** Finishes the current frame, and gives away all of them. The writer is empty afterwards. */
  public Frames take() {
    finishFrame();
    Frames taken =
        new Frames(ByteString.copyFrom(frames), frames.size(), records, items, uncompressedBytes);
    frames.clear();
    bytes = 0;
    records = 0;
    items = 0;
    uncompressedBytes = 0;
    return taken;
  }

  private void begin(byte kind, int variableBytes) {
    int most = MAX_OVERHEAD + variableBytes;
    if (most > Frames.MAX_PLAIN_BYTES) {
      throw new LodestoneException(
          "an item of "
              + variableBytes
              + " bytes is too long for the repository, which takes "
              + (Frames.MAX_PLAIN_BYTES - MAX_OVERHEAD),
          "find the key with this value and split it; etcd's own default limit is 1.5 MiB");
    }
    if (length + most > targetBytes) {
      finishFrame();
    }
    if (most > plain.length) {
      plain = new byte[most];
    }
    plain[length++] = kind;
  }

  private void finishFrame() {
    if (length == 0) {
      return;
    }
    int bound = Math.toIntExact(Zstd.compressBound(length));
    if (packed.length < bound) {
      packed = new byte[bound];
    }
    int packedLength = zstd.compressByteArray(packed, 0, packed.length, plain, 0, length);
    byte[] frame = new byte[Frames.HEADER_LENGTH + packedLength];
    System.arraycopy(packed, 0, frame, Frames.HEADER_LENGTH, packedLength);
    ByteBuffer header = ByteBuffer.wrap(frame).putInt(packedLength).putInt(length);
    header.putInt(checksum(crc, frame, 0, packedLength));
    frames.add(UnsafeByteOperations.unsafeWrap(frame));
    bytes += frame.length;
    uncompressedBytes += length;
    beginFrame();
  }

  private void beginFrame() {
    length = 0;
    lastMain = 0;
    lastSeconds = 0;
    if (plain.length > targetBytes + MAX_OVERHEAD) {
      plain = new byte[targetBytes + MAX_OVERHEAD];
      packed = new byte[0];
    }
  }

  /** The checksum of the frame at {@code offset}: of its two lengths and its packed bytes. */
  static int checksum(CRC32C crc, byte[] object, int offset, int packedLength) {
    crc.reset();
    crc.update(object, offset, 8);
    crc.update(object, offset + Frames.HEADER_LENGTH, packedLength);
    return (int) crc.getValue();
  }

  private void bytes(ByteString value) {
    varint(value.size());
    value.copyTo(plain, length);
    length += value.size();
  }

  private void zigzag(long value) {
    varint((value << 1) ^ (value >> 63));
  }

  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      plain[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    plain[length++] = (byte) rest;
  }

  @Override
  public void close() {
    zstd.close();
  }
}
