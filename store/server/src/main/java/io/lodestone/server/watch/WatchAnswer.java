package io.lodestone.server.watch;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.lodestone.api.etcdserverpb.WatchResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * A {@code WatchResponse} whose events are encoded already. Immutable.
 *
 * @param control everything besides the events
 * @param events each an encoded {@code mvccpb.Event}
 */
record WatchAnswer(WatchResponse control, List<ByteString> events, long eventBytes) {
  private static final int EVENT_TAG =
      (WatchResponse.EVENTS_FIELD_NUMBER << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED;

  static WatchAnswer of(WatchResponse control) {
    return new WatchAnswer(control, List.of(), 0);
  }

  long sizeBytes() {
    return control.getSerializedSize() + eventBytes;
  }

  /** The response's encoding; the events have the highest field number, so they come last. */
  void writeTo(OutputStream target) throws IOException {
    control.writeTo(target);
    CodedOutputStream out = CodedOutputStream.newInstance(target);
    for (ByteString event : events) {
      out.writeUInt32NoTag(EVENT_TAG);
      out.writeUInt32NoTag(event.size());
      out.flush();
      event.writeTo(target);
    }
  }

  static WatchAnswer parse(WatchResponse response) {
    return new WatchAnswer(
        response.toBuilder().clearEvents().build(),
        response.getEventsList().stream().map(event -> event.toByteString()).toList(),
        (long) response.getSerializedSize()
            - response.toBuilder().clearEvents().build().getSerializedSize());
  }
}
