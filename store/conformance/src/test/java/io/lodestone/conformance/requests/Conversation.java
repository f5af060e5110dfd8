package io.lodestone.conformance.requests;

import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A call in which both ends stream. What the server says waits in a queue until it is asked for.
 * Messages in calls and answers are in symbols. Confined to one thread, but for the queue.
 */
final class Conversation implements AutoCloseable {
  private final Names names;
  private final StreamObserver<Message> requests;
  private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
  private Optional<Answer> end = Optional.empty();

  private Conversation(Side side, String rpc, String token) {
    this.names = side.names();
    this.requests =
        ClientCalls.asyncBidiStreamingCall(
            side.channel(token).newCall(Rpc.method(rpc), CallOptions.DEFAULT), new Listener());
  }

  static Conversation open(Side side, String rpc, String token) {
    return new Conversation(side, rpc, token);
  }

  void say(Message request) {
    requests.onNext(names.toActual(request));
  }

  void halfClose() {
    requests.onCompleted();
  }

  /** The next message; empty where none comes in time or the server has ended the call. */
  Optional<Message> next(Duration patience) throws InterruptedException {
    if (end.isPresent()) {
      return Optional.empty();
    }
    Answer answer = answers.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
    if (answer == null) {
      return Optional.empty();
    }
    if (answer.messages().isEmpty()) {
      end = Optional.of(answer);
      return Optional.empty();
    }
    return Optional.of(names.toSymbols(answer.messages().get(0)));
  }

  /** How the server ended the call, once {@link #next} has met it. */
  Optional<Answer> end() {
    return end;
  }

  @Override
  public void close() {
    if (end.isEmpty()) {
      requests.onError(io.grpc.Status.CANCELLED.withDescription("enough").asRuntimeException());
    }
  }

  private final class Listener implements StreamObserver<Message> {
    @Override
    public void onNext(Message message) {
      answers.add(Answer.of(message));
    }

    @Override
    public void onError(Throwable failure) {
      answers.add(Answer.of(failure));
    }

    @Override
    public void onCompleted() {
      answers.add(new Answer(List.of(), io.grpc.Status.Code.OK, ""));
    }
  }
}
