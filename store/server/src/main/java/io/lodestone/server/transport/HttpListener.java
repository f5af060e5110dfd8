package io.lodestone.server.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.util.Optional;

/** A URL that serves HTTP/1.1 and nothing else: metrics and health. Thread-safe. */
public final class HttpListener implements AutoCloseable {
  private final ListenUrl url;
  private final ServerBootstrap bootstrap;
  private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private volatile Optional<Channel> listening = Optional.empty();

  public HttpListener(ListenUrl url, Optional<SslContext> tls, EventLoops loops, HttpSide http) {
    this.url = url;
    bootstrap =
        new ServerBootstrap()
            .group(loops.acceptors(), loops.workers())
            .channel(url.channelType())
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    open.add(channel);
                    if (url.tls()) {
                      tls.ifPresent(
                          context ->
                              channel.pipeline().addLast(context.newHandler(channel.alloc())));
                    }
                    http.install(channel.pipeline());
                  }
                });
  }

  /** When this returns, clients can connect. */
  public void start() throws IOException {
    url.clear();
    var bound = bootstrap.bind(url.address()).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "cannot listen on " + url + ": " + bound.cause().getMessage(), bound.cause());
    }
    listening = Optional.of(bound.channel());
  }

  public ListenUrl url() {
    return listening.map(channel -> url.on(channel.localAddress())).orElse(url);
  }

  @Override
  public void close() {
    listening.ifPresent(channel -> channel.close().awaitUninterruptibly());
    open.close().awaitUninterruptibly();
    url.leave();
  }
}
