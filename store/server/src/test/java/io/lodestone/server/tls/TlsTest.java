package io.lodestone.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.grpc.netty.GrpcSslContexts;
import io.lodestone.peers.Commands;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.server.EmbeddedStore;
import io.netty.handler.ssl.SslContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One port with TLS, for stock etcdctl and for curl. */
final class TlsTest {
  private static final EtcdRelease RELEASE = EtcdRelease.newest().orElseThrow();

  @TempDir private Path folder;
  private TestCertificates authority;
  private TestCertificates.Identity server;

  @BeforeEach
  void certify() throws Exception {
    authority = TestCertificates.authority(folder, "authority");
    server = authority.issue("server");
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
    List<String> command =
        new ArrayList<>(
            List.of(
                RELEASE.etcdctl().toString(),
                "--endpoints",
                store.endpoint(),
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

  private static List<String> showing(TestCertificates.Identity identity) {
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

  @Test
  void clientsMustShowCertificatesWhereAsked() throws Exception {
    TestCertificates.Identity client = authority.issue("client");
    try (EmbeddedStore store =
        start("--client-cert-auth", "--trusted-ca-file=" + authority.caFile())) {
      assertThat(etcdctl(store, showing(client), "put", "a", "1")).isEqualTo("OK\n");
      assertThatThrownBy(() -> etcdctl(store, List.of(), "put", "a", "1"))
          .hasMessageContaining("exit code");
    }
  }

  @Test
  void revokedCertificatesAreRefused() throws Exception {
    TestCertificates.Identity good = authority.issue("good");
    TestCertificates.Identity bad = authority.issue("bad");
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
    TestCertificates.Identity root = authority.issue("root");
    TestCertificates.Identity guest = authority.issue("guest");
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
    TestCertificates.Identity user = authority.issue("ann");
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
