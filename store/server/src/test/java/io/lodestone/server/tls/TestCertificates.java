package io.lodestone.server.tls;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import javax.security.auth.x500.X500Principal;
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

/** A certificate authority of a test, and the PEM files of those it vouches for. */
final class TestCertificates {
  private static final AtomicLong SERIAL = new AtomicLong(1);

  private final Path folder;
  private final X500Name name;
  private final KeyPair keys;
  private final Path caFile;

  private TestCertificates(Path folder, X500Name name, KeyPair keys, Path caFile) {
    this.folder = folder;
    this.name = name;
    this.keys = keys;
    this.caFile = caFile;
  }

  /** A certificate, its key, and its number. */
  record Identity(Path certificate, Path key, BigInteger serial) {}

  static TestCertificates authority(Path folder, String commonName)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    X500Name name = new X500Name("CN=" + commonName);
    KeyPair keys = newKeys();
    X509v3CertificateBuilder builder = builder(name, name, keys);
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
    Path file = write(folder.resolve(commonName + ".crt"), builder.build(signer(keys)));
    return new TestCertificates(folder, name, keys, file);
  }

  Path caFile() {
    return caFile;
  }

  /** A certificate for 127.0.0.1. */
  Identity issue(String commonName)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    KeyPair subject = newKeys();
    X509v3CertificateBuilder builder = builder(name, new X500Name("CN=" + commonName), subject);
    GeneralName[] names = {
      new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
      new GeneralName(GeneralName.dNSName, commonName + ".test")
    };
    builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
    X509CertificateHolder certificate = builder.build(signer(keys));
    return new Identity(
        write(folder.resolve(commonName + ".crt"), certificate),
        write(
            folder.resolve(commonName + ".key"), new JcaPKCS8Generator(subject.getPrivate(), null)),
        certificate.getSerialNumber());
  }

  /** A list of revoked certificates with this one on it. */
  Path revoke(Identity identity) throws IOException, OperatorCreationException {
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

  private static KeyPair newKeys() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
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
