package io.lodestone.repository.objects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server of objects whose connections end in the middle of its answers. */
final class BrokenAnswerTest {
  private static final byte[] OBJECT = "an object of some length".getBytes(UTF_8);

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private HttpServer server;

  /** How many bytes are sent of each answer. */
  private volatile int sent = OBJECT.length;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    asked.add(range);
    int from = Integer.parseInt(range.replaceAll("bytes=([0-9]+)-.*", "$1"));
    exchange.getResponseHeaders().set("Connection", "close");
    exchange.sendResponseHeaders(206, OBJECT.length - from);
    exchange.getResponseBody().write(OBJECT, from, Math.min(sent, OBJECT.length - from));
    exchange.getResponseBody().flush();
    exchange.close();
  }

  private ObjectStore open(String kind) {
    int port = server.getAddress().getPort();
    String address =
        kind.equals("s3")
            ? "s3://bucket?endpoint=http://127.0.0.1:" + port
            : "minio://127.0.0.1:" + port + "/bucket?tls=false&region=us-east-1";
    return ObjectStores.open(address, new Credentials("access", "secret"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3", "minio"})
  void whatIsMissingOfAnAnswerIsAskedForAndNotTakenForTheEnd(String kind) throws Exception {
    sent = 10;
    try (ObjectStore store = open(kind);
        InputStream in = store.read("name", 0, OBJECT.length)) {
      assertThat(in.readAllBytes()).isEqualTo(OBJECT);
    }
    assertThat(asked).containsExactly("bytes=0-23", "bytes=10-23", "bytes=20-23");
  }

  @Test
  void anAnswerThatIsNeverWholeIsAFailureOfTheLine() throws Exception {
    sent = 1;
    try (ObjectStore store = open("s3");
        InputStream in = store.read("name", 0, OBJECT.length)) {
      assertThat(in.read()).isEqualTo(OBJECT[0]);
      sent = 0;
      assertThatThrownBy(in::readAllBytes).isInstanceOf(IOException.class);
    }
  }
}
