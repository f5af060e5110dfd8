package io.lodestone.replica.peer;

import java.security.GeneralSecurityException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * How members prove to each other who they are. Immutable.
 *
 * @param clientCertificates whether members that connect must show a certificate as well
 */
public record PeerTls(SSLContext context, boolean clientCertificates) {

  public static PeerTls of(
      X509ExtendedKeyManager keys, X509ExtendedTrustManager trust, boolean clientCertificates) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {keys}, new TrustManager[] {trust}, null);
      return new PeerTls(context, clientCertificates);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has TLS", e);
    }
  }
}
