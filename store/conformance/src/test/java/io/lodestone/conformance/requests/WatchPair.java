package io.lodestone.conformance.requests;

import com.google.protobuf.Message;
import io.lodestone.api.etcdserverpb.WatchProgressRequest;
import io.lodestone.api.etcdserverpb.WatchRequest;
import io.lodestone.api.etcdserverpb.WatchResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * One watch stream on each side, fed alike. Events are compared when {@link #drain} knows that both
 * have all of them. Confined to one thread.
 */
final class WatchPair implements AutoCloseable {
  private static final String RPC = "Watch/Watch";
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration ASK_AGAIN = Duration.ofMillis(25);
  private static final WatchRequest PROGRESS =
      WatchRequest.newBuilder()
          .setProgressRequest(WatchProgressRequest.getDefaultInstance())
          .build();

  private final Duel duel;
  private final End expected;
  private final End actual;
  private String lastInput = "";

  WatchPair(Duel duel, String token) {
    this.duel = duel;
    this.expected = new End(Conversation.open(duel.reference(), RPC, token));
    this.actual = new End(Conversation.open(duel.candidate(), RPC, token));
  }

  /** Sends a request and waits for {@code answers} answers that tell of a creation or a cancel. */
  List<WatchResponse> ask(WatchRequest request, int answers) throws InterruptedException {
    say(request);
    List<WatchResponse> heard = expected.awaitControls(answers);
    if (heard.size() != actual.awaitControls(answers).size()) {
      duel.differs(RPC + " no answer", lastInput, heard.toString(), "see events");
    }
    return heard;
  }

  void say(WatchRequest request) {
    lastInput = Call.text(request);
    duel.report().sent(RPC + " {" + lastInput + "}");
    expected.conversation.say(request);
    actual.conversation.say(request);
  }

  /** Waits until both servers say that every watcher knows everything, and compares. */
  void drain() throws InterruptedException {
    duel.report().sent(RPC + " progress until all is told");
    boolean left = expected.awaitProgress(duel.revision());
    boolean right = actual.awaitProgress(duel.revision());
    if (left != right) {
      duel.differs(RPC + " progress", lastInput, String.valueOf(left), String.valueOf(right));
    }
    compare();
  }

  /**
   * Compares into how many pieces the events were cut; that is certain only where all of them lay
   * in the past when the watcher came.
   */
  void compareFragments() {
    int left = expected.transcript.fragments();
    int right = actual.transcript.fragments();
    if (left != right) {
      duel.differs(RPC + " fragments", lastInput, left + " in all", right + " in all");
    }
  }

  /**
   * Compares what has been heard so far, and how the servers ended the streams if they did. Ending
   * them from here shows nothing: etcd keeps a half-closed watch stream open.
   */
  void finish() {
    compare();
    String left = String.valueOf(expected.conversation.end());
    String right = String.valueOf(actual.conversation.end());
    if (!left.equals(right)) {
      duel.differs(RPC + " end", lastInput, left, right);
    }
  }

  private void compare() {
    TreeSet<Long> watchers = new TreeSet<>(expected.transcript.byWatcher().keySet());
    watchers.addAll(actual.transcript.byWatcher().keySet());
    for (long watcher : watchers) {
      compare(
          expected.transcript.byWatcher().getOrDefault(watcher, List.of()),
          actual.transcript.byWatcher().getOrDefault(watcher, List.of()));
    }
    expected.transcript.clear();
    actual.transcript.clear();
  }

  private void compare(List<Message> left, List<Message> right) {
    if (left.equals(right)) {
      return;
    }
    int at = 0;
    while (at < Math.min(left.size(), right.size()) && left.get(at).equals(right.get(at))) {
      at++;
    }
    Optional<Message> first = at < left.size() ? Optional.of(left.get(at)) : Optional.empty();
    Optional<Message> second = at < right.size() ? Optional.of(right.get(at)) : Optional.empty();
    duel.differs(
        RPC + " " + kind(first, second),
        lastInput + " (entry " + at + " of " + left.size() + "/" + right.size() + ")",
        first.map(Call::text).orElse("nothing"),
        second.map(Call::text).orElse("nothing"));
  }

  private static String kind(Optional<Message> left, Optional<Message> right) {
    if (left.isEmpty() || right.isEmpty()) {
      return left.isEmpty() ? "one told too many" : "one not told";
    }
    boolean alike = left.get().getClass() == right.get().getClass();
    return alike
        ? left.get().getClass().getSimpleName() + " " + MessageDiff.paths(left.get(), right.get())
        : "order of events and answers";
  }

  @Override
  public void close() {
    expected.conversation.close();
    actual.conversation.close();
  }

  /** One of the two streams. */
  private static final class End {
    private final Conversation conversation;
    private final WatchTranscript transcript = new WatchTranscript();

    private End(Conversation conversation) {
      this.conversation = conversation;
    }

    private List<WatchResponse> awaitControls(int count) throws InterruptedException {
      List<WatchResponse> controls = new ArrayList<>();
      while (controls.size() < count) {
        Optional<WatchResponse> response = hear(PATIENCE);
        if (response.isEmpty()) {
          return controls;
        }
        response.filter(WatchTranscript::isControl).ifPresent(controls::add);
      }
      return controls;
    }

    private boolean awaitProgress(long revision) throws InterruptedException {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (transcript.progress() < revision
          && conversation.end().isEmpty()
          && System.nanoTime() < deadline) {
        conversation.say(PROGRESS);
        hearAllWithin(ASK_AGAIN, revision);
      }
      return transcript.progress() >= revision;
    }

    /** Listens until nothing comes for so long, or progress has reached {@code revision}. */
    private void hearAllWithin(Duration silence, long revision) throws InterruptedException {
      boolean more = true;
      while (more && transcript.progress() < revision) {
        more = hear(silence).isPresent();
      }
    }

    private Optional<WatchResponse> hear(Duration patience) throws InterruptedException {
      Optional<WatchResponse> response = conversation.next(patience).map(WatchResponse.class::cast);
      response.ifPresent(transcript::file);
      return response;
    }
  }
}
