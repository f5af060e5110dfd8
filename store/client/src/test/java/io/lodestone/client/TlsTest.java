package io.lodestone.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lodestone.api.LodestoneException;
import io.lodestone.peers.CertificateAuthority;
import io.lodestone.peers.EtcdRelease;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against one member that wants a client certificate and one that does not. */
class TlsTest {
  @TempDir static Path folder;
  private static CertificateAuthority authority;
  private static CertificateAuthority stranger;
  private static TlsEtcd open;
  private static TlsEtcd strict;

  @BeforeAll
  static void start() throws Exception {
    authority = CertificateAuthority.named("authority", folder);
    stranger = CertificateAuthority.named("stranger", folder);
    CertificateAuthority.Identity server = authority.issueEc("server");
    open = etcd("open", server);
    strict =
        etcd("strict", server, "--client-cert-auth", "--trusted-ca-file=" + authority.caFile());
  }

  private static TlsEtcd etcd(String name, CertificateAuthority.Identity server, String... more)
      throws Exception {
    return TlsEtcd.start(EtcdRelease.of("3.5"), folder.resolve(name), server, more);
  }

  @AfterAll
  static void stop() {
    open.close();
    strict.close();
  }

  @Test
  void aServerOfTheGivenAuthorityIsTrusted() {
    try (EtcdConnection connection = connect(open, TlsOptions.trusting(authority.caFile()))) {
      assertThat(patiently(connection)).isPositive();
    }
  }

  @Test
  void aServerOfAnotherAuthorityIsNot() {
    try (EtcdConnection connection = connect(open, TlsOptions.trusting(stranger.caFile()))) {
      awaitOpen();
      assertThatThrownBy(connection::revision)
          .isInstanceOfSatisfying(
              UnavailableException.class, e -> assertThat(e.hint()).contains("check the CA file"));
    }
  }

  @Test
  void aServerOfAnUnknownAuthorityIsTrustedOnlyWhenAsked() {
    awaitOpen();
    try (EtcdConnection platform = connect(open, TlsOptions.ofPlatform());
        EtcdConnection blind = connect(open, TlsOptions.ofPlatform().withoutVerification())) {
      assertThatThrownBy(platform::revision).hasMessageContaining("TLS");
      assertThat(blind.revision()).isPositive();
    }
  }

  @Test
  void theNameInTheCertificateCounts() {
    awaitOpen();
    TlsOptions trusting = TlsOptions.trusting(authority.caFile());
    try (EtcdConnection right = connect(open, trusting.withServerName("server.test"));
        EtcdConnection wrong = connect(open, trusting.withServerName("other.test"))) {
      assertThat(right.revision()).isPositive();
      assertThatThrownBy(wrong::revision)
          .isInstanceOfSatisfying(
              LodestoneException.class, e -> assertThat(e.hint()).contains("another name"));
    }
  }

  @Test
  void clientKeysInEveryFormAreAccepted() throws Exception {
    for (CertificateAuthority.Identity client :
        new CertificateAuthority.Identity[] {
          authority.issueEc("sec1"), authority.issueRsa("pkcs1"), authority.issuePkcs8("pkcs8")
        }) {
      TlsOptions tls =
          TlsOptions.trusting(authority.caFile())
              .withClientCertificate(client.certificate(), client.key());
      try (EtcdConnection connection = connect(strict, tls)) {
        assertThat(patiently(connection)).as("with %s", client.key()).isPositive();
      }
    }
  }

  @Test
  void aMissingClientCertificateIsAClearError() throws Exception {
    clientKeysInEveryFormAreAccepted();
    try (EtcdConnection connection = connect(strict, TlsOptions.trusting(authority.caFile()))) {
      assertThatThrownBy(connection::revision)
          .isInstanceOfSatisfying(
              UnavailableException.class, e -> assertThat(e.hint()).contains("client certificate"));
    }
  }

  @Test
  void speakingPlainTextToTlsIsAClearError() {
    awaitOpen();
    try (EtcdConnection connection = EtcdConnection.open(quick(ClientOptions.of(open.address())))) {
      assertThatThrownBy(connection::revision)
          .isInstanceOfSatisfying(
              UnavailableException.class, e -> assertThat(e.hint()).contains("https://"));
    }
  }

  @Test
  void aFileThatIsNoKeyIsRefusedAtOnce() throws Exception {
    Path nonsense = Files.writeString(folder.resolve("nonsense.pem"), "nonsense");
    TlsOptions tls =
        TlsOptions.trusting(authority.caFile()).withClientCertificate(authority.caFile(), nonsense);

    assertThatThrownBy(() -> connect(open, tls)).hasMessageContaining("holds no plain private key");
  }

  private static void awaitOpen() {
    try (EtcdConnection connection = connect(open, TlsOptions.trusting(authority.caFile()))) {
      patiently(connection);
    }
  }

  private static EtcdConnection connect(TlsEtcd cluster, TlsOptions tls) {
    return EtcdConnection.open(
        quick(ClientOptions.of("https://" + cluster.address())).withTls(tls));
  }

  private static ClientOptions quick(ClientOptions options) {
    return options.withTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(1));
  }

  /** Reads as soon as the cluster, just started, answers. */
  private static long patiently(EtcdConnection connection) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .ignoreExceptionsInstanceOf(LodestoneException.class)
        .until(connection::revision, revision -> revision > 0);
  }
}
