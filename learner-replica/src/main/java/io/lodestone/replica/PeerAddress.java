package io.lodestone.replica;

import io.lodestone.api.LodestoneException;
import io.lodestone.replica.peer.PeerTls;
import io.lodestone.server.config.StoreConfig;
import io.lodestone.server.tls.PeerCertificates;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Where a learner listens to other members. Immutable.
 *
 * @param secured whether it listens by TLS
 * @param tls what to show to others and whom to believe; without it, plain HTTP only
 */
record PeerAddress(InetSocketAddress socket, boolean secured, Optional<PeerTls> tls) {

  /** Fails with a hint where the flags do not tell one place to listen at. */
  static PeerAddress of(StoreConfig config) throws IOException {
    if (config.peerUrls().size() != 1 || config.peerUrls().get(0).getHost() == null) {
      throw new LodestoneException(
          "a learner cannot listen at " + config.peerUrls(),
          "name one address with --listen-peer-urls: http://<address>:<port>, or https");
    }
    URI url = config.peerUrls().get(0);
    String host = url.getHost().replaceAll("[\\[\\]]", "");
    boolean secured = url.getScheme().equals("https");
    if (secured && !config.peerTls().enabled()) {
      throw new LodestoneException(
          "--listen-peer-urls is https, without a certificate to show",
          "give --peer-cert-file and --peer-key-file, or --peer-auto-tls");
    }
    return new PeerAddress(
        new InetSocketAddress(host, url.getPort()),
        secured,
        config.peerTls().enabled() ? Optional.of(tls(config, host)) : Optional.empty());
  }

  private static PeerTls tls(StoreConfig config, String host) throws IOException {
    PeerCertificates certificates =
        PeerCertificates.of(
            config.peerTls(), config.dataDir().resolve("fixtures").resolve("peer"), List.of(host));
    return PeerTls.of(
        certificates.keys(),
        certificates.trust(),
        config.peerTls().clientAuth() || config.peerTls().trustedCa().isPresent());
  }

  /** What the port is to be secured with. */
  Optional<PeerTls> ofPort() {
    return secured ? tls : Optional.empty();
  }
}
