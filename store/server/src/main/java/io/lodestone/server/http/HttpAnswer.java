package io.lodestone.server.http;

import io.grpc.Status;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The response to one request: a whole one, or lines that follow as they come. Any thread; lines
 * keep their order, since each goes to the event loop.
 */
final class HttpAnswer {
  private static final Map<String, String> FROM_GRPC =
      Map.of("Grpc-Metadata-Content-Type", "application/grpc");

  private final Channel channel;
  private volatile boolean keepAlive;
  private final boolean head;
  private final Map<String, String> crossOrigin;
  private boolean begun;
  private boolean ended;

  HttpAnswer(Channel channel, boolean keepAlive, boolean head, Map<String, String> crossOrigin) {
    this.channel = channel;
    this.keepAlive = keepAlive;
    this.head = head;
    this.crossOrigin = Map.copyOf(crossOrigin);
  }

  /** Nothing that follows on the connection can be read: it ends behind this answer. */
  void endsConnection() {
    keepAlive = false;
  }

  boolean isWritable() {
    return channel.isWritable();
  }

  void onEventLoop(Runnable task) {
    if (channel.eventLoop().inEventLoop()) {
      task.run();
    } else {
      channel.eventLoop().execute(task);
    }
  }

  void gateway(Status status, String json) {
    Map<String, String> headers = status.isOk() ? FROM_GRPC : Map.of();
    whole(new Reply(GatewayErrors.http(status.getCode()), Reply.JSON, json, headers));
  }

  void whole(Reply reply) {
    onEventLoop(
        () -> {
          FullHttpResponse response = reply.toResponse();
          decorate(response);
          if (head) {
            response.content().clear();
          }
          finish(response);
        });
  }

  void line(String json) {
    onEventLoop(
        () -> {
          begin(HttpResponseStatus.OK);
          write(json + "\n");
        });
  }

  /** A failure of a stream: its status is told where nothing was sent before. */
  void errorLine(Status status, String json) {
    onEventLoop(
        () -> {
          begin(GatewayErrors.http(status.getCode()));
          write(json);
        });
  }

  void endLines() {
    onEventLoop(
        () -> {
          if (begun) {
            finish(LastHttpContent.EMPTY_LAST_CONTENT);
          } else {
            whole(new Reply(HttpResponseStatus.OK, "", "", Map.of()));
          }
        });
  }

  private void begin(HttpResponseStatus status) {
    if (begun) {
      return;
    }
    begun = true;
    HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, status);
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, Reply.JSON);
    FROM_GRPC.forEach(response.headers()::set);
    response.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    decorate(response);
    var unused = channel.writeAndFlush(response);
  }

  private void decorate(HttpMessage response) {
    crossOrigin.forEach(response.headers()::set);
    HttpUtil.setKeepAlive(response, keepAlive);
  }

  private void write(String text) {
    var unused =
        channel.writeAndFlush(
            new DefaultHttpContent(Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8))));
  }

  private void finish(Object last) {
    if (ended) {
      return;
    }
    ended = true;
    var written = channel.writeAndFlush(last);
    if (!keepAlive) {
      written.addListener(ChannelFutureListener.CLOSE);
    }
    channel.pipeline().fireUserEventTriggered(Answered.ANSWERED);
  }

  /** Tells the connection that its next request may be answered. */
  enum Answered {
    ANSWERED
  }
}
