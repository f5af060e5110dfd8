package io.lodestone.raft.ratis;

import io.lodestone.raft.Peer;
import io.lodestone.raft.PeerTls;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.thirdparty.io.grpc.CallOptions;
import org.apache.ratis.thirdparty.io.grpc.ConnectivityState;
import org.apache.ratis.thirdparty.io.grpc.ManagedChannel;
import org.apache.ratis.thirdparty.io.grpc.MethodDescriptor;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.netty.NegotiationType;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyChannelBuilder;
import org.apache.ratis.thirdparty.io.grpc.stub.ClientCalls;
import org.apache.ratis.thirdparty.io.grpc.stub.StreamObserver;

/**
 * Calls to other members, one connection to each, which is made anew where it does not answer.
 * Thread-safe; answers come on the network's threads.
 */
final class PeerCalls implements AutoCloseable {
  /** An entry of many commands, each of which fitted into one. */
  static final int LARGEST_MESSAGE_BYTES = 64 << 20;

  private final Optional<PeerTls> tls;
  private final Duration silence;
  private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();

  /** A connection that is silent for longer than {@code silence} is given up. */
  PeerCalls(Optional<PeerTls> tls, Duration silence) {
    this.tls = tls;
    this.silence = silence;
  }

  /** Fails with a {@link org.apache.ratis.thirdparty.io.grpc.StatusRuntimeException}. */
  CompletableFuture<byte[]> call(
      Peer peer, MethodDescriptor<byte[], byte[]> method, byte[] request, Duration deadline) {
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    ManagedChannel channel = channel(peer.address());
    ClientCalls.asyncUnaryCall(
        channel.newCall(method, options(deadline)),
        request,
        new StreamObserver<>() {
          @Override
          public void onNext(byte[] value) {
            answer.complete(value);
          }

          @Override
          public void onError(Throwable failure) {
            if (Status.fromThrowable(failure).getCode() == Status.Code.UNAVAILABLE) {
              channel.resetConnectBackoff();
            }
            answer.completeExceptionally(failure);
          }

          @Override
          public void onCompleted() {}
        });
    return answer;
  }

  /** False where the last attempt to connect has failed. */
  boolean mayReach(Peer peer) {
    return channel(peer.address()).getState(true) != ConnectivityState.TRANSIENT_FAILURE;
  }

  /** Blocks while there is nothing. */
  Iterator<byte[]> stream(Peer peer, MethodDescriptor<byte[], byte[]> method) {
    return ClientCalls.blockingServerStreamingCall(
        channel(peer.address()), method, CallOptions.DEFAULT, PeerMethods.NOTHING);
  }

  private static CallOptions options(Duration deadline) {
    return CallOptions.DEFAULT.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS);
  }

  private ManagedChannel channel(String address) {
    return channels.computeIfAbsent(address, this::connect);
  }

  private ManagedChannel connect(String address) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forTarget("dns:///" + address)
            .directExecutor()
            .maxInboundMessageSize(LARGEST_MESSAGE_BYTES)
            .keepAliveTime(silence.toMillis(), TimeUnit.MILLISECONDS)
            .keepAliveTimeout(silence.toMillis(), TimeUnit.MILLISECONDS);
    if (tls.isPresent()) {
      builder.sslContext(RatisTls.client(tls.get()));
    } else {
      builder.negotiationType(NegotiationType.PLAINTEXT);
    }
    return builder.build();
  }

  @Override
  public void close() {
    channels.values().forEach(ManagedChannel::shutdownNow);
  }
}
