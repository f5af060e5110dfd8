package io.lodestone.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.peers.EtcdRelease;
import io.lodestone.server.StoreServer;
import io.lodestone.server.config.StoreConfig;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients on the same machine, without a port. */
final class UnixSocketTest {
  @TempDir Path folder;

  private StoreServer start(String urls) throws IOException {
    return StoreServer.start(
        StoreConfig.read(
            List.of(
                "--data-dir=" + folder.resolve("data"),
                "--listen-client-urls=" + urls,
                "--listen-metrics-urls=unix://" + folder.resolve("m"),
                "--advertise-client-urls=http://127.0.0.1:1"),
            Map.of()));
  }

  private String etcdctl(String endpoint, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(EtcdRelease.of("3.5").etcdctl().toString());
    command.addAll(List.of("--endpoints", endpoint));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return told;
  }

  private static String get(Path socket, String page) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      String request = "GET " + page + " HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n";
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
      byte[] answer = Channels.newInputStream(channel).readAllBytes();
      return new String(answer, StandardCharsets.UTF_8);
    }
  }

  @Test
  void etcdctlAndHttpAreServedBesideAPortAndTheFileGoesInTheEnd() throws Exception {
    Path socket = folder.resolve("s");
    try (StoreServer server = start("unix://" + socket + ",http://127.0.0.1:0")) {
      assertThat(etcdctl("unix://" + socket, "put", "a", "1")).isEqualTo("OK\n");
      assertThat(etcdctl(server.clientUrls().get(1).toString(), "get", "a")).isEqualTo("a\n1\n");
      assertThat(server.clientUrls().get(0)).hasToString("unix://" + socket);
      assertThat(get(socket, "/version")).contains("200 OK", "etcdserver");
      assertThat(get(folder.resolve("m"), "/metrics")).contains("etcd_server_has_leader 1");
    }
    assertThat(socket).doesNotExist();
    assertThat(folder.resolve("m")).doesNotExist();
  }

  @Test
  void aFileThatACrashLeftBehindIsReplaced() throws Exception {
    Path socket = Files.writeString(folder.resolve("s"), "left behind");
    try (StoreServer server = start("unix://" + socket)) {
      assertThat(server.clientUrls()).hasSize(1);
      assertThat(etcdctl("unix://" + socket, "put", "a", "1")).isEqualTo("OK\n");
    }
  }
}
