package io.lodestone.repository.objects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import io.lodestone.api.LodestoneException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What AWS says to credentials whose time is over. */
final class ExpiredCredentialsTest {
  private static final byte[] EXPIRED =
      "<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>"
          .getBytes(UTF_8);

  @ParameterizedTest
  @ValueSource(strings = {"s3", "minio"})
  void areToldApartFromWrongOnes(String kind) throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.getResponseHeaders().set("Content-Type", "application/xml");
          exchange.sendResponseHeaders(400, EXPIRED.length);
          exchange.getResponseBody().write(EXPIRED);
          exchange.close();
        });
    server.start();
    int port = server.getAddress().getPort();
    String address =
        kind.equals("s3")
            ? "s3://bucket?endpoint=http://127.0.0.1:" + port
            : "minio://127.0.0.1:" + port + "/bucket?tls=false&region=us-east-1";
    try (ObjectStore store = ObjectStores.open(address, new Credentials("access", "secret"))) {
      assertThatThrownBy(() -> store.create("name", ByteString.copyFromUtf8("bytes")))
          .isNotInstanceOf(UnreachableStoreException.class)
          .hasMessageContaining("ExpiredToken")
          .isInstanceOfSatisfying(
              LodestoneException.class,
              e -> assertThat(e.hint()).contains("have expired").doesNotContain("secret"));
    } finally {
      server.stop(0);
    }
  }
}
