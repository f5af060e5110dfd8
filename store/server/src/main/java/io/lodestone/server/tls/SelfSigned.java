package io.lodestone.server.tls;

import io.lodestone.server.tls.ServerTls.CertifiedKey;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate that vouches for itself ({@code --auto-tls}): it encrypts, and proves nothing. Made
 * once and kept, so that clients that remember it are not surprised by a restart. Stateless.
 */
final class SelfSigned {
  private static final int SERIAL_BITS = 127;

  private SelfSigned() {}

  /** Reads {@code cert.pem} and {@code key.pem} of {@code directory}, or makes them. */
  static CertifiedKey in(Path directory, List<String> hosts, int years) throws IOException {
    Path certificate = directory.resolve("cert.pem");
    Path key = directory.resolve("key.pem");
    if (!Files.exists(certificate) || !Files.exists(key)) {
      Files.createDirectories(directory);
      write(certificate, key, hosts, years);
    }
    return new CertifiedKey(Pem.key(key), Pem.certificates(certificate));
  }

  private static void write(Path certificate, Path key, List<String> hosts, int years)
      throws IOException {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      Files.deleteIfExists(key);
      Files.createFile(
          key, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(key, pem(new JcaPKCS8Generator(pair.getPrivate(), null)));
      Files.writeString(certificate, pem(certificate(pair, hosts, years)));
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException("cannot make a certificate", e);
    }
  }

  private static X509CertificateHolder certificate(KeyPair pair, List<String> hosts, int years)
      throws IOException, OperatorCreationException {
    Instant now = Instant.now();
    X500Name name = new X500Name("O=lodestone");
    GeneralName[] names =
        hosts.stream().map(SelfSigned::alternativeName).toArray(GeneralName[]::new);
    return new JcaX509v3CertificateBuilder(
            name,
            new BigInteger(SERIAL_BITS, new SecureRandom()),
            Date.from(now),
            Date.from(now.atOffset(ZoneOffset.UTC).plusYears(years).toInstant()),
            name,
            pair.getPublic())
        .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names))
        .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()));
  }

  private static GeneralName alternativeName(String host) {
    boolean address = host.matches("[0-9.]+|.*:.*");
    return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, host);
  }

  private static String pem(Object item) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(item);
    }
    return text.toString();
  }
}
