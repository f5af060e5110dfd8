package io.lodestone.server.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Requests that are no HTTP/1.1, and what Go's server tells who sends them. Stateless. */
final class Unreadable {
  private Unreadable() {}

  /** Empty for a request that can be served; otherwise the connection ends with the reply. */
  static Optional<Reply> reply(HttpRequest request) {
    if (!request.decoderResult().isSuccess()) {
      return Optional.of(
          request.decoderResult().cause() instanceof TooLongHttpHeaderException
              ? ofStatus(HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
              : badRequest(""));
    }
    List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
    if (request.protocolVersion().majorVersion() != 1 || hosts.size() > 1) {
      return Optional.of(badRequest(""));
    }
    if (hosts.isEmpty() && request.protocolVersion().minorVersion() > 0) {
      return Optional.of(badRequest(": missing required Host header"));
    }
    String coding = request.headers().get(HttpHeaderNames.TRANSFER_ENCODING, "chunked");
    if (!HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(coding)) {
      return Optional.of(
          new Reply(
              HttpResponseStatus.NOT_IMPLEMENTED,
              Reply.PLAIN,
              "Unsupported transfer encoding",
              Map.of()));
    }
    String expected = request.headers().get(HttpHeaderNames.EXPECT, "100-continue");
    return !HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expected)
        ? Optional.of(new Reply(HttpResponseStatus.EXPECTATION_FAILED, "", "", Map.of()))
        : Optional.empty();
  }

  private static Reply badRequest(String more) {
    return ofStatus(HttpResponseStatus.valueOf(400, "Bad Request" + more));
  }

  private static Reply ofStatus(HttpResponseStatus status) {
    return Reply.plain(status, status.toString());
  }
}
