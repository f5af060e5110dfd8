package io.lodestone.conformance.requests;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.Status;
import io.lodestone.api.etcdserverpb.CompactionRequest;
import io.lodestone.api.etcdserverpb.ResponseHeader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * Sends every call to both sides and compares the answers. Calls go out one after another, each
 * after the answers to the one before, so that both servers see one order; only calls given
 * together are sent together. Confined to one thread.
 */
final class Duel implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** What a server in working order never says here; two that are dead would be equal for ever. */
  private static final Set<Status.Code> SILENCE =
      Set.of(Status.Code.UNAVAILABLE, Status.Code.DEADLINE_EXCEEDED);

  private static final Answer NO_END =
      new Answer(List.of(), Status.Code.DEADLINE_EXCEEDED, "the stream did not end");

  private final Side reference;
  private final Side candidate;
  private final Report report;
  private long revision = 1;
  private long compacted;

  Duel(Side reference, Side candidate, Report report) {
    this.reference = reference;
    this.candidate = candidate;
    this.report = report;
  }

  Side reference() {
    return reference;
  }

  Side candidate() {
    return candidate;
  }

  Report report() {
    return report;
  }

  /** The newest revision that the reference has told. */
  long revision() {
    return revision;
  }

  /** The newest revision that the reference has compacted away, as far as calls have told it. */
  long compacted() {
    return compacted;
  }

  /** Sends one call; returns the reference's answer. */
  Answer call(String rpc, Message request) {
    return call(new Call(rpc, request));
  }

  Answer call(Call call) {
    return begin(call).finish();
  }

  /** Sends calls that do not disturb each other at the same time; returns the answers in order. */
  List<Answer> together(List<Call> calls) {
    List<Pending> pending = calls.stream().map(this::begin).toList();
    return pending.stream().map(Pending::finish).toList();
  }

  /** Sends a call that may be answered only after further calls. */
  Pending begin(Call call) {
    report.sent(call);
    return new Pending(call, reference.send(call), candidate.send(call));
  }

  /** Calls a server-streaming method for at most {@code most} messages. */
  Answer stream(Call call, int most) {
    report.sent(call);
    Answer expected = reference.inSymbols(reference.stream(call, most));
    compare(call, expected, candidate.inSymbols(candidate.stream(call, most)));
    return expected;
  }

  /** Streams requests of which each gets one answer, and ends the stream. */
  void converse(String rpc, String token, List<Message> requests) throws InterruptedException {
    requests.forEach(request -> report.sent(new Call(rpc, request, token)));
    Answer expected = conversation(reference, rpc, token, requests);
    Answer actual = conversation(candidate, rpc, token, requests);
    compare(new Call(rpc, requests.get(0), token), expected, actual);
  }

  private static Answer conversation(Side side, String rpc, String token, List<Message> requests)
      throws InterruptedException {
    try (Conversation conversation = Conversation.open(side, rpc, token)) {
      requests.forEach(conversation::say);
      conversation.halfClose();
      List<Message> answers = new ArrayList<>();
      Optional<Message> answer = conversation.next(PATIENCE);
      while (answer.isPresent()) {
        answers.add(answer.get());
        answer = conversation.next(PATIENCE);
      }
      Answer end = conversation.end().orElse(NO_END);
      return new Answer(answers, end.code(), end.text());
    }
  }

  /** Kills both servers and brings them back. */
  void killAndRestart() throws InterruptedException {
    report.sent("kill and restart");
    try {
      reference.killAndRestart();
      candidate.killAndRestart();
    } catch (IOException e) {
      throw new UncheckedIOException("a server does not come back", e);
    }
  }

  /** A call under way on both sides. */
  final class Pending {
    private final Call call;
    private final CompletableFuture<Answer> expected;
    private final CompletableFuture<Answer> actual;

    private Pending(
        Call call, CompletableFuture<Answer> expected, CompletableFuture<Answer> actual) {
      this.call = call;
      this.expected = expected;
      this.actual = actual;
    }

    /** Waits for both sides and compares; returns the reference's answer in symbols. */
    Answer finish() {
      Answer left = expected.join();
      Answer right = actual.join();
      ServerChoice.adopt(reference.names(), call, left);
      ServerChoice.adopt(candidate.names(), call, right);
      Answer answer = reference.inSymbols(left);
      compare(call, answer, candidate.inSymbols(right));
      return answer;
    }
  }

  private void compare(Call call, Answer expected, Answer actual) {
    if (SILENCE.contains(expected.code()) && actual.ok()) {
      throw new SilentReferenceException(call, actual);
    }
    if (SILENCE.contains(expected.code())) {
      throw new IllegalStateException("the reference no longer answers: " + call + ": " + expected);
    }
    learnRevision(expected);
    report.answered(call.rpc(), expected.code());
    if (call.request() instanceof CompactionRequest compaction && expected.ok()) {
      compacted = Math.max(compacted, compaction.getRevision());
    }
    if (expected.equals(actual)) {
      return;
    }
    for (String difference : differences(expected, actual)) {
      differs(
          call.rpc() + " " + difference, call.toString(), expected.toString(), actual.toString());
    }
  }

  /** Asks each side until its answer satisfies {@code wanted}; that is no part of the run. */
  void awaitBoth(Call call, Predicate<Answer> wanted) {
    for (Side side : List.of(reference, candidate)) {
      await(side.name() + ": " + call)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .atMost(PATIENCE)
          .until(() -> wanted.test(side.send(call).join()));
    }
  }

  /** Whether both sides answer the same to a call that is no part of the run. */
  boolean alike(Call call) {
    CompletableFuture<Answer> right = candidate.send(call);
    Answer expected = reference.inSymbols(reference.send(call).join());
    return differences(expected, candidate.inSymbols(right.join())).isEmpty();
  }

  void differs(String kind, String input, String expected, String actual) {
    report.differs(kind, input, expected, actual);
  }

  private static List<String> differences(Answer expected, Answer actual) {
    if (expected.code() != actual.code()) {
      return List.of("status " + actual.code() + " instead of " + expected.code());
    }
    List<String> found = new ArrayList<>();
    if (!expected.text().equals(actual.text())) {
      found.add("text of " + expected.code() + " \"" + expected.text() + "\"");
    }
    if (expected.messages().size() != actual.messages().size()) {
      found.add("number of messages");
      return found;
    }
    for (int i = 0; i < expected.messages().size(); i++) {
      found.addAll(MessageDiff.paths(expected.messages().get(i), actual.messages().get(i)));
    }
    return found;
  }

  private void learnRevision(Answer answer) {
    for (Message message : answer.messages()) {
      FieldDescriptor header = message.getDescriptorForType().findFieldByName("header");
      if (header != null && message.getField(header) instanceof ResponseHeader h) {
        revision = Math.max(revision, h.getRevision());
      }
    }
  }

  @Override
  public void close() {
    reference.close();
    candidate.close();
  }
}
