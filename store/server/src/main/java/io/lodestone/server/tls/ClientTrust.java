package io.lodestone.server.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Believes clients whose certificate the trusted authorities have signed, unless it is on the list
 * of revoked ones or names none of the host names asked for. Thread-safe.
 */
final class ClientTrust extends X509ExtendedTrustManager {
  private static final int DNS_NAME = 2;

  private final X509ExtendedTrustManager authorities;
  private final Optional<X509CRL> revoked;
  private final List<String> allowedNames;
  private final List<String> allowedCommonNames;

  ClientTrust(
      X509ExtendedTrustManager authorities,
      Optional<X509CRL> revoked,
      List<String> allowedNames,
      List<String> allowedCommonNames) {
    this.authorities = authorities;
    this.revoked = revoked;
    this.allowedNames = List.copyOf(allowedNames);
    this.allowedCommonNames = List.copyOf(allowedCommonNames);
  }

  private void check(X509Certificate[] chain) throws CertificateException {
    for (X509Certificate certificate : chain) {
      if (revoked.isPresent()
          && revoked.get().getRevokedCertificate(certificate.getSerialNumber()) != null) {
        throw new CertificateException(
            "certificate " + certificate.getSerialNumber().toString(16) + " is revoked");
      }
    }
    if (!allowedNames.isEmpty() && allowedNames.stream().noneMatch(name -> names(chain[0], name))) {
      throw new CertificateException("the client's certificate names none of " + allowedNames);
    }
    if (!allowedCommonNames.isEmpty() && !allowedCommonNames.contains(commonName(chain[0]))) {
      throw new CertificateException(
          "the common name of the client's certificate is none of " + allowedCommonNames);
    }
  }

  /** Empty where there is none. */
  private static String commonName(X509Certificate certificate) {
    try {
      return new LdapName(certificate.getSubjectX500Principal().getName())
          .getRdns().stream()
              .filter(rdn -> rdn.getType().equalsIgnoreCase("CN"))
              .map(rdn -> String.valueOf(rdn.getValue()))
              .findFirst()
              .orElse("");
    } catch (InvalidNameException e) {
      // A name that cannot be read is not the one asked for.
      return "";
    }
  }

  private static boolean names(X509Certificate certificate, String host) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names != null
          && names.stream()
              .filter(name -> name.get(0).equals(DNS_NAME))
              .anyMatch(name -> matches(String.valueOf(name.get(1)), host));
    } catch (CertificateParsingException e) {
      // A name that cannot be read is not the one asked for.
      return false;
    }
  }

  /** A pattern may begin with {@code *.}, which stands for one label. */
  private static boolean matches(String pattern, String host) {
    int dot = host.indexOf('.');
    return pattern.equalsIgnoreCase(host)
        || (pattern.startsWith("*.")
            && dot > 0
            && pattern.substring(1).equalsIgnoreCase(host.substring(dot)));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    authorities.checkClientTrusted(chain, type, engine);
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    authorities.checkClientTrusted(chain, type, socket);
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    authorities.checkClientTrusted(chain, type);
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    authorities.checkServerTrusted(chain, type, engine);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    authorities.checkServerTrusted(chain, type, socket);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    authorities.checkServerTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return authorities.getAcceptedIssuers();
  }
}
