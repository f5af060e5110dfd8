package io.lodestone.server.tls;

import io.lodestone.api.LodestoneException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/** Certificates, keys and revocation lists of files. Stateless. */
final class Pem {
  private Pem() {}

  static List<X509Certificate> certificates(Path file) throws IOException {
    try {
      List<X509Certificate> all =
          factory()
              .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (all.isEmpty()) {
        throw unreadable(file, "a certificate", null);
      }
      return all;
    } catch (CertificateException e) {
      throw unreadable(file, "a certificate", e);
    }
  }

  /** PKCS#8, PKCS#1 or SEC1, without a password. */
  static PrivateKey key(Path file) throws IOException {
    try (Reader text = Files.newBufferedReader(file);
        PEMParser parser = new PEMParser(text)) {
      JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
      for (Object item = parser.readObject(); item != null; item = parser.readObject()) {
        if (item instanceof PEMKeyPair pair) {
          return converter.getPrivateKey(pair.getPrivateKeyInfo());
        }
        if (item instanceof PrivateKeyInfo info) {
          return converter.getPrivateKey(info);
        }
      }
      throw unreadable(file, "a private key", null);
    } catch (PEMException e) {
      throw unreadable(file, "a private key", e);
    }
  }

  /** PEM or DER. */
  static X509CRL revocations(Path file) throws IOException {
    try {
      return (X509CRL) factory().generateCRL(new ByteArrayInputStream(Files.readAllBytes(file)));
    } catch (CRLException | CertificateException e) {
      throw unreadable(file, "a list of revoked certificates", e);
    }
  }

  private static CertificateFactory factory() throws CertificateException {
    return CertificateFactory.getInstance("X.509");
  }

  private static LodestoneException unreadable(Path file, String what, Exception cause) {
    return new LodestoneException(
        file + " does not hold " + what, "give a PEM file without a password", cause);
  }
}
