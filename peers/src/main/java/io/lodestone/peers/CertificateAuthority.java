package io.lodestone.peers;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;

/**
 * A certificate authority, and the PEM files of those it vouches for. Everything is valid for a
 * day. Thread-safe.
 */
public final class CertificateAuthority {
  private static final AtomicLong SERIAL = new AtomicLong(1);

  private final Path folder;
  private final X500Name name;
  private final KeyPair keys;
  private final Path caFile;

  private CertificateAuthority(Path folder, X500Name name, KeyPair keys, Path caFile) {
    this.folder = folder;
    this.name = name;
    this.keys = keys;
    this.caFile = caFile;
  }

  /**
   * Who is vouched for.
   *
   * @param serial the certificate's number
   */
  public record Identity(Path certificate, Path key, BigInteger serial) {}

  /** Writes its certificate, and all those it issues, to {@code folder}. */
  public static CertificateAuthority named(String commonName, Path folder)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    X500Name name = new X500Name("CN=" + commonName);
    KeyPair keys = newKeys("EC");
    X509v3CertificateBuilder builder = builder(name, name, keys);
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
    Path file = write(folder.resolve(commonName + ".crt"), builder.build(signer(keys)));
    return new CertificateAuthority(folder, name, keys, file);
  }

  public Path caFile() {
    return caFile;
  }

  /** A certificate for 127.0.0.1 and an EC key as SEC1. */
  public Identity issueEc(String commonName)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    return issue(commonName, newKeys("EC"), CertificateAuthority::sec1);
  }

  /** As openssl writes it, with the curve, which the library's own writer leaves out. */
  private static PemObject sec1(PrivateKey key) throws IOException {
    ECPrivateKey plain = (ECPrivateKey) key;
    return new PemObject(
        "EC PRIVATE KEY",
        new org.bouncycastle.asn1.sec.ECPrivateKey(
                256, plain.getS(), SECObjectIdentifiers.secp256r1)
            .getEncoded());
  }

  /** The same with an RSA key as PKCS#1. */
  public Identity issueRsa(String commonName)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    return issue(commonName, newKeys("RSA"), key -> key);
  }

  /** The same with an EC key as PKCS#8. */
  public Identity issuePkcs8(String commonName)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    return issue(commonName, newKeys("EC"), key -> new JcaPKCS8Generator(key, null));
  }

  private interface KeyForm {
    Object of(PrivateKey key) throws IOException;
  }

  private Identity issue(String commonName, KeyPair subject, KeyForm form)
      throws IOException, OperatorCreationException {
    X509v3CertificateBuilder builder = builder(name, new X500Name("CN=" + commonName), subject);
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(
            new GeneralName[] {
              new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
              new GeneralName(GeneralName.dNSName, commonName + ".test")
            }));
    X509CertificateHolder certificate = builder.build(signer(keys));
    return new Identity(
        write(folder.resolve(commonName + ".crt"), certificate),
        write(folder.resolve(commonName + ".key"), form.of(subject.getPrivate())),
        certificate.getSerialNumber());
  }

  /** A list of revoked certificates with this one on it. */
  public Path revoke(Identity identity) throws IOException, OperatorCreationException {
    JcaX509v2CRLBuilder builder =
        new JcaX509v2CRLBuilder(new X500Principal(name.toString()), Date.from(Instant.now()));
    builder.addCRLEntry(identity.serial(), Date.from(Instant.now()), CRLReason.keyCompromise);
    return write(folder.resolve("revoked.crl"), builder.build(signer(keys)));
  }

  private static X509v3CertificateBuilder builder(X500Name issuer, X500Name subject, KeyPair keys) {
    Instant now = Instant.now();
    return new JcaX509v3CertificateBuilder(
        issuer,
        BigInteger.valueOf(SERIAL.getAndIncrement()),
        Date.from(now.minus(Duration.ofHours(1))),
        Date.from(now.plus(Duration.ofDays(1))),
        subject,
        keys.getPublic());
  }

  private static ContentSigner signer(KeyPair keys) throws OperatorCreationException {
    return new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
  }

  private static KeyPair newKeys(String algorithm) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    generator.initialize(algorithm.equals("EC") ? 256 : 2048);
    return generator.generateKeyPair();
  }

  private static Path write(Path file, Object object) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    }
    return Files.writeString(file, text.toString());
  }
}
