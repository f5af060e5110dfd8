package io.lodestone.raft.ratis;

import io.lodestone.raft.Peer;
import io.lodestone.raft.PeerTls;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.thirdparty.io.grpc.CallOptions;
import org.apache.ratis.thirdparty.io.grpc.ConnectivityState;
import org.apache.ratis.thirdparty.io.grpc.Context;
import org.apache.ratis.thirdparty.io.grpc.ManagedChannel;
import org.apache.ratis.thirdparty.io.grpc.MethodDescriptor;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.netty.NegotiationType;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyChannelBuilder;
import org.apache.ratis.thirdparty.io.grpc.stub.ClientCallStreamObserver;
import org.apache.ratis.thirdparty.io.grpc.stub.ClientCalls;
import org.apache.ratis.thirdparty.io.grpc.stub.StreamObserver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls to other members, one connection to each, which is made anew where it does not answer. A
 * member that has moved is called where it is known to be, since Ratis does not write a change of
 * addresses alone into its log. Thread-safe; answers come on the network's threads.
 */
final class PeerCalls implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PeerCalls.class);

  /** An entry of many commands, each of which fitted into one. */
  static final int LARGEST_MESSAGE_BYTES = 64 << 20;

  private final Optional<PeerTls> tls;
  private final Duration silence;
  private final Map<Long, Peer> moved = new ConcurrentHashMap<>();
  private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();

  /** A connection that is silent for longer than {@code silence} is given up. */
  PeerCalls(Optional<PeerTls> tls, Duration silence) {
    this.tls = tls;
    this.silence = silence;
  }

  /** Where {@code peers} are from now on, whatever the log's configuration says of them. */
  void know(List<Peer> peers) {
    peers.forEach(peer -> moved.put(peer.id(), peer));
  }

  /**
   * Fails with a {@link org.apache.ratis.thirdparty.io.grpc.StatusRuntimeException}. Goes on where
   * another member's call, on whose thread this is asked, has its answer: the answer here may be
   * waited for by others.
   */
  <Q, A> CompletableFuture<A> call(
      Peer peer, MethodDescriptor<Q, A> method, Q request, Duration deadline) {
    CompletableFuture<A> answer = new CompletableFuture<>();
    ManagedChannel channel = channel(peer);
    Observer<A> observer =
        new Observer<>(channel) {
          @Override
          public void onNext(A value) {
            answer.complete(value);
          }

          @Override
          void ended(Throwable failure) {
            answer.completeExceptionally(failure);
          }

          @Override
          public void onCompleted() {}
        };
    Context.ROOT.run(
        () ->
            ClientCalls.asyncUnaryCall(
                channel.newCall(method, options(deadline)), request, observer));
    return answer;
  }

  /** Requests to {@code peer} for as long as it answers; {@code answers} hears of the end. */
  <Q, A> ClientCallStreamObserver<Q> stream(
      Peer peer, MethodDescriptor<Q, A> method, StreamObserver<A> answers) {
    ManagedChannel channel = channel(peer);
    return (ClientCallStreamObserver<Q>)
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(method, CallOptions.DEFAULT),
            new Observer<A>(channel) {
              @Override
              public void onNext(A value) {
                answers.onNext(value);
              }

              @Override
              void ended(Throwable failure) {
                answers.onError(failure);
              }

              @Override
              public void onCompleted() {
                answers.onCompleted();
              }
            });
  }

  /** Has the next attempt to connect not wait long after one that failed. */
  private abstract static class Observer<A> implements StreamObserver<A> {
    private final ManagedChannel channel;

    Observer(ManagedChannel channel) {
      this.channel = channel;
    }

    abstract void ended(Throwable failure);

    @Override
    public void onError(Throwable failure) {
      if (Status.fromThrowable(failure).getCode() == Status.Code.UNAVAILABLE) {
        channel.resetConnectBackoff();
      }
      ended(failure);
    }
  }

  /** False where the last attempt to connect has failed. */
  boolean mayReach(Peer peer) {
    return channel(peer).getState(true) != ConnectivityState.TRANSIENT_FAILURE;
  }

  /**
   * Whether the machine of {@code peer} says that nobody listens at its port; false where it says
   * nothing within {@code patience}. Blocks.
   */
  boolean isRefused(Peer peer, Duration patience) {
    Peer there = at(peer);
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(there.host(), there.port()),
          Math.toIntExact(Math.max(1, patience.toMillis())));
      return false;
    } catch (ConnectException e) {
      return true;
    } catch (IOException e) {
      LOG.atDebug().setCause(e).addArgument(peer).log("nobody says whether {} is gone");
      return false;
    }
  }

  /** Blocks while there is nothing. */
  Iterator<byte[]> stream(Peer peer, MethodDescriptor<byte[], byte[]> method, byte[] request) {
    return ClientCalls.blockingServerStreamingCall(
        channel(peer), method, CallOptions.DEFAULT, request);
  }

  private static CallOptions options(Duration deadline) {
    return CallOptions.DEFAULT.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS);
  }

  private ManagedChannel channel(Peer peer) {
    return channels.computeIfAbsent(at(peer).address(), this::connect);
  }

  private Peer at(Peer peer) {
    return moved.getOrDefault(peer.id(), peer);
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
