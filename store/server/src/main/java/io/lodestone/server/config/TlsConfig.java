package io.lodestone.server.config;

import io.lodestone.settings.InvalidConfigException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How one side of the server proves itself and whom it believes. Immutable.
 *
 * @param certificate PEM, with its chain; empty without TLS or with a generated one
 * @param key PEM
 * @param trustedCa PEM; who may sign the other side's certificates
 * @param clientAuth the other side must show a certificate that {@code trustedCa} has signed
 * @param revoked a CRL, PEM or DER
 * @param allowedNames SAN host names that the other side's certificate must have one of; empty for
 *     any
 * @param allowedCommonNames the same for its common name
 * @param automatic a certificate of our own making, good for {@code validityYears}
 */
public record TlsConfig(
    Optional<Path> certificate,
    Optional<Path> key,
    Optional<Path> trustedCa,
    boolean clientAuth,
    Optional<Path> revoked,
    List<String> allowedNames,
    List<String> allowedCommonNames,
    boolean automatic,
    int validityYears,
    List<String> cipherSuites,
    String minVersion,
    Optional<String> maxVersion) {
  public TlsConfig {
    allowedNames = List.copyOf(allowedNames);
    allowedCommonNames = List.copyOf(allowedCommonNames);
    cipherSuites = List.copyOf(cipherSuites);
  }

  public boolean enabled() {
    return automatic || certificate.isPresent();
  }

  static TlsConfig ofClients(FlagValues values) {
    return new TlsConfig(
        file(values, Flags.CERT_FILE),
        file(values, Flags.KEY_FILE),
        file(values, Flags.TRUSTED_CA_FILE),
        values.on(Flags.CLIENT_CERT_AUTH),
        file(values, Flags.CLIENT_CRL_FILE),
        values.list(Flags.CLIENT_CERT_ALLOWED_HOSTNAME),
        List.of(),
        values.on(Flags.AUTO_TLS),
        years(values),
        values.list(Flags.CIPHER_SUITES),
        version(values, Flags.TLS_MIN_VERSION).orElse("TLSv1.2"),
        version(values, Flags.TLS_MAX_VERSION));
  }

  static TlsConfig ofPeers(FlagValues values) {
    return new TlsConfig(
        file(values, Flags.PEER_CERT_FILE),
        file(values, Flags.PEER_KEY_FILE),
        file(values, Flags.PEER_TRUSTED_CA_FILE),
        values.on(Flags.PEER_CLIENT_CERT_AUTH),
        file(values, Flags.PEER_CRL_FILE),
        values.list(Flags.PEER_CERT_ALLOWED_HOSTNAME),
        values.list(Flags.PEER_CERT_ALLOWED_CN),
        values.on(Flags.PEER_AUTO_TLS),
        years(values),
        values.list(Flags.CIPHER_SUITES),
        version(values, Flags.TLS_MIN_VERSION).orElse("TLSv1.2"),
        version(values, Flags.TLS_MAX_VERSION));
  }

  private static Optional<Path> file(FlagValues values, Flag flag) {
    return values.optional(flag).map(Path::of);
  }

  private static int years(FlagValues values) {
    long years = values.number(Flags.SELF_SIGNED_CERT_VALIDITY);
    if (years <= 0 || years > 100) {
      throw new InvalidConfigException(
          "--self-signed-cert-validity is " + years + " years", "use 1 to 100");
    }
    return (int) years;
  }

  /** The JDK's name of a version. */
  private static Optional<String> version(FlagValues values, Flag flag) {
    Optional<String> version = values.optional(flag);
    version.ifPresent(
        text -> {
          if (!text.equals("TLS1.2") && !text.equals("TLS1.3")) {
            throw new InvalidConfigException(
                "unexpected TLS version \"" + text + "\" (must be one of: TLS1.2, TLS1.3)",
                "change --" + flag.name());
          }
        });
    return version.map(text -> text.replace("TLS", "TLSv"));
  }
}
