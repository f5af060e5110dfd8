package io.lodestone.mvcc.watch;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.lodestone.api.mvccpb.Event;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.revisions.RevisionRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One change, encoded as an {@code mvccpb.Event} at most once in each form, straight from the
 * stored bytes. Confined to one thread at a time.
 */
final class WatchEvent {
  private final RevisionRecord record;
  private final Supplier<Optional<ByteString>> previous;
  private ByteString plain = ByteString.EMPTY;
  private ByteString withPrevious = ByteString.EMPTY;

  /**
   * @param previous the encoded KeyValue one revision before; empty where there was none or it is
   *     compacted
   */
  WatchEvent(RevisionRecord record, Supplier<Optional<ByteString>> previous) {
    this.record = record;
    this.previous = previous;
  }

  long revision() {
    return record.main();
  }

  /** Of what it was encoded to so far. */
  long encodedBytes() {
    return (long) plain.size() + withPrevious.size();
  }

  ByteString encoded(boolean wantsPrevious) {
    return wantsPrevious ? withPrevious() : plain();
  }

  private ByteString plain() {
    if (plain.isEmpty()) {
      plain = encode(Optional.empty());
    }
    return plain;
  }

  private ByteString withPrevious() {
    if (withPrevious.isEmpty()) {
      Optional<ByteString> before = previous.get();
      withPrevious = before.isEmpty() ? plain() : encode(before);
    }
    return withPrevious;
  }

  private ByteString encode(Optional<ByteString> before) {
    ByteString keyValue = record.tombstone() ? deletedKey() : record.value();
    int size =
        (record.tombstone()
                ? CodedOutputStream.computeEnumSize(
                    Event.TYPE_FIELD_NUMBER, Event.EventType.DELETE_VALUE)
                : 0)
            + CodedOutputStream.computeBytesSize(Event.KV_FIELD_NUMBER, keyValue)
            + before
                .map(value -> CodedOutputStream.computeBytesSize(Event.PREV_KV_FIELD_NUMBER, value))
                .orElse(0);
    ByteString.Output bytes = ByteString.newOutput(size);
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes, size);
      if (record.tombstone()) {
        out.writeEnum(Event.TYPE_FIELD_NUMBER, Event.EventType.DELETE_VALUE);
      }
      out.writeBytes(Event.KV_FIELD_NUMBER, keyValue);
      if (before.isPresent()) {
        out.writeBytes(Event.PREV_KV_FIELD_NUMBER, before.get());
      }
      out.flush();
      return bytes.toByteString();
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot be written", e);
    }
  }

  /** Of a deletion only the key and its revision are told. */
  private ByteString deletedKey() {
    return KeyValue.newBuilder()
        .setKey(record.key())
        .setModRevision(record.main())
        .build()
        .toByteString();
  }
}
