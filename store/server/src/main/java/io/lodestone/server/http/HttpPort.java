package io.lodestone.server.http;

import io.lodestone.server.transport.HttpSide;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpServerCodec;
import java.util.Optional;

/** Everything that is HTTP/1.1 on a listener: pages, and the gateway where there is one. */
public final class HttpPort implements HttpSide {
  private static final int LONGEST_LINE = 4096;

  /** Of a request, in bytes; each connection may take as much memory. */
  private static final int LARGEST_HEADERS = 64 << 10;

  private static final int LARGEST_CHUNK = 8192;

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
    pipeline.addLast(new HttpServerCodec(LONGEST_LINE, LARGEST_HEADERS, LARGEST_CHUNK));
    pipeline.addLast(new HttpConnection(pages, gateway, origins));
  }
}
