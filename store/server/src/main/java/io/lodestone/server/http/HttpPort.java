package io.lodestone.server.http;

import io.lodestone.server.transport.HttpSide;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpServerCodec;
import java.util.Optional;

/** Everything that is HTTP/1.1 on a listener: pages, and the gateway where there is one. */
public final class HttpPort implements HttpSide {
  private final Pages pages;
  private final Optional<Gateway> gateway;
  private final Origins origins;

  public HttpPort(Pages pages, Optional<Gateway> gateway, Origins origins) {
    this.pages = pages;
    this.gateway = gateway;
    this.origins = origins;
  }

  @Override
  public void install(ChannelPipeline pipeline) {
    pipeline.addLast(new HttpServerCodec());
    pipeline.addLast(new HttpConnection(pages, gateway, origins));
  }
}
