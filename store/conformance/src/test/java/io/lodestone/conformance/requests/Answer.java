package io.lodestone.conformance.requests;

import com.google.protobuf.Message;
import io.grpc.Status;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What came back for one call: the messages, then the status. Immutable.
 *
 * @param messages one for a unary call that went well, none for one that did not
 */
record Answer(List<Message> messages, Status.Code code, String text) {
  /** How the client's own words begin when a server does not answer in time. */
  private static final String OWN_DEADLINE = "CallOptions deadline exceeded";

  Answer {
    messages = List.copyOf(messages);
  }

  static Answer of(Message message) {
    return new Answer(List.of(message), Status.Code.OK, "");
  }

  static Answer of(Throwable failure) {
    return of(List.of(), failure);
  }

  static Answer of(List<Message> before, Throwable failure) {
    Status status = Status.fromThrowable(failure);
    String text = String.valueOf(status.getDescription());
    boolean ours = text.startsWith(OWN_DEADLINE);
    return new Answer(before, status.getCode(), ours ? OWN_DEADLINE : text);
  }

  boolean ok() {
    return code == Status.Code.OK;
  }

  /** The only message; fails where there is none or are several. */
  <T extends Message> T message(Class<T> type) {
    if (messages.size() != 1) {
      throw new IllegalStateException("one message was expected: " + this);
    }
    return type.cast(messages.get(0));
  }

  @Override
  public String toString() {
    String body = messages.stream().map(Call::text).collect(Collectors.joining(" | "));
    return code + (text.isEmpty() ? "" : " \"" + text + "\"") + " {" + body + "}";
  }
}
