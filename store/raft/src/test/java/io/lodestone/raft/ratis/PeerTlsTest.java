package io.lodestone.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lodestone.peers.CertificateAuthority;
import io.lodestone.raft.ConsensusException;
import io.lodestone.raft.PeerTls;
import io.lodestone.raft.RegisterFile;
import io.lodestone.raft.ratis.TestCluster.Member;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerTlsTest {
  private static final char[] NO_PASSWORD = {};

  @TempDir Path directory;

  @Test
  void membersTalkToWhoeverTheirAuthorityVouchesForAndToNobodyElse() throws Exception {
    CertificateAuthority ours = CertificateAuthority.named("ours", directory);
    CertificateAuthority others = CertificateAuthority.named("others", directory);
    PeerTls tls = tls(ours, ours);
    try (TestCluster cluster =
        TestCluster.of(3, directory.resolve("cluster"), 50, id -> Optional.of(tls))) {
      Member follower = cluster.follower();
      int port = follower.peer.port();
      assertThat(follower.put("a", "1")).isEmpty();
      assertThat(cluster.leader().read("a")).isEqualTo("1");
      cluster.stop(follower.peer.id());
      Member leader = cluster.leader();
      for (int i = 0; i < 300; i++) {
        leader.put("b", "value number " + i);
      }
      Member back =
          cluster.start(
              follower.peer, io.lodestone.raft.RaftConfig.Start.NEW, leader.consensus.peers());
      assertThat(back.read("b")).isEqualTo("value number 299");
      assertThat(back.state.installs()).isPositive();

      assertThat(ask(port, Optional.of(tls))).isNotEmpty();
      assertThatThrownBy(() -> ask(port, Optional.of(tls(others, ours))))
          .isInstanceOf(ConsensusException.class);
      assertThatThrownBy(() -> ask(port, Optional.of(tls(ours, others))))
          .isInstanceOf(ConsensusException.class);
      assertThatThrownBy(() -> ask(port, Optional.empty())).isInstanceOf(ConsensusException.class);
    }
  }

  private static byte[] ask(int port, Optional<PeerTls> tls) {
    return RatisConsensus.ask(
            "127.0.0.1", port, tls, RegisterFile.command("hello"), Duration.ofSeconds(30))
        .array();
  }

  /** Of one whom {@code authority} vouches for, and who believes {@code trusted}. */
  private static PeerTls tls(CertificateAuthority authority, CertificateAuthority trusted)
      throws Exception {
    CertificateAuthority.Identity identity = authority.issuePkcs8("member");
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(null, NO_PASSWORD);
    Certificate[] chain = {certificate(identity.certificate())};
    keys.setKeyEntry("member", key(identity.key(), chain[0]), NO_PASSWORD, chain);
    KeyManagerFactory keyManagers = KeyManagerFactory.getInstance("NewSunX509");
    keyManagers.init(keys, NO_PASSWORD);
    KeyStore trust = KeyStore.getInstance("PKCS12");
    trust.load(null, NO_PASSWORD);
    trust.setCertificateEntry("authority", certificate(trusted.caFile()));
    TrustManagerFactory trustManagers = TrustManagerFactory.getInstance("PKIX");
    trustManagers.init(trust);
    return new PeerTls(
        (X509ExtendedKeyManager) keyManagers.getKeyManagers()[0],
        (X509ExtendedTrustManager) trustManagers.getTrustManagers()[0],
        true);
  }

  private static Certificate certificate(Path file) throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  private static PrivateKey key(Path file, Certificate certificate)
      throws IOException, GeneralSecurityException {
    String base64 = Files.readString(file).replaceAll("-----[A-Z ]+-----", "").replace("\n", "");
    KeyFactory factory = KeyFactory.getInstance(certificate.getPublicKey().getAlgorithm());
    return factory.generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64)));
  }
}
