package io.lodestone.cli;

import io.lodestone.api.LodestoneException;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.TlsOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How to reach a cluster, under the names that etcdctl uses. */
final class ClusterOptions {
  @Option(
      names = "--endpoints",
      split = ",",
      defaultValue = "127.0.0.1:2379",
      paramLabel = "HOST:PORT",
      description = "client addresses of the cluster's members, by commas; default: 127.0.0.1:2379")
  private List<String> endpoints = List.of();

  @Option(
      names = "--cacert",
      paramLabel = "FILE",
      description = "PEM file with the CA that signed the servers' certificates")
  private Optional<Path> caFile = Optional.empty();

  @Option(
      names = "--cert",
      paramLabel = "FILE",
      description = "PEM file with our client certificate")
  private Optional<Path> certificateFile = Optional.empty();

  @Option(names = "--key", paramLabel = "FILE", description = "PEM file with its private key")
  private Optional<Path> keyFile = Optional.empty();

  @Option(
      names = "--tls-server-name",
      paramLabel = "NAME",
      description = "the name to expect in the servers' certificates")
  private Optional<String> serverName = Optional.empty();

  @Option(
      names = "--insecure-skip-tls-verify",
      description =
          "accept any server certificate: whoever answers gets our password and sends us data")
  private boolean skipVerification;

  @Option(
      names = "--user",
      paramLabel = "USER",
      description = "user to log in as; backups and replicas need root where auth is on")
  private Optional<String> user = Optional.empty();

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description = "file whose first line is the password; otherwise LODESTONE_PASSWORD is read")
  private Optional<Path> passwordFile = Optional.empty();

  @Option(
      names = "--command-timeout",
      paramLabel = "SECONDS",
      defaultValue = "5",
      description = "how long a member may take to answer one call; default: 5")
  private int timeoutSeconds = 5;

  ClientOptions toClientOptions() throws IOException {
    return toClientOptions(endpoints);
  }

  /** The same TLS, user and timeouts, for servers elsewhere. */
  ClientOptions toClientOptions(List<String> elsewhere) throws IOException {
    TlsOptions tls = new TlsOptions(caFile, certificateFile, keyFile, serverName, skipVerification);
    Duration timeout = Duration.ofSeconds(timeoutSeconds);
    ClientOptions options =
        ClientOptions.of(elsewhere.toArray(String[]::new))
            .withTls(tls)
            .withTimeouts(timeout, timeout);
    return user.isPresent() ? options.withUser(user.get(), password()) : options;
  }

  private String password() throws IOException {
    if (passwordFile.isPresent()) {
      return Files.readAllLines(passwordFile.get()).stream()
          .findFirst()
          .orElseThrow(
              () ->
                  new LodestoneException(
                      passwordFile.get() + " is empty", "write the password into its first line"));
    }
    return Optional.ofNullable(System.getenv("LODESTONE_PASSWORD"))
        .orElseThrow(
            () ->
                new LodestoneException(
                    "user " + user.orElseThrow() + " needs a password",
                    "give --password-file, or set LODESTONE_PASSWORD"));
  }
}
