package io.lodestone.client;

import io.lodestone.api.LodestoneException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How {@code https} endpoints are trusted and how they know us. All files are PEM. Immutable.
 *
 * @param caFile the certificates that may have signed the servers'; empty for those of the JDK
 * @param certificateFile our certificate, then those that lead to its CA
 * @param keyFile its private key: PKCS#8, PKCS#1 or SEC1, not encrypted
 * @param serverName the name to look for in the servers' certificates, where it is not the
 *     endpoint's
 * @param insecureSkipVerify accepts any certificate of any server: whoever answers gets our
 *     password
 */
public record TlsOptions(
    Optional<Path> caFile,
    Optional<Path> certificateFile,
    Optional<Path> keyFile,
    Optional<String> serverName,
    boolean insecureSkipVerify) {

  public TlsOptions {
    if (certificateFile.isPresent() != keyFile.isPresent()) {
      throw new LodestoneException(
          "a client certificate needs both its certificate file and its key file",
          "give both files, or neither");
    }
  }

  /** Trusts the CAs that the JDK trusts. */
  public static TlsOptions ofPlatform() {
    return new TlsOptions(
        Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), false);
  }

  /** Trusts servers whose certificate leads to one in {@code caFile}. */
  public static TlsOptions trusting(Path caFile) {
    return new TlsOptions(
        Optional.of(caFile), Optional.empty(), Optional.empty(), Optional.empty(), false);
  }

  /** The same, and shows servers a certificate of our own. */
  public TlsOptions withClientCertificate(Path certificate, Path key) {
    return new TlsOptions(
        caFile, Optional.of(certificate), Optional.of(key), serverName, insecureSkipVerify);
  }

  public TlsOptions withServerName(String name) {
    return new TlsOptions(caFile, certificateFile, keyFile, Optional.of(name), insecureSkipVerify);
  }

  public TlsOptions withoutVerification() {
    return new TlsOptions(caFile, certificateFile, keyFile, serverName, true);
  }
}
