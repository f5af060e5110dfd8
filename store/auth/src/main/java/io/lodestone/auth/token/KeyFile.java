package io.lodestone.auth.token;

import io.lodestone.api.LodestoneException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.PublicKey;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/** A file with a key to sign or to verify tokens with. Immutable. */
record KeyFile(Path path) {

  byte[] bytes() {
    try {
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw new LodestoneException(
          "the token key " + path + " cannot be read: " + e.getMessage(),
          "name a readable file in --auth-token",
          e);
    }
  }

  /** From a PEM block in PKCS 8, PKCS 1 or SEC 1. */
  PrivateKey privateKey() {
    Object found = firstKey();
    try {
      if (found instanceof PEMKeyPair pair) {
        return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
      }
      if (found instanceof PrivateKeyInfo info) {
        return new JcaPEMKeyConverter().getPrivateKey(info);
      }
    } catch (PEMException e) {
      throw notAKey("private", e);
    }
    throw notAKey("private", null);
  }

  /** From a PEM block with a public key or a certificate. */
  PublicKey publicKey() {
    Object found = firstKey();
    try {
      if (found instanceof SubjectPublicKeyInfo info) {
        return new JcaPEMKeyConverter().getPublicKey(info);
      }
      if (found instanceof X509CertificateHolder certificate) {
        return new JcaPEMKeyConverter().getPublicKey(certificate.getSubjectPublicKeyInfo());
      }
    } catch (PEMException e) {
      throw notAKey("public", e);
    }
    throw notAKey("public", null);
  }

  /** The first block that is not a mere list of parameters, which openssl writes before EC keys. */
  private Object firstKey() {
    String pem = new String(bytes(), StandardCharsets.ISO_8859_1);
    try (PEMParser parser = new PEMParser(new StringReader(pem))) {
      Object block = parser.readObject();
      while (block instanceof org.bouncycastle.asn1.ASN1ObjectIdentifier
          || block instanceof org.bouncycastle.asn1.x9.X9ECParameters) {
        block = parser.readObject();
      }
      return block == null ? "nothing" : block;
    } catch (IOException e) {
      throw notAKey("token", e);
    }
  }

  private LodestoneException notAKey(String kind, IOException cause) {
    return new LodestoneException(
        path + " holds no " + kind + " key that can be used",
        "give a PEM file with an unencrypted key that fits the sign-method",
        cause);
  }
}
