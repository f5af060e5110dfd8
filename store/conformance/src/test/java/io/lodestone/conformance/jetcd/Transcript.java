package io.lodestone.conformance.jetcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Response;
import io.etcd.jetcd.common.exception.EtcdException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** What a scene has seen, in lines that do not depend on ids and times. Confined to one thread. */
final class Transcript {
  private static final int PATIENCE_SECONDS = 20;

  private final List<String> lines = new ArrayList<>();

  /** Waits for an answer, writes down its revision and what {@code seen} makes of it. */
  <R extends Response> R ask(String what, CompletableFuture<R> call, Function<R, Object> seen)
      throws InterruptedException, TimeoutException {
    try {
      R answer = call.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      say(what + " @" + answer.getHeader().getRevision() + ": " + seen.apply(answer));
      return answer;
    } catch (ExecutionException e) {
      throw new AssertionError(what + " is refused", e);
    }
  }

  <R extends Response> R ask(String what, CompletableFuture<R> call)
      throws InterruptedException, TimeoutException {
    return ask(what, call, answer -> "OK");
  }

  /** Waits for a refusal and writes down its code and text. */
  void refused(String what, CompletableFuture<?> call)
      throws InterruptedException, TimeoutException {
    try {
      Object answer = call.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      throw new AssertionError(what + " is not refused: " + answer);
    } catch (ExecutionException e) {
      say(what + " refused: " + refusal(e.getCause()));
    }
  }

  static String refusal(Throwable cause) {
    return cause instanceof EtcdException refusal
        ? refusal.getErrorCode() + " " + refusal.getMessage()
        : cause.toString();
  }

  void say(String line) {
    lines.add(line);
  }

  List<String> lines() {
    return List.copyOf(lines);
  }

  static String text(List<KeyValue> found) {
    return found.stream().map(Transcript::text).toList().toString();
  }

  static String text(KeyValue kv) {
    return "%s=%s create %d mod %d version %d%s"
        .formatted(
            text(kv.getKey()),
            text(kv.getValue()),
            kv.getCreateRevision(),
            kv.getModRevision(),
            kv.getVersion(),
            kv.getLease() == 0 ? "" : " leased");
  }

  static String text(ByteSequence bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  static ByteSequence bytes(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }
}
