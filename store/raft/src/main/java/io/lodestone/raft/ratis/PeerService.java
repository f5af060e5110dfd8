package io.lodestone.raft.ratis;

import io.lodestone.raft.ConsensusException;
import io.lodestone.raft.ConsensusException.Reason;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.apache.ratis.thirdparty.io.grpc.MethodDescriptor;
import org.apache.ratis.thirdparty.io.grpc.ServerServiceDefinition;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.stub.ServerCallStreamObserver;
import org.apache.ratis.thirdparty.io.grpc.stub.ServerCalls;
import org.apache.ratis.thirdparty.io.grpc.stub.StreamObserver;

/**
 * Serves {@link PeerMethods} on Ratis' own port. It exists before what answers, and says
 * UNAVAILABLE until {@link #open}. Thread-safe.
 */
final class PeerService {
  /** What answers. Failures are {@link ConsensusException}s. */
  interface Requests {
    CompletableFuture<byte[]> term();

    /** {@code message} is as {@link Forwarded#message} makes it. */
    CompletableFuture<byte[]> forward(byte[] message);

    /** {@code member} asks. */
    CompletableFuture<byte[]> readIndex(byte[] member);

    CompletableFuture<byte[]> change(byte[] peers);

    CompletableFuture<byte[]> transfer(byte[] id);

    CompletableFuture<byte[]> gone(byte[] question);

    CompletableFuture<byte[]> inPlace(byte[] notice);

    CompletableFuture<byte[]> ask(byte[] question);

    /** Ends the stream itself. */
    void checkpoint(byte[] request, ServerCallStreamObserver<byte[]> member);
  }

  private final PeerMethods methods;
  private volatile Requests requests;

  PeerService(PeerMethods methods) {
    this.methods = methods;
  }

  void open(Requests answering) {
    requests = answering;
  }

  /** Whether a method with this full name does next to nothing, and never waits. */
  boolean isPrompt(String method) {
    return Stream.of(methods.term(), methods.forward(), methods.readIndex())
        .anyMatch(prompt -> prompt.getFullMethodName().equals(method));
  }

  List<ServerServiceDefinition> definitions() {
    ServerServiceDefinition.Builder own = ServerServiceDefinition.builder(methods.service());
    add(own, methods.term(), (to, request) -> to.term());
    add(own, methods.forward(), Requests::forward);
    add(own, methods.readIndex(), Requests::readIndex);
    add(own, methods.change(), Requests::change);
    add(own, methods.transfer(), Requests::transfer);
    add(own, methods.gone(), Requests::gone);
    add(own, methods.inPlace(), Requests::inPlace);
    own.addMethod(methods.checkpoint(), ServerCalls.asyncServerStreamingCall(this::checkpoint));
    ServerServiceDefinition.Builder any = ServerServiceDefinition.builder(PeerMethods.ASK_SERVICE);
    add(any, PeerMethods.ASK, Requests::ask);
    return List.of(own.build(), any.build());
  }

  private void add(
      ServerServiceDefinition.Builder service,
      MethodDescriptor<byte[], byte[]> method,
      BiFunction<Requests, byte[], CompletableFuture<byte[]>> call) {
    service.addMethod(
        method, ServerCalls.asyncUnaryCall((request, asker) -> answer(request, asker, call)));
  }

  private void answer(
      byte[] request,
      StreamObserver<byte[]> asker,
      BiFunction<Requests, byte[], CompletableFuture<byte[]>> call) {
    Requests to = requests;
    if (to == null) {
      asker.onError(Status.UNAVAILABLE.asRuntimeException());
      return;
    }
    CompletableFuture<byte[]> answered = call.apply(to, request);
    var unused =
        answered.whenComplete(
            (answer, failure) -> {
              if (failure != null) {
                asker.onError(status(failure).asRuntimeException());
              } else {
                asker.onNext(answer);
                asker.onCompleted();
              }
            });
  }

  private void checkpoint(byte[] request, StreamObserver<byte[]> member) {
    Requests to = requests;
    if (to == null) {
      member.onError(Status.UNAVAILABLE.asRuntimeException());
      return;
    }
    to.checkpoint(request, (ServerCallStreamObserver<byte[]>) member);
  }

  static Status status(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return PeerMethods.status(
        cause instanceof ConsensusException known
            ? known
            : new ConsensusException(Reason.REFUSED, String.valueOf(cause.getMessage()), cause));
  }
}
