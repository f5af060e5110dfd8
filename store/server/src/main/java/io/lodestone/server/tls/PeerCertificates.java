package io.lodestone.server.tls;

import io.lodestone.server.config.TlsConfig;
import io.lodestone.server.tls.ServerTls.CertifiedKey;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What a member shows to others, and whom it believes: those of the trusted CA, minus the revoked,
 * with the names asked for; with a certificate of its own making, anybody, as in etcd. Immutable.
 */
public record PeerCertificates(X509ExtendedKeyManager keys, X509ExtendedTrustManager trust) {
  private static final char[] NO_PASSWORD = {};

  /**
   * Reads the files that {@code config} names. {@code generated} is where a certificate of our own
   * making is kept, {@code hosts} what it is for.
   */
  public static PeerCertificates of(TlsConfig config, Path generated, List<String> hosts)
      throws IOException {
    CertifiedKey own = ServerTls.own(config, generated, hosts);
    return new PeerCertificates(
        keys(own),
        config.automatic() && config.certificate().isEmpty()
            ? new Anybody()
            : ServerTls.trust(config));
  }

  private static X509ExtendedKeyManager keys(CertifiedKey own) throws IOException {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      store.setKeyEntry("own", own.key(), NO_PASSWORD, own.chain().toArray(X509Certificate[]::new));
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store, NO_PASSWORD);
      return Arrays.stream(factory.getKeyManagers())
          .filter(X509ExtendedKeyManager.class::isInstance)
          .map(X509ExtendedKeyManager.class::cast)
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("no X.509 key manager"));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot make a key manager", e);
    }
  }
}
