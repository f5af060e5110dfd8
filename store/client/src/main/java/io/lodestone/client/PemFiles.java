package io.lodestone.client;

import io.lodestone.api.LodestoneException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/** Reads certificates and private keys from PEM files, in every form that openssl writes. */
final class PemFiles {
  private static final String KEY_HINT =
      "give an unencrypted PEM key: PKCS#8, PKCS#1 or SEC1; 'openssl pkey -in old -out new' makes"
          + " one";

  private PemFiles() {}

  static X509Certificate[] certificates(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      X509Certificate[] found =
          CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
              .map(X509Certificate.class::cast)
              .toArray(X509Certificate[]::new);
      if (found.length == 0) {
        throw new CertificateException("the file is empty");
      }
      return found;
    } catch (IOException | CertificateException e) {
      throw new LodestoneException(
          "certificate file " + file + " cannot be read: " + e.getMessage(),
          "give a readable PEM file with at least one certificate",
          e);
    }
  }

  /** The first private key of the file; parts in front of it, as EC parameters, are skipped. */
  static PrivateKey privateKey(Path file) {
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.US_ASCII);
        PEMParser parser = new PEMParser(reader)) {
      for (Object part = parser.readObject(); part != null; part = parser.readObject()) {
        if (part instanceof PEMKeyPair pair) {
          return converted(pair.getPrivateKeyInfo());
        }
        if (part instanceof PrivateKeyInfo key) {
          return converted(key);
        }
      }
    } catch (IOException e) {
      throw new LodestoneException(
          "key file " + file + " cannot be read: " + e.getMessage(), KEY_HINT, e);
    }
    throw new LodestoneException("key file " + file + " holds no plain private key", KEY_HINT);
  }

  private static PrivateKey converted(PrivateKeyInfo key) throws PEMException {
    return new JcaPEMKeyConverter().getPrivateKey(key);
  }
}
