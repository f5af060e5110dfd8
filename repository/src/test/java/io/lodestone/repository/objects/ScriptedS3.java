package io.lodestone.repository.objects;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * As much of an S3 server as one multipart upload meets. It stores nothing, answers as told, and
 * remembers what it was asked. Its answers are set before the first request.
 */
final class ScriptedS3 implements AutoCloseable {
  enum Step {
    BEGIN,
    PART,
    COMPLETE,
    ABORT
  }

  /** A request: which, its body, and the headers that matter, empty where absent. */
  record Request(Step step, String body, String ifNoneMatch, String checksumAlgorithm) {}

  /** What to say to it; status 0 breaks the connection instead. */
  record Answer(int status, String body) {
    static final Answer NONE = new Answer(0, "");

    static Answer error(int status, String code) {
      return new Answer(
          status, "<Error><Code>" + code + "</Code><Message>told so</Message></Error>");
    }
  }

  private final HttpServer server;
  private final Map<Step, Answer> answers = new EnumMap<>(Step.class);
  private final List<Request> requests = new CopyOnWriteArrayList<>();

  ScriptedS3() throws IOException {
    answers.put(
        Step.BEGIN,
        new Answer(
            200,
            "<InitiateMultipartUploadResult><UploadId>u1</UploadId>"
                + "</InitiateMultipartUploadResult>"));
    answers.put(Step.PART, new Answer(200, ""));
    answers.put(
        Step.COMPLETE,
        new Answer(
            200,
            "<CompleteMultipartUploadResult><ETag>whole</ETag></CompleteMultipartUploadResult>"));
    answers.put(Step.ABORT, new Answer(204, ""));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  void answer(Step step, Answer answer) {
    answers.put(step, answer);
  }

  String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  List<Request> requests() {
    return List.copyOf(requests);
  }

  List<Step> steps() {
    return requests.stream().map(Request::step).toList();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Step step = step(exchange);
      requests.add(
          new Request(
              step,
              new String(exchange.getRequestBody().readAllBytes(), UTF_8),
              header(exchange, "If-None-Match"),
              header(exchange, "x-amz-checksum-algorithm")));
      Answer answer = Objects.requireNonNull(answers.get(step));
      if (answer.equals(Answer.NONE)) {
        return;
      }
      byte[] body = answer.body().getBytes(UTF_8);
      if (step == Step.PART) {
        exchange.getResponseHeaders().set("ETag", "\"part\"");
        exchange.getResponseHeaders().set("x-amz-checksum-crc32", "AAAAAA==");
      }
      exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static Step step(HttpExchange exchange) {
    boolean begins = exchange.getRequestURI().getQuery().startsWith("uploads");
    return switch (exchange.getRequestMethod()) {
      case "PUT" -> Step.PART;
      case "DELETE" -> Step.ABORT;
      case "POST" -> begins ? Step.BEGIN : Step.COMPLETE;
      default -> throw new IllegalArgumentException(exchange.getRequestMethod());
    };
  }

  private static String header(HttpExchange exchange, String name) {
    return String.join(",", exchange.getRequestHeaders().getOrDefault(name, List.of()));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
