package io.lodestone.server.transport;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.netty.NettyServerBuilder;
import io.lodestone.server.config.RequestLimits;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One client URL: gRPC and HTTP/1.1 on the same port. Thread-safe.
 *
 * <p>Calls run on the event loops without an executor between: three times as many of them, and the
 * condition is that no handler ever blocks.
 */
public final class ClientListener implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int OVERHEAD_BYTES = 512 << 10;

  /** What is larger than allowed is read so far before it is refused in etcd's own words. */
  private static final int READ_FACTOR = 4;

  /** gRPC does not ping more often, whatever it is told. */
  private static final Duration SHORTEST_INTERVAL = Duration.ofSeconds(10);

  private static final Duration FAREWELL = Duration.ofSeconds(1);
  private static final int BACKLOG = 4096;

  /** What etcd takes over TLS; long tokens are far above gRPC's own 8 KiB. */
  private static final int METADATA_BYTES = 1 << 20;

  private static final int WINDOW_BYTES = 1 << 20;

  private final ListenUrl url;
  private final Server server;

  /** Does not listen yet. {@code tls} must be present where {@code url} asks for it. */
  public ClientListener(
      ListenUrl url,
      Optional<SslContext> tls,
      RequestLimits limits,
      EventLoops loops,
      List<ServerServiceDefinition> services,
      ServerStreamTracer.Factory tracer,
      HttpSide http) {
    this.url = url;
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(
                url.address(),
                OnePort.credentials(
                    url.tls() ? tls : Optional.empty(), http, longestSilence(limits)))
            .bossEventLoopGroup(loops.acceptors())
            .workerEventLoopGroup(loops.workers())
            .channelType(url.channelType())
            .withOption(ChannelOption.SO_BACKLOG, BACKLOG)
            .addStreamTracerFactory(tracer)
            .directExecutor();
    if (url.socket().isEmpty()) {
      builder.withChildOption(ChannelOption.TCP_NODELAY, true);
    } else {
      // Takes away what gRPC sets; a Unix socket has no such thing, and Netty would warn each time.
      builder.withChildOption(ChannelOption.SO_KEEPALIVE, null);
    }
    limit(builder, limits);
    services.forEach(
        service -> builder.addService(StrictServices.of(service, maxMessageBytes(limits))));
    builder.fallbackHandlerRegistry(StrictServices.missing(services));
    server = builder.build();
  }

  /** What surrounds a request of the largest size must fit as well. */
  private static int maxMessageBytes(RequestLimits limits) {
    return (int) Math.min(Integer.MAX_VALUE, (long) limits.maxRequestBytes() + OVERHEAD_BYTES);
  }

  /**
   * A ping and the time for its answer. When that is over, gRPC says farewell and then waits for
   * the calls of the connection to end, which they do not where nobody is there any more.
   */
  private static Optional<Duration> longestSilence(RequestLimits limits) {
    if (limits.keepaliveInterval().isZero() || limits.keepaliveTimeout().isZero()) {
      return Optional.empty();
    }
    Duration interval = limits.keepaliveInterval();
    return Optional.of(
        (interval.compareTo(SHORTEST_INTERVAL) < 0 ? SHORTEST_INTERVAL : interval)
            .plus(limits.keepaliveTimeout())
            .plus(FAREWELL));
  }

  private static void limit(NettyServerBuilder builder, RequestLimits limits) {
    builder
        .maxInboundMessageSize(
            READ_FACTOR * Math.min(Integer.MAX_VALUE / READ_FACTOR, maxMessageBytes(limits)))
        .maxInboundMetadataSize(METADATA_BYTES)
        .maxConcurrentCallsPerConnection(Math.max(1, limits.maxConcurrentStreams()))
        .flowControlWindow(WINDOW_BYTES)
        .permitKeepAliveTime(limits.keepaliveMinTime().toNanos(), TimeUnit.NANOSECONDS)
        .permitKeepAliveWithoutCalls(false)
        // A connection of HTTP/1.1 looks to gRPC like a handshake that never ends.
        .handshakeTimeout(365, TimeUnit.DAYS);
    if (!limits.keepaliveInterval().isZero()) {
      builder.keepAliveTime(limits.keepaliveInterval().toNanos(), TimeUnit.NANOSECONDS);
    }
    if (!limits.keepaliveTimeout().isZero()) {
      builder.keepAliveTimeout(limits.keepaliveTimeout().toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  /** When this returns, clients can connect. */
  public void start() throws IOException {
    url.clear();
    server.start();
  }

  /** The URL with the port that was taken; only after {@link #start}. */
  public ListenUrl url() {
    return url.on(server.getListenSockets().get(0));
  }

  /** Stops listening, gives running calls a moment, then cuts them off. */
  @Override
  public void close() {
    server.shutdownNow();
    try {
      if (!server.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        server.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    url.leave();
  }
}
