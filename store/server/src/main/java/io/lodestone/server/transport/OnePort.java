package io.lodestone.server.transport;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerCredentials;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalNettyServerCredentials;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Decides by the first bytes of a connection who serves it: HTTP/2's preface begins with {@code
 * PRI}, and everything that begins otherwise is HTTP/1.1. Behind TLS the same question is asked of
 * the decrypted bytes. The one class that uses {@code io.grpc.netty.Internal*}. Thread-safe.
 *
 * <p>gRPC hands every new connection to {@link #newHandler} and waits for a negotiation event,
 * however long that takes; connections of HTTP/1.1 never send one.
 */
final class OnePort implements InternalProtocolNegotiator.ProtocolNegotiator {
  private static final byte[] PREFACE = "PRI ".getBytes(StandardCharsets.US_ASCII);

  private final Optional<SslContext> tls;
  private final HttpSide http;
  private final Optional<Duration> longestSilence;

  private OnePort(Optional<SslContext> tls, HttpSide http, Optional<Duration> longestSilence) {
    this.tls = tls;
    this.http = http;
    this.longestSilence = longestSilence;
  }

  /**
   * @param longestSilence of a gRPC client, pings included, before its connection is cut
   */
  static ServerCredentials credentials(
      Optional<SslContext> tls, HttpSide http, Optional<Duration> longestSilence) {
    return InternalNettyServerCredentials.create(new OnePort(tls, http, longestSilence));
  }

  @Override
  public AsciiString scheme() {
    return AsciiString.of(tls.isPresent() ? "https" : "http");
  }

  @Override
  public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
    return new FirstBytes(grpc);
  }

  @Override
  public void close() {}

  /** Holds the connection's bytes until they tell its protocol. Confined to its event loop. */
  private final class FirstBytes extends ByteToMessageDecoder {
    private final GrpcHttp2ConnectionHandler grpc;

    private FirstBytes(GrpcHttp2ConnectionHandler grpc) {
      this.grpc = grpc;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      tls.ifPresent(
          context ->
              ctx.pipeline()
                  .addBefore(ctx.name(), null, context.newHandler(ctx.channel().alloc())));
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
      int known = Math.min(in.readableBytes(), PREFACE.length);
      for (int i = 0; i < known; i++) {
        if (in.getByte(in.readerIndex() + i) != PREFACE[i]) {
          becomeHttp(ctx);
          return;
        }
      }
      if (known == PREFACE.length) {
        becomeGrpc(ctx);
      }
    }

    /** Removing this handler passes on the bytes that it holds. */
    private void becomeGrpc(ChannelHandlerContext ctx) {
      ctx.pipeline()
          .addAfter(ctx.name(), null, InternalProtocolNegotiators.grpcNegotiationHandler(grpc));
      longestSilence.ifPresent(
          silence ->
              ctx.pipeline()
                  .addBefore(
                      ctx.name(),
                      null,
                      new ReadTimeoutHandler(silence.toMillis(), TimeUnit.MILLISECONDS)));
      ctx.fireUserEventTriggered(
          InternalProtocolNegotiationEvent.withAttributes(
              InternalProtocolNegotiationEvent.getDefault(), attributes(ctx)));
      ctx.pipeline().remove(this);
    }

    private Attributes attributes(ChannelHandlerContext ctx) {
      Attributes.Builder attributes =
          Attributes.newBuilder()
              .set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, ctx.channel().remoteAddress())
              .set(Grpc.TRANSPORT_ATTR_LOCAL_ADDR, ctx.channel().localAddress());
      SslHandler ssl = ctx.pipeline().get(SslHandler.class);
      if (ssl != null) {
        attributes.set(Grpc.TRANSPORT_ATTR_SSL_SESSION, ssl.engine().getSession());
      }
      return attributes.build();
    }

    /** gRPC's handler that holds back writes until its negotiation ends goes away as well. */
    private void becomeHttp(ChannelHandlerContext ctx) {
      ChannelPipeline pipeline = ctx.pipeline();
      for (String name : pipeline.names()) {
        ChannelHandler handler = pipeline.get(name);
        if (handler != null && handler != this && !(handler instanceof SslHandler)) {
          pipeline.remove(handler);
        }
      }
      http.install(pipeline);
      pipeline.remove(this);
    }
  }
}
