package io.lodestone.server.http;

import io.grpc.Status;
import io.lodestone.server.call.CallStatus;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;

/**
 * One HTTP/1.1 connection: its requests one after another, each answered before the next is looked
 * at. Confined to its event loop.
 */
final class HttpConnection extends SimpleChannelInboundHandler<HttpObject> {
  private final Pages pages;
  private final Optional<Gateway> gateway;
  private final Origins origins;
  private final Queue<HttpObject> waiting = new ArrayDeque<>();
  private Optional<Exchange> current = Optional.empty();
  private Optional<HttpAnswer> answer = Optional.empty();
  private boolean answering;
  private boolean bodyOpen;

  HttpConnection(Pages pages, Optional<Gateway> gateway, Origins origins) {
    this.pages = pages;
    this.gateway = gateway;
    this.origins = origins;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
    if (!waiting.isEmpty() || (message instanceof HttpRequest && (answering || bodyOpen))) {
      waiting.add(ReferenceCountUtil.retain(message));
      ctx.channel().config().setAutoRead(false);
    } else {
      accept(ctx, message);
    }
  }

  private void accept(ChannelHandlerContext ctx, HttpObject message) {
    if (message instanceof HttpRequest request) {
      begin(ctx, request);
    }
    if (message instanceof HttpContent content) {
      if (content.decoderResult().isFailure()) {
        answer.ifPresent(HttpAnswer::endsConnection);
        current.ifPresent(Exchange::unreadable);
        if (!answering) {
          var unused = ctx.close();
        }
        return;
      }
      current.ifPresent(exchange -> exchange.body(content.content()));
      if (content instanceof LastHttpContent) {
        bodyOpen = false;
        current.ifPresent(Exchange::end);
      }
    }
  }

  private void begin(ChannelHandlerContext ctx, HttpRequest request) {
    answering = true;
    bodyOpen = true;
    current = Optional.empty();
    HttpAnswer out = answer(ctx, request);
    answer = Optional.of(out);
    Optional<Reply> unreadable = Unreadable.reply(request);
    if (unreadable.isPresent()) {
      out.endsConnection();
      out.whole(unreadable.get());
      return;
    }
    PageRequest page = PageRequest.of(request.method().name(), request.uri());
    if (!origins.allowsHost(request.headers().get("Host", ""))) {
      out.whole(
          Reply.plain(HttpResponseStatus.MISDIRECTED_REQUEST, "rejected: unknown host name\n"));
    } else if (request.method().equals(HttpMethod.OPTIONS)) {
      out.whole(new Reply(HttpResponseStatus.OK, "", "", Map.of()));
    } else if (gateway.isPresent() && gateway.get().owns(page.path())) {
      expectContinue(ctx, request);
      current = gateway.get().open(request, page.path(), out);
    } else {
      serve(page, out);
    }
  }

  private HttpAnswer answer(ChannelHandlerContext ctx, HttpRequest request) {
    return new HttpAnswer(
        ctx.channel(),
        HttpUtil.isKeepAlive(request),
        request.method().equals(HttpMethod.HEAD),
        origins.headersFor(request.headers().get("Origin", "")));
  }

  private static void expectContinue(ChannelHandlerContext ctx, HttpRequest request) {
    if (HttpUtil.is100ContinueExpected(request)) {
      var unused =
          ctx.writeAndFlush(
              new DefaultFullHttpResponse(request.protocolVersion(), HttpResponseStatus.CONTINUE));
    }
  }

  private void serve(PageRequest request, HttpAnswer out) {
    Optional<Page> page = pages.at(request.path());
    if (page.isEmpty()) {
      out.whole(
          request.path().equals("/v3") && gateway.isPresent()
              ? Reply.movedTo("/v3/", request.method())
              : Reply.notFound());
      return;
    }
    var unused =
        page.get()
            .answer(request)
            .whenComplete((reply, failure) -> out.whole(failure == null ? reply : failed(failure)));
  }

  private static Reply failed(Throwable failure) {
    Status status = CallStatus.of(failure);
    return Reply.plain(HttpResponseStatus.INTERNAL_SERVER_ERROR, status.getDescription() + "\n");
  }

  /** The answer is complete: the next request's turn. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event != HttpAnswer.Answered.ANSWERED) {
      ctx.fireUserEventTriggered(event);
      return;
    }
    answering = false;
    ctx.channel().eventLoop().execute(() -> next(ctx));
  }

  private void next(ChannelHandlerContext ctx) {
    while (!waiting.isEmpty()
        && !(waiting.peek() instanceof HttpRequest && (answering || bodyOpen))) {
      HttpObject message = waiting.remove();
      try {
        accept(ctx, message);
      } finally {
        ReferenceCountUtil.release(message);
      }
    }
    if (waiting.isEmpty()) {
      ctx.channel().config().setAutoRead(true);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      current.ifPresent(Exchange::writable);
    }
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    current.ifPresent(Exchange::gone);
    waiting.forEach(ReferenceCountUtil::release);
    waiting.clear();
    ctx.fireChannelInactive();
  }

  /** A broken connection or a defect: nothing more can be said on it. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    var unused = ctx.close();
  }
}
