package io.lodestone.client;

import com.google.protobuf.ByteString;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.LeaseId;
import io.lodestone.api.Revision;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.LeaseGone;
import io.lodestone.revisions.StreamItem.LeaseState;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoField;

/**
 * The body of one frame of a spool file: a kind (1 byte), then the fields of the item, big-endian.
 * Read only by the process that wrote it, so the form may change at will.
 */
final class SpoolFrame {
  private static final byte BASE = 0;
  private static final byte PUT = 1;
  private static final byte DELETE = 2;
  private static final byte COMPLETE = 3;
  private static final byte COMPACTION = 4;
  private static final byte LEASE = 5;
  private static final byte LEASE_GONE = 6;
  private static final int FIXED = 1 + 3 * Long.BYTES;

  private SpoolFrame() {}

  /** The place of a base; the base itself stays in memory. */
  static ByteBuffer baseMark() {
    return ByteBuffer.allocate(1).put(BASE).flip();
  }

  static boolean isBaseMark(ByteBuffer body) {
    return body.get(body.position()) == BASE;
  }

  static ByteBuffer encode(StreamItem item) {
    if (item instanceof RevisionRecord row) {
      return record(row);
    }
    ByteBuffer body = ByteBuffer.allocate(FIXED);
    if (item instanceof Complete mark) {
      body.put(COMPLETE).putLong(mark.revision()).putLong(mark.at().getEpochSecond());
      body.putLong(mark.at().getLong(ChronoField.NANO_OF_SECOND));
    } else if (item instanceof Compaction compaction) {
      body.put(COMPACTION).putLong(compaction.scheduled()).putLong(compaction.finished());
    } else if (item instanceof LeaseState lease) {
      body.put(LEASE).putLong(lease.id().value()).putLong(lease.grantedTtlSeconds());
      body.putLong(lease.remainingTtlSeconds());
    } else if (item instanceof LeaseGone gone) {
      body.put(LEASE_GONE).putLong(gone.id().value());
    } else {
      throw new IllegalArgumentException("no item of a living tail: " + item);
    }
    return body.flip();
  }

  private static ByteBuffer record(RevisionRecord row) {
    ByteBuffer body = ByteBuffer.allocate(1 + 2 * Long.BYTES + row.value().size());
    body.put(row.tombstone() ? DELETE : PUT);
    body.putLong(row.revision().main()).putLong(row.revision().sub());
    row.value().copyTo(body);
    return body.flip();
  }

  static StreamItem decode(ByteBuffer body) {
    byte kind = body.get();
    return switch (kind) {
      case PUT, DELETE ->
          new RevisionRecord(
              new Revision(body.getLong(), body.getLong()),
              kind == DELETE,
              ByteString.copyFrom(body));
      case COMPLETE ->
          new Complete(body.getLong(), Instant.ofEpochSecond(body.getLong(), body.getLong()));
      case COMPACTION -> new Compaction(body.getLong(), body.getLong());
      case LEASE -> new LeaseState(new LeaseId(body.getLong()), body.getLong(), body.getLong());
      case LEASE_GONE -> new LeaseGone(new LeaseId(body.getLong()));
      default ->
          throw new CorruptDataException(
              "a spool file holds a frame of kind " + kind, DiskSpool.DAMAGE_HINT);
    };
  }
}
