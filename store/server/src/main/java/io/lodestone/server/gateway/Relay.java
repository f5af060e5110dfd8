package io.lodestone.server.gateway;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Hands what one side sends to the other, and reads on only once the other has taken it, so that a
 * slow side holds up the fast one and not the gateway. When one side ends, what it sent is
 * delivered and the other is ended. Confined to the connection's event loop.
 */
final class Relay extends ChannelInboundHandlerAdapter {
  private final Channel other;

  Relay(Channel other) {
    this.other = other;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object bytes) {
    other
        .writeAndFlush(bytes)
        .addListener(
            written -> {
              if (written.isSuccess()) {
                ctx.channel().read();
              } else {
                var unused = ctx.channel().close();
              }
            });
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end(other);
  }

  /** A reset: ends both sides, as an ordinary end does. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    end(ctx.channel());
  }

  private static void end(Channel channel) {
    if (channel.isActive()) {
      channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }
}
