package io.lodestone.server.http;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Metadata;
import io.grpc.Status;
import io.lodestone.api.ErrorCode;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One JSON request: each object of its body is a message to the method, each message back is an
 * object of the response. A method that answers once gives the whole response; one that streams
 * gives a line {@code {"result":...}} for each message and {@code {"error":...}} for a failure.
 */
final class GatewayExchange<Q, A> implements Exchange, LocalCall.Answers<A> {
  private static final Pattern SCALAR =
      Pattern.compile("null|true|false|-?[0-9.eE+-]+|\"[^\"\\\\]*\"");

  /** What cannot begin a value, or an object's first key. */
  private static final Pattern NO_VALUE =
      Pattern.compile("(?:\\{\\s*([^\"}\\s])|([^{\\[\"0-9tfn-])).*", Pattern.DOTALL);

  private final Rpc<Q, A> rpc;
  private final HttpAnswer out;
  private final JsonValues values;
  private final LocalCall<Q, A> call;
  private boolean received;
  private boolean refused;
  private volatile boolean answered;

  GatewayExchange(Rpc<Q, A> rpc, Metadata headers, HttpAnswer out, int maxRequestBytes) {
    this.rpc = rpc;
    this.out = out;
    this.values = new JsonValues(maxRequestBytes);
    this.call = new LocalCall<>(rpc, this);
    call.start(headers);
  }

  @Override
  public void body(ByteBuf piece) {
    try {
      List<String> messages = values.feed(piece);
      for (String json : messages) {
        if (!refused && (rpc.clientStreams() || !received)) {
          receive(json);
        }
      }
    } catch (JsonValues.TooLargeException e) {
      refuse(ErrorCode.REQUEST_TOO_LARGE.text());
    }
  }

  private void receive(String json) {
    try {
      received = true;
      call.receive(rpc.request(json));
    } catch (InvalidProtocolBufferException e) {
      refuse("proto: " + e.getMessage());
    }
  }

  /** A stream of requests ends at one that cannot be read, and nobody is told; so it is in etcd. */
  private void refuse(String why) {
    if (refused) {
      return;
    }
    refused = true;
    if (rpc.clientStreams()) {
      call.halfClose();
      return;
    }
    call.cancel();
    Status status = Status.INVALID_ARGUMENT.withDescription(why);
    out.gateway(status, GatewayErrors.json(status));
  }

  @Override
  public void end() {
    if (values.isInside() && (rpc.clientStreams() || !received)) {
      endInside(values.rest().strip());
    }
    if (refused) {
      return;
    }
    if (!received && !rpc.clientStreams()) {
      receive("");
    }
    call.halfClose();
  }

  /** A value that is no object, or none at all; told in the words of Go's parser. */
  private void endInside(String rest) {
    if (SCALAR.matcher(rest).matches()) {
      receive(rest);
      return;
    }
    Matcher broken = NO_VALUE.matcher(rest);
    refuse(
        broken.lookingAt()
            ? "invalid character '"
                + rest.charAt(broken.start(broken.group(1) == null ? 2 : 1))
                + "' looking for beginning of value"
            : "unexpected EOF");
  }

  @Override
  public void unreadable() {
    refuse("invalid byte in chunk length");
  }

  @Override
  public void writable() {
    call.writable();
  }

  @Override
  public void gone() {
    call.cancel();
  }

  @Override
  public void message(A response) {
    answered = true;
    String json = rpc.print(response);
    if (rpc.serverStreams()) {
      out.line("{\"result\":" + json + "}");
    } else {
      out.gateway(Status.OK, json);
    }
  }

  @Override
  public void end(Status status) {
    if (rpc.serverStreams()) {
      if (!status.isOk()) {
        out.errorLine(status, "{\"error\":" + GatewayErrors.json(status) + "}");
      }
      out.endLines();
    } else if (!answered) {
      out.gateway(status, GatewayErrors.json(status));
    }
  }

  @Override
  public boolean isReady() {
    return out.isWritable();
  }

  @Override
  public void onEventLoop(Runnable task) {
    out.onEventLoop(task);
  }
}
