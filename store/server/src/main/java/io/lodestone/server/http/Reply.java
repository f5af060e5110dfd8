package io.lodestone.server.http;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A whole answer. Immutable.
 *
 * @param headers beside Content-Type and Content-Length
 */
public record Reply(
    HttpResponseStatus status, String contentType, String body, Map<String, String> headers) {
  public static final String JSON = "application/json";
  static final String PLAIN = "text/plain; charset=utf-8";

  public Reply {
    headers = Map.copyOf(headers);
  }

  public static Reply ok(String contentType, String body) {
    return new Reply(HttpResponseStatus.OK, contentType, body, Map.of());
  }

  /** As Go's HTTP server tells plain errors and texts. */
  static Reply plain(HttpResponseStatus status, String body) {
    return new Reply(status, PLAIN, body, Map.of("X-Content-Type-Options", "nosniff"));
  }

  static Reply notFound() {
    return plain(HttpResponseStatus.NOT_FOUND, "404 page not found\n");
  }

  /** Go's server sends those who forget the slash of a folder to it. */
  static Reply movedTo(String path, String method) {
    Map<String, String> location = Map.of("Location", path);
    return method.equals("GET")
        ? new Reply(
            HttpResponseStatus.MOVED_PERMANENTLY,
            "text/html; charset=utf-8",
            "<a href=\"" + path + "\">Moved Permanently</a>.\n\n",
            location)
        : new Reply(HttpResponseStatus.MOVED_PERMANENTLY, "", "", location);
  }

  static Reply methodNotAllowed() {
    return new Reply(
        HttpResponseStatus.METHOD_NOT_ALLOWED,
        PLAIN,
        "Method Not Allowed\n",
        Map.of("Allow", "GET", "X-Content-Type-Options", "nosniff"));
  }

  FullHttpResponse toResponse() {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            status,
            Unpooled.wrappedBuffer(body.getBytes(StandardCharsets.UTF_8)));
    if (!contentType.isEmpty()) {
      response.headers().set(HttpHeaderNames.CONTENT_TYPE, contentType);
    }
    headers.forEach(response.headers()::set);
    response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
    return response;
  }
}
