package io.lodestone.cli;

import io.lodestone.client.ClientOptions;
import io.lodestone.client.TlsOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * How to reach the cluster that a source is moved to or compared with. It has the source's users,
 * and is reached as the source is where nothing else is said.
 */
final class DestinationOptions {
  @Option(
      names = "--to-endpoints",
      required = true,
      split = ",",
      paramLabel = "HOST:PORT",
      description = "client addresses of every member of the destination, by commas")
  private List<String> endpoints = List.of();

  @Option(
      names = "--to-cacert",
      paramLabel = "FILE",
      description = "its CA; default: the source's --cacert")
  private Optional<Path> caFile = Optional.empty();

  @Option(
      names = "--to-cert",
      paramLabel = "FILE",
      description = "our client certificate there; default: --cert")
  private Optional<Path> certificateFile = Optional.empty();

  @Option(names = "--to-key", paramLabel = "FILE", description = "its private key; default: --key")
  private Optional<Path> keyFile = Optional.empty();

  ClientOptions toClientOptions(ClusterOptions source) throws IOException {
    ClientOptions options = source.toClientOptions(endpoints);
    TlsOptions tls = options.tls();
    return options.withTls(
        new TlsOptions(
            caFile.or(tls::caFile),
            certificateFile.or(tls::certificateFile),
            keyFile.or(tls::keyFile),
            tls.serverName(),
            tls.insecureSkipVerify()));
  }
}
