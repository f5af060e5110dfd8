package io.lodestone.server.gateway;

import io.lodestone.api.LodestoneException;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Takes connections and hands each to one of several members, in turn, without looking at its
 * bytes. A member that cannot be connected to is passed over, and tried again after a while;
 * connections that exist stay where they are, and end with their member. Thread-safe.
 */
public final class TcpGateway implements AutoCloseable {
  private static final int CONNECT_TIMEOUT_MILLIS = 3000;
  private static final int BACKLOG = 1024;

  private final InetSocketAddress listen;
  private final Remotes remotes;
  private final Duration retryDelay;
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("gateway", true), NioIoHandler.newFactory());
  private Channel server;

  /**
   * Does not listen yet.
   *
   * @param members at least one; their names are looked up at each connection
   * @param retryDelay how long a member that cannot be reached is left alone
   */
  public TcpGateway(
      InetSocketAddress listen, List<InetSocketAddress> members, Duration retryDelay) {
    this.listen = listen;
    this.remotes = new Remotes(members);
    this.retryDelay = retryDelay;
  }

  /** When this returns, clients can connect; fails with a hint where the port is taken. */
  public InetSocketAddress start() {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel client) {
                    client.pipeline().addLast(new Arrival());
                  }
                });
    ChannelFuture bound = bootstrap.bind(listen).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new LodestoneException(
          "cannot listen on " + listen + ": " + bound.cause().getMessage(),
          "name another address with --listen-addr, or stop what has the port",
          bound.cause());
    }
    server = bound.channel();
    var unused =
        loops.scheduleWithFixedDelay(
            this::tryUnreachable,
            retryDelay.toMillis(),
            retryDelay.toMillis(),
            TimeUnit.MILLISECONDS);
    return (InetSocketAddress) server.localAddress();
  }

  /** A client for whom no member was found yet. */
  private final class Arrival extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      ctx.pipeline().remove(this);
      connect(ctx.channel(), remotes.inTurn().iterator());
    }
  }

  /** Tries one member after the other; where none is left, the client is hung up on. */
  private void connect(Channel client, Iterator<InetSocketAddress> candidates) {
    if (!candidates.hasNext()) {
      var unused = client.close();
      return;
    }
    InetSocketAddress candidate = candidates.next();
    ChannelFuture connecting =
        new Bootstrap()
            .group(client.eventLoop())
            .channel(NioSocketChannel.class)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.AUTO_READ, false)
            .handler(new Relay(client))
            .connect(candidate);
    connecting.addListener(
        done -> {
          if (done.isSuccess()) {
            remotes.reached(candidate);
            join(client, connecting.channel());
          } else {
            remotes.failed(candidate, done.cause());
            connect(client, candidates);
          }
        });
  }

  private static void join(Channel client, Channel member) {
    if (!client.isActive()) {
      var unused = member.close();
      return;
    }
    client.pipeline().addLast(new Relay(member));
    client.read();
    member.read();
  }

  private void tryUnreachable() {
    for (InetSocketAddress remote : remotes.unreachable()) {
      new Bootstrap()
          .group(loops)
          .channel(NioSocketChannel.class)
          .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
          .handler(new ChannelInboundHandlerAdapter())
          .connect(remote)
          .addListener(
              (ChannelFuture tried) -> {
                if (tried.isSuccess()) {
                  remotes.reached(remote);
                }
                var unused = tried.channel().close();
              });
    }
  }

  /** Ends all connections. */
  @Override
  public void close() {
    if (server != null) {
      server.close().awaitUninterruptibly();
    }
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
