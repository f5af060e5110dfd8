package io.lodestone.conformance.requests;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.lodestone.api.etcdserverpb.ClusterGrpc;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.api.etcdserverpb.MemberListRequest;
import io.lodestone.conformance.Contestant;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One contestant and the connection to it. Takes calls and gives answers in symbols. Confined to
 * one thread, except that futures complete on gRPC's.
 */
final class Side implements AutoCloseable {
  private static final Metadata.Key<String> TOKEN =
      Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);
  private static final int PATIENCE_SECONDS = 20;

  private final Contestant contestant;
  private final ManagedChannel channel;
  private final Names names = new Names();

  Side(Contestant contestant) {
    this.contestant = contestant;
    this.channel =
        NettyChannelBuilder.forTarget(contestant.endpoint())
            .usePlaintext()
            .directExecutor()
            .maxInboundMessageSize(Integer.MAX_VALUE)
            .build();
    adoptMembers();
  }

  private void adoptMembers() {
    List<Member> members =
        ClusterGrpc.newBlockingStub(channel)
            .memberList(MemberListRequest.getDefaultInstance())
            .getMembersList();
    for (Member member : members) {
      member.getPeerURLsList().forEach(names::adoptUrl);
      member.getClientURLsList().forEach(names::adoptUrl);
    }
  }

  /** Kills the server and brings it back. */
  void killAndRestart() throws IOException, InterruptedException {
    contestant.kill();
    contestant.restart();
    channel.resetConnectBackoff();
    ClusterGrpc.newBlockingStub(channel)
        .withWaitForReady()
        .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .memberList(MemberListRequest.getDefaultInstance());
  }

  String name() {
    return contestant.name();
  }

  Names names() {
    return names;
  }

  /** A channel whose calls carry the token that {@code symbol} stands for; none for "". */
  Channel channel(String symbol) {
    if (symbol.isEmpty()) {
      return channel;
    }
    Metadata headers = new Metadata();
    headers.put(TOKEN, names.actualToken(symbol));
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** Sends a unary call; the future never fails, an answer tells what went wrong. */
  CompletableFuture<Answer> send(Call call) {
    MethodDescriptor<Message, Message> method = Rpc.method(call.rpc());
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    Futures.addCallback(
        ClientCalls.futureUnaryCall(
            channel(call.token()).newCall(method, options()), names.toActual(call.request())),
        new FutureCallback<Message>() {
          @Override
          public void onSuccess(Message message) {
            answer.complete(Answer.of(message));
          }

          @Override
          public void onFailure(Throwable failure) {
            answer.complete(Answer.of(failure));
          }
        },
        MoreExecutors.directExecutor());
    return answer;
  }

  /** Collects up to {@code most} messages of a server-streaming call, as the server wrote them. */
  Answer stream(Call call, int most) {
    List<Message> messages = new ArrayList<>();
    try {
      Iterator<Message> answers =
          ClientCalls.blockingServerStreamingCall(
              channel(call.token()),
              Rpc.method(call.rpc()),
              options(),
              names.toActual(call.request()));
      while (messages.size() < most && answers.hasNext()) {
        messages.add(answers.next());
      }
      return new Answer(messages, io.grpc.Status.Code.OK, "");
    } catch (StatusRuntimeException e) {
      return Answer.of(messages, e);
    }
  }

  /** The answer in symbols, in an order of its own where etcd has none. */
  Answer inSymbols(Answer raw) {
    List<Message> messages =
        raw.messages().stream().map(names::toSymbols).map(Unordered::sorted).toList();
    return new Answer(messages, raw.code(), raw.text());
  }

  private static CallOptions options() {
    return CallOptions.DEFAULT.withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    contestant.close();
  }
}
