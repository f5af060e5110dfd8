package io.lodestone.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.grpc.netty.GrpcSslContexts;
import io.lodestone.peers.CertificateAuthority;
import io.lodestone.peers.Commands;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.server.EmbeddedStore;
import io.lodestone.server.StoreServer;
import io.lodestone.server.config.StoreConfig;
import io.netty.handler.ssl.SslContext;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One port with TLS, for stock etcdctl and for curl. */
final class TlsTest {
  private static final EtcdRelease RELEASE = EtcdRelease.newest().orElseThrow();

  @TempDir private Path folder;
  private CertificateAuthority authority;
  private CertificateAuthority.Identity server;

  @BeforeEach
  void certify() throws Exception {
    authority = CertificateAuthority.named("authority", folder);
    server = authority.issuePkcs8("server");
  }

  private EmbeddedStore start(String... flags) throws Exception {
    return EmbeddedStore.builder()
        .tls()
        .flags("--cert-file=" + server.certificate(), "--key-file=" + server.key())
        .flags(flags)
        .start();
  }

  private String etcdctl(EmbeddedStore store, List<String> flags, String... arguments)
      throws Exception {
    return etcdctl(store.endpoint(), flags, arguments);
  }

  private String etcdctl(String endpoint, List<String> flags, String... arguments)
      throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                RELEASE.etcdctl().toString(),
                "--endpoints",
                endpoint,
                "--cacert",
                authority.caFile().toString(),
                "--dial-timeout=2s",
                "--command-timeout=3s"));
    command.addAll(flags);
    command.addAll(List.of(arguments));
    return Commands.run(command);
  }

  private String curl(EmbeddedStore store, String path) throws Exception {
    return Commands.run(
        List.of("curl", "-s", "--cacert", authority.caFile().toString(), store.endpoint() + path));
  }

  private static List<String> showing(CertificateAuthority.Identity identity) {
    return List.of("--cert", identity.certificate().toString(), "--key", identity.key().toString());
  }

  @Test
  void grpcAndHttpShareAnEncryptedPort() throws Exception {
    try (EmbeddedStore store = start()) {
      assertThat(etcdctl(store, List.of(), "put", "a", "1")).isEqualTo("OK\n");
      assertThat(curl(store, "/version")).contains("3.5.30");
      assertThatThrownBy(
              () ->
                  Commands.run(
                      List.of("curl", "-s", "-f", "http://" + store.target() + "/version")))
          .hasMessageContaining("exit code");
    }
  }

  /** As stock etcd: no word of plain text, and the next client is served. */
  @ParameterizedTest
  @ValueSource(
      strings = {"GET /version HTTP/1.1\r\nHost: a\r\n\r\n", "PRI * HTTP/2.0\r\n\r\n", "\0"})
  void plainBytesEndTheConnection(String bytes) throws Exception {
    try (EmbeddedStore store = start()) {
      URI endpoint = URI.create(store.endpoint());
      try (Socket socket = new Socket(endpoint.getHost(), endpoint.getPort())) {
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
        socket.shutdownOutput();

        assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
            .doesNotContain("HTTP");
      }
      assertThat(etcdctl(store, List.of(), "put", "a", "1")).isEqualTo("OK\n");
    }
  }

  @Test
  void aUnixSocketIsEncryptedToo() throws Exception {
    Path socket = folder.resolve("server.test"); // clients take the file for the host
    try (StoreServer running =
        StoreServer.start(
            StoreConfig.read(
                List.of(
                    "--data-dir=" + folder.resolve("data"),
                    "--cert-file=" + server.certificate(),
                    "--key-file=" + server.key(),
                    "--listen-client-urls=unixs://" + socket,
                    "--advertise-client-urls=https://127.0.0.1:1"),
                Map.of()))) {
      assertThat(running.clientUrls()).hasSize(1);
      assertThat(etcdctl("unixs://" + socket, List.of(), "put", "a", "1")).isEqualTo("OK\n");
      assertThatThrownBy(
              () ->
                  Commands.run(
                      List.of(
                          "curl", "-s", "--unix-socket", socket.toString(), "http://here/version")))
          .hasMessageContaining("exit code");
    }
  }

  @Test
  void clientsMustShowCertificatesWhereAsked() throws Exception {
    CertificateAuthority.Identity client = authority.issuePkcs8("client");
    try (EmbeddedStore store =
        start("--client-cert-auth", "--trusted-ca-file=" + authority.caFile())) {
      assertThat(etcdctl(store, showing(client), "put", "a", "1")).isEqualTo("OK\n");
      assertThatThrownBy(() -> etcdctl(store, List.of(), "put", "a", "1"))
          .hasMessageContaining("exit code");
    }
  }

  @Test
  void revokedCertificatesAreRefused() throws Exception {
    CertificateAuthority.Identity good = authority.issuePkcs8("good");
    CertificateAuthority.Identity bad = authority.issuePkcs8("bad");
    try (EmbeddedStore store =
        start(
            "--client-cert-auth",
            "--trusted-ca-file=" + authority.caFile(),
            "--client-crl-file=" + authority.revoke(bad))) {
      assertThat(etcdctl(store, showing(good), "put", "a", "1")).isEqualTo("OK\n");
      assertThatThrownBy(() -> etcdctl(store, showing(bad), "put", "a", "1"))
          .hasMessageContaining("exit code");
    }
  }

  @Test
  void aCertificatesCommonNameIsTheUser() throws Exception {
    CertificateAuthority.Identity root = authority.issuePkcs8("root");
    CertificateAuthority.Identity guest = authority.issuePkcs8("guest");
    try (EmbeddedStore store =
        start("--client-cert-auth", "--trusted-ca-file=" + authority.caFile(), "--bcrypt-cost=4")) {
      etcdctl(store, showing(root), "user", "add", "root:secret");
      etcdctl(store, showing(root), "user", "grant-role", "root", "root");
      etcdctl(store, showing(root), "user", "add", "guest", "--no-password");
      etcdctl(store, showing(root), "auth", "enable");

      assertThat(etcdctl(store, showing(root), "put", "a", "1")).isEqualTo("OK\n");
      assertThatThrownBy(() -> etcdctl(store, showing(guest), "put", "a", "2"))
          .hasMessageContaining("etcdserver: permission denied");
    }
  }

  @Test
  void jetcdShowsItsCertificate() throws Exception {
    CertificateAuthority.Identity user = authority.issuePkcs8("ann");
    SslContext context =
        GrpcSslContexts.forClient()
            .trustManager(authority.caFile().toFile())
            .keyManager(user.certificate().toFile(), user.key().toFile())
            .build();
    ByteSequence key = ByteSequence.from("a", StandardCharsets.UTF_8);
    try (EmbeddedStore store =
            start("--client-cert-auth", "--trusted-ca-file=" + authority.caFile());
        Client client = Client.builder().endpoints(store.endpoint()).sslContext(context).build()) {
      client.getKVClient().put(key, key).get();
      assertThat(client.getKVClient().get(key).get().getKvs().get(0).getValue()).isEqualTo(key);
    }
  }

  @Test
  void aCertificateIsMadeWhereNoneIsGiven() throws Exception {
    try (EmbeddedStore store = EmbeddedStore.builder().tls().flags("--auto-tls").start()) {
      assertThat(Commands.run(List.of("curl", "-sk", store.endpoint() + "/version")))
          .contains("3.5.30");
    }
  }
}
