package io.lodestone.server;

import io.lodestone.api.LodestoneException;
import io.lodestone.raft.PeerTls;
import io.lodestone.server.config.StoreConfig;
import io.lodestone.server.tls.PeerCertificates;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Where other members are listened to. Immutable.
 *
 * @param host an address
 */
record PeerListener(String host, int port, Optional<PeerTls> tls) {
  /** Fails with a hint where the flags ask for what members cannot do here. */
  static PeerListener of(StoreConfig config) throws IOException {
    if (config.peerUrls().size() != 1) {
      throw new LodestoneException(
          "--listen-peer-urls names " + config.peerUrls(),
          "members listen at one address: name one, 0.0.0.0 for all of this machine");
    }
    URI url = config.peerUrls().get(0);
    if (url.getHost() == null) {
      throw new LodestoneException(
          "members cannot be listened to at " + url, "use http://<address>:<port>, or https");
    }
    String host = url.getHost().replaceAll("[\\[\\]]", "");
    return new PeerListener(
        host.equals("localhost") ? "127.0.0.1" : host,
        url.getPort(),
        url.getScheme().equals("https") ? Optional.of(tls(config, host)) : Optional.empty());
  }

  private static PeerTls tls(StoreConfig config, String host) throws IOException {
    if (!config.peerTls().enabled()) {
      throw new LodestoneException(
          "--listen-peer-urls is https, without a certificate to show",
          "give --peer-cert-file and --peer-key-file, or --peer-auto-tls");
    }
    PeerCertificates certificates =
        PeerCertificates.of(
            config.peerTls(), config.dataDir().resolve("fixtures").resolve("peer"), List.of(host));
    return new PeerTls(
        certificates.keys(),
        certificates.trust(),
        config.peerTls().clientAuth() || config.peerTls().trustedCa().isPresent());
  }
}
