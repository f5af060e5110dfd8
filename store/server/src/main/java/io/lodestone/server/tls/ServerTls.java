package io.lodestone.server.tls;

import io.lodestone.api.LodestoneException;
import io.lodestone.server.config.TlsConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Makes the TLS context of a listener. Stateless. */
public final class ServerTls {
  private static final List<String> VERSIONS = List.of("TLSv1.2", "TLSv1.3");

  /**
   * The server's choice decides: curl, browsers and Prometheus offer both and get HTTP/1.1, clients
   * of gRPC offer HTTP/2 only.
   */
  private static final ApplicationProtocolConfig PROTOCOLS =
      new ApplicationProtocolConfig(
          Protocol.ALPN,
          SelectorFailureBehavior.NO_ADVERTISE,
          SelectedListenerFailureBehavior.ACCEPT,
          ApplicationProtocolNames.HTTP_1_1,
          ApplicationProtocolNames.HTTP_2);

  private ServerTls() {}

  /**
   * Reads the files that {@code config} names; empty where it asks for no TLS. {@code generated} is
   * where a certificate of our own making is kept, {@code hosts} what it is for.
   */
  public static Optional<SslContext> context(TlsConfig config, Path generated, List<String> hosts)
      throws IOException {
    if (!config.enabled()) {
      return Optional.empty();
    }
    CertifiedKey own = own(config, generated, hosts);
    SslContextBuilder builder =
        SslContextBuilder.forServer(own.key(), own.chain())
            .sslProvider(SslProvider.JDK)
            .applicationProtocolConfig(PROTOCOLS)
            .protocols(versions(config));
    if (!config.cipherSuites().isEmpty()) {
      builder.ciphers(knownSuites(config.cipherSuites()));
    }
    if (config.clientAuth() || config.trustedCa().isPresent()) {
      builder.clientAuth(ClientAuth.REQUIRE).trustManager(trust(config));
    }
    return Optional.of(builder.build());
  }

  static CertifiedKey own(TlsConfig config, Path generated, List<String> hosts) throws IOException {
    return config.certificate().isPresent()
        ? given(config)
        : SelfSigned.in(generated, hosts, config.validityYears());
  }

  /** A private key and its certificate, followed by those that vouch for it. */
  record CertifiedKey(PrivateKey key, List<X509Certificate> chain) {
    CertifiedKey {
      chain = List.copyOf(chain);
    }
  }

  private static CertifiedKey given(TlsConfig config) throws IOException {
    Path certificate = config.certificate().orElseThrow();
    Path key =
        config
            .key()
            .orElseThrow(
                () ->
                    new LodestoneException(
                        "--cert-file " + certificate + " has no key",
                        "name its key with --key-file"));
    return new CertifiedKey(Pem.key(key), Pem.certificates(certificate));
  }

  private static List<String> versions(TlsConfig config) {
    String newest = config.maxVersion().orElse(VERSIONS.get(VERSIONS.size() - 1));
    return VERSIONS.stream()
        .filter(version -> version.compareTo(config.minVersion()) >= 0)
        .filter(version -> version.compareTo(newest) <= 0)
        .toList();
  }

  private static List<String> knownSuites(List<String> asked) {
    List<String> known = supportedSuites();
    for (String suite : asked) {
      if (!known.contains(suite)) {
        throw new LodestoneException(
            "unexpected TLS cipher suite \"" + suite + "\"",
            "--cipher-suites takes names such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
      }
    }
    return asked;
  }

  private static List<String> supportedSuites() {
    try {
      return List.of(SSLContext.getDefault().getSupportedSSLParameters().getCipherSuites());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has TLS", e);
    }
  }

  static ClientTrust trust(TlsConfig config) throws IOException {
    Optional<X509CRL> revoked =
        config.revoked().isPresent()
            ? Optional.of(Pem.revocations(config.revoked().get()))
            : Optional.empty();
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(authorities(config));
      X509ExtendedTrustManager manager =
          Arrays.stream(factory.getTrustManagers())
              .filter(X509ExtendedTrustManager.class::isInstance)
              .map(X509ExtendedTrustManager.class::cast)
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("no X.509 trust manager"));
      return new ClientTrust(manager, revoked, config.allowedNames(), config.allowedCommonNames());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot make a trust manager", e);
    }
  }

  /** The platform's own where none are named, as in Go. */
  private static KeyStore authorities(TlsConfig config)
      throws IOException, GeneralSecurityException {
    if (config.trustedCa().isEmpty()) {
      return null;
    }
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int count = 0;
    for (X509Certificate authority : Pem.certificates(config.trustedCa().get())) {
      store.setCertificateEntry("ca-" + count++, authority);
    }
    return store;
  }
}
